package dev.batchwright.job;

/**
 * A worker's right to a shard. The epoch grows each time the shard changes hands; what is written
 * under an older one does not count.
 */
public record Lease(Shard shard, String owner, long epoch) {}
