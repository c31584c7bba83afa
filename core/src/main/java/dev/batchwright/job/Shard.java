package dev.batchwright.job;

/**
 * The items that travel together, and how often they set out: round 1 is the first time, each retry
 * of what failed is one more.
 *
 * @param id names it in the store
 * @param job that its items are of
 * @param lane how they travel
 * @param members the items, by their places
 * @param round from 1
 */
public record Shard(long id, JobId job, Lane lane, SeqRanges members, int round) {}
