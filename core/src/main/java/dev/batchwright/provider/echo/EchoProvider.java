package dev.batchwright.provider.echo;

import dev.batchwright.config.ProviderConfig;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

/** Answers with the prompt, at once and for nothing, in the shapes of OpenAI's API. */
public final class EchoProvider implements Provider {
    public static final String NAME = "echo";

    private final LiveApi live;

    public EchoProvider(ProviderConfig.Echo options) {
        this.live = new EchoLive(options);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public LiveApi live() {
        return live;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
