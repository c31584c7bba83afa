package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.FileSlice;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A batch as it stands at one moment.
 *
 * @param strangeStatus a word to show in the place of the phase, where the provider has such words
 * @param times since when
 * @param counts rows
 * @param failures how many rows failed with each status
 * @param problems why it failed; empty unless it did
 * @param model the one that all rows ask for; "" before validation, or if they differ
 * @param promptTokens of the rows that succeeded
 * @param output the file of successes, or of everything; empty where it has none
 * @param errors the file of failures; empty where it has none
 */
public record BatchView(
        Order order,
        BatchPhase phase,
        Optional<String> strangeStatus,
        Times times,
        Counts counts,
        Map<Integer, Long> failures,
        List<Problem> problems,
        String model,
        long promptTokens,
        long completionTokens,
        Optional<StoredFile> output,
        Optional<StoredFile> errors) {

    public String id() {
        return order.id();
    }

    /**
     * When it came to where it is. What has not happened is empty.
     *
     * @param ended of every end
     */
    public record Times(
            Instant created,
            Optional<Instant> expires,
            Optional<Instant> started,
            Optional<Instant> finalizing,
            Optional<Instant> cancelling,
            Optional<Instant> ended) {
        /** When it came to this end, if it did. */
        public Optional<Instant> ended(BatchPhase actual, BatchPhase end) {
            return actual == end ? ended : Optional.empty();
        }
    }

    /**
     * Rows of each fate.
     *
     * @param total 0 before validation
     * @param cancelled never executed, because the batch was cancelled
     * @param expired never executed, because its time was over
     */
    public record Counts(long total, long succeeded, long failed, long cancelled, long expired) {
        public long open() {
            return total - succeeded - failed - cancelled - expired;
        }
    }

    /**
     * What is there of the results already, whether or not the batch has ended.
     *
     * @param rows in it
     * @param complete whether nothing will be added
     */
    public record Partial(FileSlice content, long rows, boolean complete) {}
}
