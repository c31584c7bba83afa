package dev.batchwright.output;

import dev.batchwright.job.JobId;
import dev.batchwright.store.StoredResult;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Writes results to a stream in the order in which they are given. For one thread. */
public interface ResultWriter {
    void write(StoredResult result) throws IOException;

    /**
     * A writer to this stream, which it neither flushes nor closes.
     *
     * @param columns of the input, in order; empty where it was no table and held no rows
     */
    static ResultWriter of(OutputFormat format, JobId job, List<String> columns, OutputStream out)
            throws IOException {
        return switch (format) {
            case JSON_LINES -> new JsonLinesWriter(job, out);
            case CSV -> new TableWriter(columns, ',', out);
            case TSV -> new TableWriter(columns, '\t', out);
        };
    }
}
