package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.output.OutputException;
import dev.batchwright.output.OutputTarget;
import dev.batchwright.output.ResultOutput;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Results;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoredResult;

import org.jspecify.annotations.Nullable;

import java.io.OutputStream;
import java.nio.file.InvalidPathException;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Where a command's results go, checked before anything is sent. */
final class Outputs {
    /** Nowhere: events have standard output, and no file was named. */
    private static final Outputs NONE = new Outputs(Optional.empty(), Optional.empty());

    private final Optional<OutputTarget> results;
    private final Optional<OutputTarget> errors;

    private Outputs(Optional<OutputTarget> results, Optional<OutputTarget> errors) {
        this.results = results;
        this.errors = errors;
    }

    /**
     * @param events whether standard output is taken by events
     */
    static Outputs check(
            Surroundings around, @Nullable String out, @Nullable String errors, boolean events) {
        if (out == null && events) {
            if (errors != null) {
                throw CommandFailure.usage(
                        "--errors with --json needs -o too: standard output has the events.");
            }
            return NONE;
        }
        if (events && (out == null || out.equals("-"))) {
            throw CommandFailure.usage(
                    "-o - and --json both want standard output. Name a file with -o.");
        }
        try {
            OutputTarget results = out == null ? OutputTarget.STANDARD : target(around, out);
            Optional<OutputTarget> failures =
                    Optional.ofNullable(errors).map(file -> target(around, file));
            ResultOutput.check(results, failures);
            return new Outputs(Optional.of(results), failures);
        } catch (OutputException e) {
            throw CommandFailure.usage(e);
        } catch (InvalidPathException e) {
            throw CommandFailure.usage("`%s` is not a file name.", e.getInput());
        }
    }

    /** What a user named; {@code -} is standard output. */
    private static OutputTarget target(Surroundings around, String named) {
        OutputTarget target = OutputTarget.of(named);
        return target.equals(OutputTarget.STANDARD) ? target : OutputTarget.of(around.path(named));
    }

    /** A target that can be written. */
    static OutputTarget checked(Surroundings around, @Nullable String out) {
        try {
            OutputTarget target = out == null ? OutputTarget.STANDARD : target(around, out);
            target.check();
            return target;
        } catch (OutputException e) {
            throw CommandFailure.usage(e);
        } catch (InvalidPathException e) {
            throw CommandFailure.usage("`%s` is not a file name.", e.getInput());
        }
    }

    /** How many results were written. */
    record Written(long succeeded, long failed) {}

    /** Gives results one by one. */
    interface Source {
        void giveAll(Consumer<StoredResult> sink) throws InterruptedException;
    }

    /** Writes results that are in no store. */
    Written write(OutputStream standardOutput, Source source) throws InterruptedException {
        var counts = new EnumMap<StoredResult.Kind, Long>(StoredResult.Kind.class);
        // Ids in the output need a name in front; there is no job that could give one.
        var name = new JobId("job_attached");
        try (var output =
                new ResultOutput(name, List.of(), results.orElseThrow(), errors, standardOutput)) {
            source.giveAll(
                    result -> {
                        counts.merge(result.kind(), 1L, Long::sum);
                        output.write(result);
                    });
            output.commit();
        }
        return new Written(
                counts.getOrDefault(StoredResult.Kind.SUCCEEDED, 0L),
                counts.getOrDefault(StoredResult.Kind.FAILED, 0L));
    }

    void write(JobStore store, Job job, Selection selection, OutputStream standardOutput) {
        if (results.isEmpty()) {
            return;
        }
        try (Results stored = store.results(job.id(), selection);
                var output =
                        new ResultOutput(
                                job.id(),
                                job.spec().columns(),
                                results.get(),
                                errors,
                                standardOutput)) {
            output.writeAll(stored);
        }
    }
}
