package dev.batchwright.simulator.bill;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/**
 * A batch on the bill.
 *
 * @param name the display name, or ""
 * @param inputs the names of its input files
 * @param state in no provider's words, like {@code running}
 * @param requests in it, 0 before validation
 * @param paid requests that were executed
 */
public record BatchEntry(
        String id,
        String name,
        Map<String, String> metadata,
        List<String> inputs,
        String state,
        Instant createdAt,
        long requests,
        long paid,
        long promptTokens,
        long completionTokens) {}
