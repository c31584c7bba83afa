package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Lane;
import dev.batchwright.job.SeqRanges;

import java.util.Optional;

/**
 * A shard to be made.
 *
 * @param batch what it is about; there exactly in the batch lane
 */
public record ShardDraft(Lane lane, SeqRanges members, int round, Optional<BatchShard> batch) {
    public ShardDraft {
        if ((lane == Lane.BATCH) != batch.isPresent()) {
            throw new IllegalArgumentException("A shard of the lane " + lane + " with " + batch);
        }
    }
}
