package dev.batchwright.provider.echo;

import dev.batchwright.config.ProviderConfig;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

import java.util.OptionalInt;

/** Answers with the prompt, at once and for nothing, in the shapes of OpenAI's API. */
public final class EchoProvider implements Provider {
    private static final int CALLS_AT_ONCE = 1000;

    public static final String NAME = "echo";

    private final LiveApi live;

    public EchoProvider(ProviderConfig.Echo options) {
        this.live = new EchoLive(options);
    }

    @Override
    public String name() {
        return NAME;
    }

    /** No server is behind it that a search could find the capacity of. */
    @Override
    public OptionalInt concurrency() {
        return OptionalInt.of(CALLS_AT_ONCE);
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
