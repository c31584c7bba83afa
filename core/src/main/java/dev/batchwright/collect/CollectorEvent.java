package dev.batchwright.collect;

import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What happens to batches. Names and fields of the JSON lines are autobatcher's, and ours. */
public sealed interface CollectorEvent {
    /** When it was noticed. */
    Instant at();

    /** Its name, like {@code batch_submitted}. */
    String name();

    /** What it says, by the names of the JSON line, beside source, name and time. */
    Map<String, Object> fields();

    /** One line of JSON, keys sorted. */
    default String toJson() {
        var line = new TreeMap<String, Object>(fields());
        line.put("source", "batchwright");
        line.put("event", name());
        line.put("ts", BigDecimal.valueOf(at().toEpochMilli(), 3)); // Seconds, as autobatcher's.
        return JsonMapper.builder().build().writeValueAsString(line);
    }

    /**
     * A batch at the provider.
     *
     * @param job that it is a part of
     * @param models that are known to be in it; empty where it may hold several
     * @param inputFile the provider's name for the file with its requests, where it has one
     */
    record Batch(
            String job,
            String provider,
            String batchId,
            String endpoint,
            List<String> models,
            long requests,
            Optional<String> inputFile) {
        public Batch {
            models = List.copyOf(models);
        }

        private Map<String, Object> and(Map<String, Object> more) {
            var fields =
                    new TreeMap<String, Object>(
                            Map.of(
                                    "job", job,
                                    "provider", provider,
                                    "batch_id", batchId,
                                    "endpoint", endpoint,
                                    "models", models,
                                    "request_count", requests));
            inputFile.ifPresent(file -> fields.put("input_file_id", file));
            fields.putAll(more);
            return fields;
        }
    }

    /**
     * The provider's names for the files that a batch has left, where it has such.
     *
     * @param output of what succeeded
     * @param error of what failed
     */
    record ResultFiles(Optional<String> output, Optional<String> error) {
        private Map<String, Object> and(Map<String, Object> more) {
            var fields = new TreeMap<String, Object>(more);
            output.ifPresent(file -> fields.put("output_file_id", file));
            error.ifPresent(file -> fields.put("error_file_id", file));
            return fields;
        }
    }

    /** The provider has a new batch. */
    record BatchSubmitted(
            Instant at, Batch batch, String completionWindow, Map<String, String> metadata)
            implements CollectorEvent {
        public BatchSubmitted {
            metadata = Map.copyOf(metadata);
        }

        @Override
        public String name() {
            return "batch_submitted";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(Map.of("completion_window", completionWindow, "metadata", metadata));
        }
    }

    /**
     * It came further.
     *
     * @param status {@code in_progress} or {@code finalizing}
     * @param completed answers that are here and good
     */
    record BatchProgress(
            Instant at, Batch batch, String status, long completed, long failed, Duration elapsed)
            implements CollectorEvent {
        @Override
        public String name() {
            return "batch_progress";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(
                    Map.of(
                            "status",
                            status,
                            "counts",
                            Map.of(
                                    "completed", completed,
                                    "failed", failed,
                                    "total", batch.requests()),
                            "elapsed_seconds",
                            seconds(elapsed)));
        }
    }

    /** All of it was worked off. */
    record BatchCompleted(
            Instant at,
            Batch batch,
            long completed,
            long failed,
            Duration elapsed,
            ResultFiles files)
            implements CollectorEvent {
        @Override
        public String name() {
            return "batch_completed";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(
                    files.and(
                            Map.of(
                                    "counts",
                                    Map.of(
                                            "completed", completed,
                                            "failed", failed,
                                            "total", batch.requests()),
                                    "elapsed_seconds",
                                    seconds(elapsed))));
        }
    }

    /**
     * It ended before its time.
     *
     * @param status {@code expired}, {@code cancelled}, {@code failed}
     */
    record BatchTerminal(Instant at, Batch batch, String status, ResultFiles files)
            implements CollectorEvent {
        @Override
        public String name() {
            return "batch_terminal";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(files.and(Map.of("status", status)));
        }
    }

    /** A group of calls could not be stored or sent; its callers were told. */
    record BatchSubmissionFailed(Instant at, long requests, String error)
            implements CollectorEvent {
        @Override
        public String name() {
            return "batch_submission_failed";
        }

        @Override
        public Map<String, Object> fields() {
            return Map.of("request_count", requests, "error", error);
        }
    }

    /** The collector is being closed. */
    record ClientClosing(
            Instant at, long pendingRequests, List<String> activeBatchIds, boolean cancel)
            implements CollectorEvent {
        public ClientClosing {
            activeBatchIds = List.copyOf(activeBatchIds);
        }

        @Override
        public String name() {
            return "client_closing";
        }

        @Override
        public Map<String, Object> fields() {
            return Map.of(
                    "pending_request_count", pendingRequests,
                    "active_batch_ids", activeBatchIds,
                    "cancel_active_batches_on_close", cancel);
        }
    }

    /** The provider is about to be asked to cancel a batch. */
    record BatchCancelRequested(Instant at, Batch batch) implements CollectorEvent {
        @Override
        public String name() {
            return "batch_cancel_requested";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(Map.of());
        }
    }

    /** A batch is over at the provider because it was cancelled here. */
    record BatchCancelledUpstream(Instant at, Batch batch) implements CollectorEvent {
        @Override
        public String name() {
            return "batch_cancelled_upstream";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(Map.of());
        }
    }

    /** Whether a batch was cancelled is not known; it may go on. */
    record BatchCancelFailed(Instant at, Batch batch, String error) implements CollectorEvent {
        @Override
        public String name() {
            return "batch_cancel_failed";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(Map.of("error", error));
        }
    }

    private static double seconds(Duration span) {
        return span.toMillis() / 1000.0;
    }
}
