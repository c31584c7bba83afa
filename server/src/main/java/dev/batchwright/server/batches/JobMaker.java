package dev.batchwright.server.batches;

import dev.batchwright.input.BatchReport;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.workbench.RefusedException;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Makes the job of a batch: one, however often it is asked and by however many processes, because
 * the job's fingerprint is the batch's id.
 */
final class JobMaker {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Workbench workbench;
    private final ServerOptions options;
    private final Way way;
    private final BatchInput input;

    JobMaker(Workbench workbench, ServerOptions options, Way way, BatchInput input) {
        this.workbench = workbench;
        this.options = options;
        this.way = way;
        this.input = input;
    }

    /** What the input of a batch became. */
    sealed interface Made {
        /** A job, or none where nothing could be sent. */
        record Loaded(Optional<JobId> job, BatchReport report) implements Made {}

        /** Nothing: it is refused, for these reasons. */
        record Refused(RawJson errors) implements Made {}
    }

    /** Ends the reading of an input of which nothing becomes a job. */
    private static final class NoJobException extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient BatchReport report;

        NoJobException(BatchReport report) {
            super(null, null, false, false);
            this.report = report;
        }
    }

    /** Reads the input of a batch into its job, which is durable when this returns. */
    Made make(HostedBatch batch) {
        Optional<Job> known = workbench.store().findByFingerprint(fingerprint(batch));
        if (known.isPresent()) {
            BatchReport report = input.read(batch, item -> {}, (id, error) -> {});
            return new Made.Loaded(Optional.of(known.get().id()), report);
        }
        var read = new AtomicReference<BatchReport>();
        try {
            Job job =
                    workbench.submitDraft(
                            spec(batch),
                            false,
                            way,
                            draft -> {
                                BatchReport report =
                                        input.read(batch, draft::append, (id, error) -> {});
                                if (report.errorCount() > 0
                                        || report.requests() == report.refused()) {
                                    throw new NoJobException(report);
                                }
                                read.set(report);
                                return report.loaded();
                            },
                            warning -> {});
            return new Made.Loaded(Optional.of(job.id()), read.get());
        } catch (NoJobException none) {
            return none.report.errorCount() > 0
                    ? new Made.Refused(BatchInput.errors(none.report.errors()))
                    : new Made.Loaded(Optional.empty(), none.report);
        } catch (RefusedException e) {
            return new Made.Refused(
                    BatchInput.error("invalid_request", String.valueOf(e.getMessage())));
        }
    }

    private static String fingerprint(HostedBatch batch) {
        return "hosted-" + batch.id();
    }

    private JobSpec spec(HostedBatch batch) {
        Optional<Mode> asked = batch.order().mode().or(options::mode);
        return new JobSpec(
                batch.id(),
                fingerprint(batch),
                workbench
                        .store()
                        .hostedBatches()
                        .input(batch)
                        .map(file -> file.filename())
                        .orElse(batch.order().inputFile()),
                List.of(),
                Map.of(),
                way.mode(asked),
                way.live(
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalInt.empty(),
                        Optional.empty()),
                new JobSpec.BatchSettings(
                        options.batching().completionWindow(), options.batching().pollInterval()),
                Optional.of(batch.times().expires()),
                Optional.empty(),
                metadata(batch),
                batch.owner());
    }

    private static Map<String, String> metadata(HostedBatch batch) {
        var pairs = new LinkedHashMap<String, String>();
        batch.order()
                .metadata()
                .map(json -> JSON.readTree(json.toByteArray()))
                .ifPresent(
                        object -> {
                            for (Map.Entry<String, JsonNode> pair : object.properties()) {
                                pairs.put(pair.getKey(), pair.getValue().asString());
                            }
                        });
        return pairs;
    }
}
