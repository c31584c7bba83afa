package dev.batchwright.collect;

import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What happens to batches. Names and fields of the JSON lines are autobatcher's, and ours. */
public sealed interface CollectorEvent {
    /** {@return when it was noticed} */
    Instant at();

    /** {@return its name, like {@code batch_submitted}} */
    String name();

    /** {@return what it says, by the names of the JSON line, beside source, name and time} */
    Map<String, Object> fields();

    /** {@return one line of JSON, keys sorted, without an end of line} */
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
     * @param provider that has it
     * @param batchId its name there
     * @param endpoint of its requests
     * @param models that are known to be in it; empty where it may hold several
     * @param requests how many there are
     */
    record Batch(
            String job,
            String provider,
            String batchId,
            String endpoint,
            List<String> models,
            long requests) {
        /** Copies what could change. */
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
            fields.putAll(more);
            return fields;
        }
    }

    /**
     * The provider has a new batch.
     *
     * @param at when it was noticed
     * @param batch the new one
     * @param completionWindow as it was asked for, like {@code 24h}
     * @param metadata that it carries
     */
    record BatchSubmitted(
            Instant at, Batch batch, String completionWindow, Map<String, String> metadata)
            implements CollectorEvent {
        /** Copies what could change. */
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
     * @param at when it was noticed
     * @param batch which one
     * @param status {@code in_progress} or {@code finalizing}
     * @param completed answers that are here and good
     * @param failed answers that are here and are errors
     * @param elapsed since the provider made it, as far as that was seen
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

    /**
     * All of it was worked off.
     *
     * @param at when it was noticed
     * @param batch which one
     * @param completed answers that are good
     * @param failed answers that are errors
     * @param elapsed since the provider made it, as far as that was seen
     */
    record BatchCompleted(Instant at, Batch batch, long completed, long failed, Duration elapsed)
            implements CollectorEvent {
        @Override
        public String name() {
            return "batch_completed";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(
                    Map.of(
                            "counts",
                            Map.of(
                                    "completed", completed,
                                    "failed", failed,
                                    "total", batch.requests()),
                            "elapsed_seconds",
                            seconds(elapsed)));
        }
    }

    /**
     * It ended before its time.
     *
     * @param at when it was noticed
     * @param batch which one
     * @param status {@code expired}, {@code cancelled}, {@code failed}
     */
    record BatchTerminal(Instant at, Batch batch, String status) implements CollectorEvent {
        @Override
        public String name() {
            return "batch_terminal";
        }

        @Override
        public Map<String, Object> fields() {
            return batch.and(Map.of("status", status));
        }
    }

    /**
     * A group of calls could not be stored or sent; its callers were told.
     *
     * @param at when it was noticed
     * @param requests how many calls there were
     * @param error what went wrong, for people
     */
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

    /**
     * The collector is being closed.
     *
     * @param at when it was begun
     * @param pendingRequests how many calls wait for their answer
     * @param activeBatchIds batches that are at the provider
     * @param cancel whether they are to be cancelled
     */
    record ClientClosing(
            Instant at, long pendingRequests, List<String> activeBatchIds, boolean cancel)
            implements CollectorEvent {
        /** Copies what could change. */
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

    /**
     * The provider is about to be asked to cancel a batch.
     *
     * @param at when it was noticed
     * @param batch which one
     */
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

    /**
     * A batch is over at the provider because it was cancelled here.
     *
     * @param at when it was noticed
     * @param batch which one
     */
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

    /**
     * Whether a batch was cancelled is not known; it may go on.
     *
     * @param at when it was noticed
     * @param batch which one
     * @param error what came in the way, for people
     */
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
