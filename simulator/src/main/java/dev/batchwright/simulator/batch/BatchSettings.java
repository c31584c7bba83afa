package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.fault.Latency;

import java.time.Duration;

/**
 * How batches behave. All spans are of simulated time.
 *
 * @param timeScale simulated seconds in a real one
 * @param work how long the rows of a batch take together
 * @param validation how long a batch is being validated
 * @param enqueuedTokens prompt tokens that unfinished batches may have together, for each model; 0:
 *     no limit
 * @param creationsPerHour 0: no limit
 * @param maxRequests rows of a batch; 0: as many as the provider allows
 * @param maxBytes of an input file; 0: as many as the provider allows
 * @param everyProblem whether validation reports each bad line, not just the first
 */
public record BatchSettings(
        double timeScale,
        Latency work,
        Duration validation,
        long enqueuedTokens,
        int creationsPerHour,
        long maxRequests,
        long maxBytes,
        boolean everyProblem) {
    public BatchSettings {
        if (!(timeScale > 0 && timeScale <= 1e9)) {
            throw new IllegalArgumentException(
                    "the time scale is above 0 and at most 1000000000, not " + timeScale);
        }
        if (enqueuedTokens < 0 || creationsPerHour < 0 || maxRequests < 0 || maxBytes < 0) {
            throw new IllegalArgumentException("limits of batches are at least 0 (no limit)");
        }
    }
}
