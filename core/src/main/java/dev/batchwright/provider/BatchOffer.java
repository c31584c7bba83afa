package dev.batchwright.provider;

import java.time.Duration;
import java.util.OptionalLong;

/** Whether a batch API takes requests of one endpoint and model. */
public sealed interface BatchOffer {
    /**
     * It does.
     *
     * @param requests the most in one batch
     * @param bytes the most in one batch's input
     * @param uploads whether the input is uploaded before the batch is created
     * @param resumable whether a result file has the same bytes each time it is downloaded
     * @param partial whether results can be read while the batch runs
     * @param enqueuedTokens the most input tokens that may wait at once for a model, where that is
     *     known and not the account's own secret
     * @param batches the most batches at once
     * @param window how long a batch may take before the provider ends it, where the user says
     *     nothing
     * @param lag for how long the provider may not show what it has created
     * @param inputs the most texts to embed in one batch, over all its requests, where that is
     *     limited
     */
    record Offered(
            int requests,
            long bytes,
            boolean uploads,
            boolean resumable,
            boolean partial,
            OptionalLong enqueuedTokens,
            int batches,
            Duration window,
            Duration lag,
            OptionalLong inputs)
            implements BatchOffer {
        /** Without a limit of texts to embed. */
        public Offered(
                int requests,
                long bytes,
                boolean uploads,
                boolean resumable,
                boolean partial,
                OptionalLong enqueuedTokens,
                int batches,
                Duration window,
                Duration lag) {
            this(
                    requests,
                    bytes,
                    uploads,
                    resumable,
                    partial,
                    enqueuedTokens,
                    batches,
                    window,
                    lag,
                    OptionalLong.empty());
        }

        /** The same, where this many tokens may wait. */
        public Offered withEnqueuedTokens(long tokens) {
            return new Offered(
                    requests,
                    bytes,
                    uploads,
                    resumable,
                    partial,
                    OptionalLong.of(tokens),
                    batches,
                    window,
                    lag,
                    inputs);
        }
    }

    /** It does not; the reason is for the user, a clause: {@code echo has no batch API}. */
    record NotOffered(String reason) implements BatchOffer {}
}
