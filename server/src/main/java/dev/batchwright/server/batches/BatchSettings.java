package dev.batchwright.server.batches;

import dev.batchwright.store.HostedBatch;

import java.time.Duration;

/**
 * What the Batch API takes, and how it writes results where the client says nothing.
 *
 * @param mostFileBytes of an upload
 * @param mostRequests of a batch
 * @param mostMessageBytes of the body that creates one of Anthropic's batches
 * @param mostMessageRequests of such a batch
 * @param layout of results
 * @param filesKept how long batch input and results stay, where the client says nothing
 * @param uploads at once; more are asked to come again
 */
public record BatchSettings(
        long mostFileBytes,
        long mostRequests,
        long mostMessageBytes,
        long mostMessageRequests,
        HostedBatch.Layout layout,
        Duration filesKept,
        int uploads) {
    /** As at the providers. */
    public static final BatchSettings STANDARD =
            new BatchSettings(
                    512L << 20,
                    50_000,
                    256L << 20,
                    100_000,
                    HostedBatch.Layout.APART,
                    Duration.ofDays(30),
                    64);

    /** How long the results of Anthropic's batches stay. */
    static final Duration MESSAGES_KEPT = Duration.ofDays(29);

    /** The same with another layout. */
    public BatchSettings with(HostedBatch.Layout other) {
        return new BatchSettings(
                mostFileBytes,
                mostRequests,
                mostMessageBytes,
                mostMessageRequests,
                other,
                filesKept,
                uploads);
    }

    /** The same with other bounds of a batch. */
    public BatchSettings holding(long requests, long fileBytes) {
        return new BatchSettings(
                fileBytes,
                requests,
                mostMessageBytes,
                mostMessageRequests,
                layout,
                filesKept,
                uploads);
    }
}
