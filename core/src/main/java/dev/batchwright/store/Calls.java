package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which item answers which call, so that a program that makes its calls again gets the answers that
 * were paid for. Calls are written by {@link JobDraft#answers}, in the transaction that commits
 * their job, or by {@link Gatherer#accept}. Thread-safe.
 */
public interface Calls {
    /**
     * Those of these calls that an item answers, or will: it succeeded, or waits for its outcome in
     * a job that can go on and was not dropped. A call whose item failed, or can have no outcome
     * any more, or whose time is over, is forgotten instead. The time of a gathered call counts
     * from its answer.
     */
    Map<CallKey, CallPlace> find(Collection<CallKey> keys, Instant now);

    /** The item of a call, whatever became of it; empty if the call is not known, or no more. */
    Optional<CallPlace> place(CallKey key);

    /**
     * The caller of an item gave it up: if it was not sent by then, it ends as cancelled, and an
     * equal call is a new one. Says whether nobody wants any item of its job, and none can come.
     */
    boolean drop(JobId job, long seq);

    /** Whether the caller of an item gave it up. */
    boolean isDropped(JobId job, long seq);

    /** Lets the answers of a job be given again up to this time, if it is later than before. */
    void keep(JobId job, Instant until);

    /** Removes calls whose time is over; returns how many. Their answers stay with their jobs. */
    int sweep(Instant now);

    /**
     * Jobs of gathered calls that are Active, oldest first; whether somebody works on them or not.
     */
    List<JobId> underWay();

    /**
     * Jobs of gathered calls that are over, none of whose calls is known any more: nobody can ask
     * for what they hold.
     *
     * @param before they were begun before this
     */
    List<JobId> forgotten(Instant before, int limit);
}
