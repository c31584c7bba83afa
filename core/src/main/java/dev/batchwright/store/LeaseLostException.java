package dev.batchwright.store;

import dev.batchwright.job.Lease;

/** A worker wrote under a lease that it no longer holds. */
public final class LeaseLostException extends RuntimeException {
    public LeaseLostException(Lease lease) {
        super(
                """
                Worker %s no longer owns shard %d (epoch %d): its lease ran out, and the new owner \
                sends what was left of it. This outcome was not stored.\
                """
                        .formatted(lease.owner(), lease.shard().id(), lease.epoch()));
    }
}
