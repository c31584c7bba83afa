package dev.batchwright.job;

/**
 * The items that travel together, and how often they set out: round 1 is the first time, each retry
 * of what failed is one more.
 */
public record Shard(long id, JobId job, Lane lane, SeqRanges members, int round) {}
