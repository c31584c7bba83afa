package dev.batchwright.cli;

import dev.batchwright.config.ConfigurationException;
import dev.batchwright.input.InputException;
import dev.batchwright.output.OutputException;
import dev.batchwright.server.ServerStartException;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.RefusedException;

/** What the user and the shell are told of an exception; what is not expected here is our bug. */
record Failure(ExitCode exitCode, String message) {
    static Failure of(Exception e) {
        return switch (e) {
            case CommandFailure failure -> new Failure(failure.exitCode(), text(failure));
            case ConfigurationException wrong -> new Failure(ExitCode.USAGE, text(wrong));
            case RefusedException refused -> new Failure(ExitCode.USAGE, text(refused));
            case InputException wrong -> new Failure(ExitCode.USAGE, text(wrong));
            case OutputException wrong -> new Failure(ExitCode.BLOCKED, text(wrong));
            case JobInUseException busy -> new Failure(ExitCode.USAGE, text(busy));
            case ServerStartException failed -> new Failure(ExitCode.USAGE, text(failed));
            case StoreException failed -> new Failure(ExitCode.BLOCKED, text(failed));
            default ->
                    new Failure(
                            ExitCode.BLOCKED,
                            "This should not have happened: %s. Nothing that was stored is lost; run the same command again to go on, and with --debug for a report to the developers."
                                    .formatted(e));
        };
    }

    /** With a full stop, if it has no end of its own. */
    static String sentence(String text) {
        String trimmed = text.strip();
        return trimmed.endsWith(".") || trimmed.endsWith("?") ? trimmed : trimmed + ".";
    }

    static String text(Exception e) {
        return String.valueOf(e.getMessage());
    }
}
