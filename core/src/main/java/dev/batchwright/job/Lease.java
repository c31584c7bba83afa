package dev.batchwright.job;

/**
 * A worker's right to a shard. The epoch grows each time the shard changes hands; what is written
 * under an older one does not count.
 *
 * @param shard the items
 * @param owner the worker that has it
 * @param epoch how often the shard changed hands
 */
public record Lease(Shard shard, String owner, long epoch) {}
