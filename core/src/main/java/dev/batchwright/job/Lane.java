package dev.batchwright.job;

/** How the items of a shard travel. */
public enum Lane {
    /** Not decided yet: whoever claims such a shard cuts its items into shards of the two lanes. */
    OPEN,
    /** Calls made now, one by one. */
    LIVE,
    /** The provider's batch API: about half the price, up to a day. */
    BATCH
}
