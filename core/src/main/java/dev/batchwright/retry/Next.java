package dev.batchwright.retry;

import dev.batchwright.job.Outcome;

import java.time.Instant;

/** What becomes of an item after an attempt. */
public sealed interface Next {
    /** It is over: write it down. */
    record Done(Outcome outcome) implements Next {}

    /** Another attempt, not before that time, with what was done so far. */
    record RetryAt(Attempts attempts, Instant notBefore) implements Next {}

    /** The whole job stops; the item stays as it was, pending and without this attempt. */
    record Block(String problem) implements Next {}
}
