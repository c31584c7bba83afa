package dev.batchwright.server.batches;

import dev.batchwright.store.HostedBatch;

import java.time.Duration;

/**
 * What the Batch API takes, and how it writes results where the client says nothing.
 *
 * @param mostRequests of a batch
 * @param mostMessageBytes of the body that creates one of Anthropic's batches
 * @param mostMessageRequests of such a batch
 * @param layout of results
 * @param filesKept how long batch input and results stay, where the client says nothing
 * @param uploads at once; more are asked to come again
 */
public record BatchSettings(
        long mostRequests,
        long mostMessageBytes,
        long mostMessageRequests,
        HostedBatch.Layout layout,
        Duration filesKept,
        int uploads) {
    /** As at the providers. */
    public static final BatchSettings STANDARD =
            new BatchSettings(
                    50_000, 256L << 20, 100_000, HostedBatch.Layout.APART, Duration.ofDays(30), 64);

    /** How long the results of Anthropic's batches stay. */
    static final Duration MESSAGES_KEPT = Duration.ofDays(29);

    public BatchSettings {
        if (mostRequests < 1 || mostMessageRequests < 1) {
            throw new IllegalArgumentException("A batch takes at least 1 request.");
        }
    }

    /** The same with another layout. */
    public BatchSettings with(HostedBatch.Layout other) {
        return new BatchSettings(
                mostRequests, mostMessageBytes, mostMessageRequests, other, filesKept, uploads);
    }

    /** The same with another bound of a batch. */
    public BatchSettings holding(long requests) {
        return new BatchSettings(
                requests, mostMessageBytes, mostMessageRequests, layout, filesKept, uploads);
    }
}
