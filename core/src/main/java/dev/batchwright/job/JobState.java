package dev.batchwright.job;

/**
 * Where a job is.
 *
 * <pre>
 * Loading -> Active -> Finished            every item has its outcome
 *              |  ^
 *              v  | run or retry again
 *            Blocked                       the account or the provider refuses: nothing was lost
 *            Stopped                       its deadline or budget is reached, with items left
 *            Cancelled                     by the user; items without an outcome stay without one
 * </pre>
 *
 * A crash leaves a job Loading (its loader is gone: it is thrown away, nothing was sent) or Active
 * (its leases end and the next run goes on).
 */
public sealed interface JobState {
    /** Its items are being written; nothing is sent before all of them are valid and durable. */
    record Loading() implements JobState {}

    /** May be worked on; whether somebody does is a matter of leases. */
    record Active() implements JobState {}

    /**
     * Stopped as a whole, resumable; the problem says what happened and what to do.
     *
     * @param problem for people; names no key
     */
    record Blocked(String problem) implements JobState {}

    /**
     * Its deadline or budget was reached with items left; the reason says which.
     *
     * @param reason for people
     */
    record Stopped(String reason) implements JobState {}

    /** The user cancelled it; items without an outcome stay without one. */
    record Cancelled() implements JobState {}

    /** Every item has an outcome. */
    record Finished() implements JobState {}
}
