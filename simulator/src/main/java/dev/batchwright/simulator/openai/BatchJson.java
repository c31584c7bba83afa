package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchPhase;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.StoredFile;

import tools.jackson.core.JsonGenerator;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** OpenAI's batch and file objects. What is not known is null, as on the real wire. */
record BatchJson(Dialect dialect) {
    /** The note that keeps the completion window as the client wrote it. */
    static final String WINDOW = "completion_window";

    private static final Pattern UUID =
            Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    String newId(String prefix, BatchEngine engine) {
        String hex = engine.newId();
        if (!dialect.has(Dialect.Trait.UUIDS)) {
            return prefix + (prefix.equals("file-") ? hex.substring(10) : hex);
        }
        return "%s-%s-4%s-8%s-%s"
                .formatted(
                        hex.substring(0, 8),
                        hex.substring(8, 12),
                        hex.substring(13, 16),
                        hex.substring(17, 20),
                        hex.substring(20));
    }

    /** Whether this can be an id at all. */
    boolean isId(String text) {
        return !dialect.has(Dialect.Trait.UUIDS) || UUID.matcher(text).matches();
    }

    void batch(JsonGenerator json, BatchView view) {
        BatchPhase phase = view.phase();
        BatchView.Times times = view.times();
        json.writeStartObject();
        json.writeStringProperty("id", view.id());
        json.writeStringProperty("object", "batch");
        json.writeStringProperty("endpoint", view.order().endpoint());
        boolean telling = !dialect.has(Dialect.Trait.NO_USAGE);
        if (telling) {
            nullable(json, "model", Optional.of(view.model()).filter(name -> !name.isEmpty()));
        }
        errors(json, view);
        json.writeStringProperty("input_file_id", view.order().inputs().getFirst());
        json.writeStringProperty(
                "completion_window", view.order().notes().getOrDefault(WINDOW, ""));
        json.writeStringProperty("status", view.strangeStatus().orElse(status(phase)));
        nullable(json, "output_file_id", output(view));
        nullable(json, "error_file_id", view.errors().map(StoredFile::id));
        json.writeNumberProperty("created_at", times.created().getEpochSecond());
        time(json, "in_progress_at", times.started());
        time(json, "expires_at", times.expires());
        time(json, "finalizing_at", times.finalizing());
        time(json, "completed_at", times.ended(phase, BatchPhase.COMPLETED));
        time(json, "failed_at", times.ended(phase, BatchPhase.FAILED));
        time(json, "expired_at", times.ended(phase, BatchPhase.EXPIRED));
        time(json, "cancelling_at", times.cancelling());
        time(json, "cancelled_at", times.ended(phase, BatchPhase.CANCELLED));
        json.writeObjectPropertyStart("request_counts");
        json.writeNumberProperty("total", view.counts().total());
        json.writeNumberProperty("completed", view.counts().succeeded());
        json.writeNumberProperty("failed", view.counts().failed());
        json.writeEndObject();
        if (telling && phase.ended() && view.counts().succeeded() > 0) {
            json.writeName("usage");
            usage(json, view.promptTokens(), view.completionTokens());
        } else if (telling) {
            absent(json, "usage");
        }
        if (view.order().metadata().isEmpty()) {
            absent(json, "metadata");
        } else {
            json.writeObjectPropertyStart("metadata");
            view.order().metadata().forEach(json::writeStringProperty);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** One that can be read while it grows is there from the start. */
    private Optional<String> output(BatchView view) {
        return dialect.has(Dialect.Trait.PARTIAL_RESULTS) && view.phase() != BatchPhase.FAILED
                ? Optional.of(view.order().results().outputId())
                : view.output().map(StoredFile::id);
    }

    static String status(BatchPhase phase) {
        return switch (phase) {
            case VALIDATING -> "validating";
            case RUNNING -> "in_progress";
            case FINALIZING -> "finalizing";
            case CANCELLING -> "cancelling";
            case COMPLETED -> "completed";
            case FAILED -> "failed";
            case EXPIRED -> "expired";
            case CANCELLED -> "cancelled";
        };
    }

    private void errors(JsonGenerator json, BatchView view) {
        if (view.problems().isEmpty()) {
            absent(json, "errors");
            return;
        }
        json.writeObjectPropertyStart("errors");
        json.writeStringProperty("object", "list");
        json.writeArrayPropertyStart("data");
        for (Problem problem : view.problems()) {
            json.writeStartObject();
            json.writeStringProperty("code", problem.code());
            json.writeStringProperty("message", problem.message());
            nullable(json, "param", problem.param());
            if (problem.line().isPresent()) {
                json.writeNumberProperty("line", problem.line().getAsLong());
            } else {
                absent(json, "line");
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** In the vocabulary of responses, whatever the endpoint. */
    private static void usage(JsonGenerator json, long input, long output) {
        json.writeStartObject();
        json.writeNumberProperty("input_tokens", input);
        json.writeObjectPropertyStart("input_tokens_details");
        json.writeNumberProperty("cached_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("output_tokens", output);
        json.writeObjectPropertyStart("output_tokens_details");
        json.writeNumberProperty("reasoning_tokens", 0);
        json.writeEndObject();
        json.writeNumberProperty("total_tokens", input + output);
        json.writeEndObject();
    }

    void file(JsonGenerator json, StoredFile file) {
        json.writeStartObject();
        json.writeStringProperty("id", file.id());
        json.writeStringProperty("object", "file");
        json.writeNumberProperty("bytes", file.content().length());
        json.writeNumberProperty("created_at", file.createdAt().getEpochSecond());
        time(json, "expires_at", file.expiresAt());
        json.writeStringProperty("filename", file.name());
        json.writeStringProperty("purpose", file.purpose());
        json.writeStringProperty("status", "processed");
        absent(json, "status_details");
        json.writeEndObject();
    }

    private void time(JsonGenerator json, String name, Optional<Instant> time) {
        if (time.isPresent()) {
            json.writeNumberProperty(name, time.get().getEpochSecond());
        } else {
            absent(json, name);
        }
    }

    private void nullable(JsonGenerator json, String name, Optional<String> value) {
        if (value.isPresent()) {
            json.writeStringProperty(name, value.get());
        } else {
            absent(json, name);
        }
    }

    private void absent(JsonGenerator json, String name) {
        if (!dialect.has(Dialect.Trait.NO_NULLS)) {
            json.writeNullProperty(name);
        }
    }
}
