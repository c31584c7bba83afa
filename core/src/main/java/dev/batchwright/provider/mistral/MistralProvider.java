package dev.batchwright.provider.mistral;

import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;
import dev.batchwright.provider.openai.OpenAiProvider;

import java.util.Optional;

/** Mistral: a member of OpenAI's family in the live lane, by its own words and batches. */
public final class MistralProvider implements Provider {
    private final OpenAiProvider family;
    private final BatchApi batch;

    public MistralProvider(OpenAiProvider family) {
        this.family = family;
        this.batch = new MistralBatch(family.calls());
    }

    @Override
    public String name() {
        return family.name();
    }

    @Override
    public LiveApi live() {
        LiveApi live = family.live();
        return (request, timeout) -> live.send(MistralWords.translated(request), timeout);
    }

    @Override
    public Optional<BatchApi> batch() {
        return Optional.of(batch);
    }

    @Override
    public String account() {
        return family.account();
    }

    @Override
    public Optional<String> refusal(Request request) {
        return MistralWords.refusal(request);
    }

    @Override
    public void close() {
        family.close();
    }
}
