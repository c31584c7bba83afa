package dev.batchwright.cli;

/** Ends a command with a paragraph for the user (what happened, where, what to do) and a code. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;

    CommandFailure(ExitCode exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    static CommandFailure usage(String message, Object... details) {
        return new CommandFailure(ExitCode.USAGE, message.formatted(details));
    }

    /** What another part found out about the user's words. */
    static CommandFailure usage(Exception cause) {
        return new CommandFailure(ExitCode.USAGE, Failure.text(cause));
    }

    ExitCode exitCode() {
        return exitCode;
    }
}
