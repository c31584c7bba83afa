package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.BatchPhase;
import dev.batchwright.simulator.batch.BatchView;

import tools.jackson.core.JsonGenerator;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A batch as Anthropic shows it. There is no failure of a whole batch, and what becomes of its
 * requests is not counted before the end.
 *
 * @param now decides whether its results are still kept
 * @param origin what stands before the paths of the API
 * @param early whether requests are counted while the batch runs all the same
 */
record MessageBatchJson(BatchView view, Instant now, String origin, boolean early) {
    /** The note that says how many requests there are. */
    static final String REQUESTS = "requests";

    /** The note with the estimate of their tokens. */
    static final String TOKENS = "tokens";

    private static final Duration KEPT = Duration.ofDays(29);

    void write(JsonGenerator json) {
        boolean ended = view.phase().ended();
        json.writeStartObject();
        json.writeStringProperty("id", view.id());
        json.writeStringProperty("type", "message_batch");
        json.writeStringProperty("processing_status", status(view.phase()));
        json.writeName("request_counts");
        counts(json);
        time(json, "created_at", Optional.of(view.times().created()));
        time(json, "expires_at", view.times().expires());
        time(json, "ended_at", view.times().ended());
        time(json, "cancel_initiated_at", view.times().cancelling());
        time(json, "archived_at", archived() ? Optional.of(archival()) : Optional.empty());
        if (ended && !archived()) {
            json.writeStringProperty(
                    "results_url", origin + "/v1/messages/batches/" + view.id() + "/results");
        } else {
            json.writeNullProperty("results_url");
        }
        json.writeEndObject();
    }

    static String status(BatchPhase phase) {
        return switch (phase) {
            case VALIDATING, RUNNING, FINALIZING -> "in_progress";
            case CANCELLING -> "canceling";
            case COMPLETED, FAILED, EXPIRED, CANCELLED -> "ended";
        };
    }

    /** Counted from the creation, not from the end. */
    private Instant archival() {
        return view.times().created().plus(KEPT);
    }

    boolean archived() {
        return !now.isBefore(archival());
    }

    private void counts(JsonGenerator json) {
        BatchView.Counts counts = view.counts();
        boolean failed = view.phase() == BatchPhase.FAILED; // only ever because it was told to
        boolean told = early || view.phase().ended();
        long all = Long.parseLong(view.order().notes().getOrDefault(REQUESTS, "0"));
        long done = counts.total() - counts.open();
        json.writeStartObject();
        json.writeNumberProperty("processing", failed ? 0 : told ? all - done : all);
        json.writeNumberProperty("succeeded", told && !failed ? counts.succeeded() : 0);
        json.writeNumberProperty("errored", failed ? all : told ? counts.failed() : 0);
        json.writeNumberProperty("canceled", told ? counts.cancelled() : 0);
        json.writeNumberProperty("expired", told ? counts.expired() : 0);
        json.writeEndObject();
    }

    private static void time(JsonGenerator json, String name, Optional<Instant> at) {
        if (at.isPresent()) {
            json.writeStringProperty(name, at.get().toString());
        } else {
            json.writeNullProperty(name);
        }
    }
}
