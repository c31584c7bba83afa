package dev.batchwright.cli;

/** What the shell is told; a contract. */
enum ExitCode {
    OK(0),
    SOME_FAILED(1),
    /** Usage or input error: nothing was sent. */
    USAGE(2),
    /** The job is blocked or failed as a whole: key, quota, provider or store. */
    BLOCKED(3),
    CANCELLED(4),
    /** The deadline or the budget was reached with items left. */
    STOPPED(5),
    INTERRUPTED(130),
    /**
     * Who read standard output left, as {@code head} does: what SIGPIPE makes of other programs.
     */
    READER_LEFT(141);

    final int code;

    ExitCode(int code) {
        this.code = code;
    }
}
