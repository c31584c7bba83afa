package dev.batchwright.provider;

import dev.batchwright.job.BatchTag;

import java.time.Duration;
import java.util.Map;

/**
 * A batch to be made.
 *
 * @param model of all its requests; empty where they differ
 * @param requests how many it has
 * @param window how long it may take
 * @param metadata the user's own, beside the tag; what the provider can't keep is left out
 */
public record BatchOrder(
        BatchTag tag,
        String endpoint,
        String model,
        long requests,
        Duration window,
        Map<String, String> metadata) {
    public BatchOrder {
        metadata = Map.copyOf(metadata);
    }
}
