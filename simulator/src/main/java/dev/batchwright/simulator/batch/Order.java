package dev.batchwright.simulator.batch;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a wire orders: everything about a batch that the client decided.
 *
 * @param id the batch's, unique
 * @param name the display name, or ""
 * @param metadata as the client gave it
 * @param notes what else the wire wants to find again in the view
 * @param endpoint the canonical path of its rows, or ""
 * @param inputs the names of its input files, as the client gave them; none for inline requests
 * @param rows what to execute
 * @param check looks through the rows once, when the batch is being validated
 * @param form reads and writes rows
 * @param window when it expires; never if empty
 * @param resultLife how long result files stay; for ever if empty
 * @param results names the result files
 */
public record Order(
        String id,
        String name,
        Map<String, String> metadata,
        Map<String, String> notes,
        String endpoint,
        List<String> inputs,
        List<RowFile> rows,
        Function<RowCursor, Inspection> check,
        RowForm form,
        Optional<Duration> window,
        Optional<Duration> resultLife,
        ResultNames results) {
    public Order {
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata)); // keeps the order
        notes = Map.copyOf(notes);
        inputs = List.copyOf(inputs);
        rows = List.copyOf(rows);
    }

    /**
     * The names of result files.
     *
     * @param outputId the id of the file of successes, or of everything
     * @param errorId the id of the file of failures
     * @param emptyErrors whether there is a file of failures even if nothing failed
     */
    public record ResultNames(
            String outputId,
            String outputName,
            String errorId,
            String errorName,
            String purpose,
            boolean emptyErrors) {
        /** Without a file of failures that is empty. */
        public ResultNames(
                String outputId,
                String outputName,
                String errorId,
                String errorName,
                String purpose) {
            this(outputId, outputName, errorId, errorName, purpose, false);
        }
    }
}
