package dev.batchwright.output;

import dev.batchwright.job.JobId;
import dev.batchwright.store.Results;
import dev.batchwright.store.StoredResult;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Writes the results of a job where the user wants them: all to one target, or those that did not
 * succeed to another. Files appear, whole, when it is committed; closed without that, they are as
 * they were before. For one thread.
 */
public final class ResultOutput implements AutoCloseable {
    private static final int BUFFER = 1 << 18;

    private final Lane results;
    private final Optional<Lane> failures;

    /** One target with what is written to it. */
    private static final class Lane {
        final OutputTarget target;
        final OutputTarget.Sink sink;
        final OutputStream stream;
        final ResultWriter writer;

        Lane(OutputTarget target, JobId job, List<String> columns, OutputStream standardOutput) {
            this.target = target;
            this.sink = target.open(standardOutput);
            try {
                OutputStream buffered = new BufferedOutputStream(sink.stream(), BUFFER);
                this.stream =
                        target.compressed() ? new GZIPOutputStream(buffered, BUFFER) : buffered;
                this.writer = ResultWriter.of(target.format(), job, columns, stream);
            } catch (IOException e) {
                throw target.failed(e);
            }
        }

        void write(StoredResult result) {
            try {
                writer.write(result);
            } catch (IOException e) {
                throw target.failed(e);
            }
        }

        void finish() throws IOException {
            if (stream instanceof GZIPOutputStream gzip) {
                gzip.finish();
            }
            stream.flush();
        }

        void close() {
            try {
                sink.close();
            } catch (IOException e) {
                throw target.failed(e);
            }
        }
    }

    /**
     * @param failures where those go that did not succeed; empty: among the others
     * @param columns of the input
     * @param standardOutput flushed, but not closed
     */
    public ResultOutput(
            JobId job,
            List<String> columns,
            OutputTarget results,
            Optional<OutputTarget> failures,
            OutputStream standardOutput) {
        mustDiffer(results, failures);
        this.results = new Lane(results, job, columns, standardOutput);
        try {
            this.failures = failures.map(target -> new Lane(target, job, columns, standardOutput));
        } catch (RuntimeException e) {
            this.results.close();
            throw e;
        }
    }

    /** Finds out, before any call is paid for, whether both can be written. */
    public static void check(OutputTarget results, Optional<OutputTarget> failures) {
        mustDiffer(results, failures);
        results.check();
        failures.ifPresent(OutputTarget::check);
    }

    private static void mustDiffer(OutputTarget results, Optional<OutputTarget> failures) {
        if (failures.filter(results::sameAs).isPresent()) {
            throw new OutputException(
                    "Results and errors would both go to %s. Name another file for --errors, or leave it out: failures then stand among the results."
                            .formatted(results.name()));
        }
    }

    public void write(StoredResult result) {
        boolean succeeded = result.kind() == StoredResult.Kind.SUCCEEDED;
        (succeeded ? results : failures.orElse(results)).write(result);
    }

    /** Writes them all, to the end, and commits. */
    public void writeAll(Results all) {
        all.forEachRemaining(this::write);
        commit();
    }

    /** Makes what was written stay. */
    public void commit() {
        // Both are complete before the first of them is put in its place.
        commitStep(results, Lane::finish);
        failures.ifPresent(lane -> commitStep(lane, Lane::finish));
        commitStep(results, lane -> lane.sink.commit());
        failures.ifPresent(it -> commitStep(it, lane -> lane.sink.commit()));
    }

    private interface Step {
        void take(Lane lane) throws IOException;
    }

    private static void commitStep(Lane lane, Step step) {
        try {
            step.take(lane);
        } catch (IOException e) {
            throw lane.target.failed(e);
        }
    }

    @Override
    public void close() {
        try {
            results.close();
        } finally {
            failures.ifPresent(Lane::close);
        }
    }
}
