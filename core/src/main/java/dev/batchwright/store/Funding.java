package dev.batchwright.store;

import dev.batchwright.job.Cost;

/** What became of an attempt to set money aside. */
public sealed interface Funding {
    /** It is set aside, durably: this much, which may be more than was needed. */
    record Granted(Cost amount) implements Funding {}

    /**
     * There is not as much left.
     *
     * @param limit which cap is in the way
     * @param left what could be set aside now; below zero where a cap was lowered
     * @param calls whether others have set money aside for calls, and may give some of it back
     * @param batches whether money is set aside for batches that are under way
     */
    record Lacking(Limit limit, Cost left, boolean calls, boolean batches) implements Funding {}

    /** What holds spending down. */
    enum Limit {
        /** The job's own cap. */
        JOB,
        /** That of the job's owner. */
        ACCOUNT
    }
}
