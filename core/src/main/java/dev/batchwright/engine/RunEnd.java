package dev.batchwright.engine;

/** How a run of a job ended. The job's own state says the same, but for an interruption. */
public sealed interface RunEnd {
    /** Every item has its outcome. */
    record Finished() implements RunEnd {}

    /** The account or the provider refuses: the problem says what happened and what to do. */
    record Blocked(String problem) implements RunEnd {}

    /** The deadline or the budget is reached, with items left. */
    record Stopped(String reason) implements RunEnd {}

    /** Another process, or the user, cancelled the job. */
    record Cancelled() implements RunEnd {}

    /** This run was told to stop; the job stays Active and the next run goes on. */
    record Interrupted() implements RunEnd {}
}
