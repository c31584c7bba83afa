package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;

/**
 * A shard of the batch lane as the store knows it, for people.
 *
 * @param finished items that have an outcome
 * @param failed those of them that failed
 * @param usage of what has an outcome
 * @param cost likewise
 * @param note the last word on how it goes; may be empty
 * @param settled whether nothing more will happen to it
 */
public record StoredBatch(
        long shard,
        int round,
        long items,
        long finished,
        long failed,
        BatchShard batch,
        Usage usage,
        Cost cost,
        String note,
        boolean settled) {}
