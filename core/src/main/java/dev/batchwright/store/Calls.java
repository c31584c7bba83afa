package dev.batchwright.store;

import java.time.Instant;
import java.util.Collection;
import java.util.Map;

/**
 * Which item answers which call, so that a program that makes its calls again gets the answers that
 * were paid for. Calls are written by {@link JobDraft#answers}, in the transaction that commits
 * their job. Thread-safe.
 */
public interface Calls {
    /**
     * Those of these calls that an item answers, or will: it succeeded, or waits for its outcome in
     * a job that can go on. A call whose item failed, or can have no outcome any more, or whose
     * time is over, is forgotten instead.
     */
    Map<CallKey, CallPlace> find(Collection<CallKey> keys, Instant now);

    /** Removes calls whose time is over; returns how many. Their answers stay with their jobs. */
    int sweep(Instant now);
}
