package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.util.List;
import java.util.OptionalLong;

/**
 * What waits at a provider for one account and model, over all jobs of the store.
 *
 * @param learned the most enqueued tokens that the provider was found to take
 */
public record BatchQueue(List<Share> shares, OptionalLong learned) {
    public BatchQueue {
        shares = List.copyOf(shares);
    }

    /**
     * A job's part of it.
     *
     * @param enqueuedTokens of its batches that are being created or run
     * @param batches how many those are
     * @param waiting how many more of its batches wait to be created, while somebody works on it
     */
    public record Share(JobId job, long enqueuedTokens, int batches, int waiting) {}
}
