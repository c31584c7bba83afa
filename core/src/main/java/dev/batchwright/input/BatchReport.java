package dev.batchwright.input;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the input of a batch came to. With a single error nothing of it may be sent.
 *
 * @param requests how many it holds
 * @param refused of those, how many were passed on as refused
 * @param errors the first ones, at most {@link #SHOWN}
 * @param errorCount all of them
 * @param targets how many requests go where
 * @param model that all requests name; empty where they name several
 * @param bytes read
 */
public record BatchReport(
        long requests,
        long refused,
        List<LineError> errors,
        long errorCount,
        Map<LoadReport.Target, Long> targets,
        Optional<String> model,
        long bytes) {
    /** The most errors that are shown. */
    public static final int SHOWN = 100;

    public BatchReport {
        errors = List.copyOf(errors);
        targets = Map.copyOf(targets);
    }

    /** The same for those who submit the items. */
    public LoadReport loaded() {
        return new LoadReport(
                requests - refused, List.of(), 0, List.of(), List.of(), targets, bytes);
    }
}
