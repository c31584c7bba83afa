package dev.batchwright.engine;

import dev.batchwright.job.Request;

import java.util.Optional;

/** How requests reach their providers. Thread-safe; asked for every item, so it must be quick. */
public interface Routes {
    /** The way of a request in the live lane. */
    LiveRoute live(Request request);

    /** The way of a provider's batches; empty where it has no batch API. */
    Optional<BatchRoute> batch(String provider);
}
