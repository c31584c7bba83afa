package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.BatchPhase;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.RawObject;

import tools.jackson.core.JsonGenerator;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** A batch as Gemini shows it: a long-running operation. What is zero or false is not told. */
record Operation(BatchView view) {
    /** An error that is in no words of gRPC. */
    private static final int INTERNAL = 13;

    /** The note that says which kind of batch it is. */
    static final String KIND = "kind";

    /** The note with the model, without {@code models/}. */
    static final String MODEL = "model";

    /** The note with the number of requests. */
    static final String REQUESTS = "requests";

    /** The note with the estimate of their tokens. */
    static final String TOKENS = "tokens";

    BatchKind kind() {
        return BatchKind.valueOf(note(KIND));
    }

    String note(String name) {
        return view.order().notes().getOrDefault(name, "");
    }

    private boolean inline() {
        return view.order().inputs().isEmpty();
    }

    /** Whether its results are part of the operation, so that it may be large. */
    boolean carriesResults() {
        return inline() && results().isPresent();
    }

    /** What was done before the end is not told of a batch that did not reach it. */
    private Optional<StoredFile> results() {
        return view.phase() == BatchPhase.COMPLETED ? view.output() : Optional.empty();
    }

    /**
     * Writes it.
     *
     * @param whole with the results of inline requests, which stand in it twice
     */
    void write(JsonGenerator json, boolean whole) {
        json.writeStartObject();
        json.writeStringProperty("name", "batches/" + view.id());
        json.writeObjectPropertyStart("metadata");
        metadata(json, whole);
        json.writeEndObject();
        if (view.phase().ended()) {
            json.writeBooleanProperty("done", true);
            end(json, whole);
        }
        json.writeEndObject();
    }

    private void metadata(JsonGenerator json, boolean whole) {
        json.writeStringProperty("@type", kind().type());
        json.writeStringProperty("model", "models/" + note(MODEL));
        if (!view.order().name().isEmpty()) {
            json.writeStringProperty("displayName", view.order().name());
        }
        if (!inline()) {
            json.writeObjectPropertyStart("inputConfig");
            json.writeStringProperty("fileName", view.order().inputs().getFirst());
            json.writeEndObject();
        }
        if (results().isPresent() && (whole || !inline())) {
            json.writeObjectPropertyStart("output");
            output(json);
            json.writeEndObject();
        }
        BatchView.Times times = view.times();
        Times.write(json, "createTime", times.created());
        times.ended().ifPresent(at -> Times.write(json, "endTime", at));
        Times.write(json, "updateTime", updated(times));
        json.writeObjectPropertyStart("batchStats");
        stats(json);
        json.writeEndObject();
        json.writeStringProperty("state", "BATCH_STATE_" + state());
        json.writeStringProperty("name", "batches/" + view.id());
    }

    private static Instant updated(BatchView.Times times) {
        return times.ended().or(times::cancelling).or(times::started).orElse(times.created());
    }

    /** There is no state for a batch that is being cancelled. */
    private String state() {
        return switch (view.phase()) {
            case VALIDATING -> "PENDING";
            case RUNNING, FINALIZING, CANCELLING -> "RUNNING";
            case COMPLETED -> "SUCCEEDED";
            case FAILED -> "FAILED";
            case EXPIRED -> "EXPIRED";
            case CANCELLED -> "CANCELLED";
        };
    }

    private void stats(JsonGenerator json) {
        long all = Long.parseLong(note(REQUESTS));
        BatchView.Counts counts = view.counts();
        count(json, "requestCount", all);
        count(json, "successfulRequestCount", counts.succeeded());
        count(json, "failedRequestCount", counts.failed());
        count(json, "pendingRequestCount", all - (counts.total() - counts.open()));
    }

    private static void count(JsonGenerator json, String name, long count) {
        if (count != 0) {
            json.writeStringProperty(name, "" + count);
        }
    }

    private void end(JsonGenerator json, boolean whole) {
        if (results().isPresent()) {
            if (whole || !inline()) {
                json.writeObjectPropertyStart("response");
                json.writeStringProperty("@type", kind().outputType());
                output(json);
                json.writeEndObject();
            }
            return;
        }
        switch (view.phase()) {
            case CANCELLED -> error(json, 1, "Batch was cancelled.");
            case EXPIRED ->
                    error(json, 4, "Batch expired: it was pending or running for too long.");
            case FAILED -> view.problems().stream().findFirst().ifPresent(p -> error(json, p));
            case VALIDATING, RUNNING, FINALIZING, CANCELLING, COMPLETED -> {}
        }
    }

    private static void error(JsonGenerator json, Problem problem) {
        boolean coded = problem.code().matches("\\d{1,2}");
        error(json, coded ? Integer.parseInt(problem.code()) : INTERNAL, problem.message());
    }

    private static void error(JsonGenerator json, int code, String message) {
        json.writeObjectPropertyStart("error");
        json.writeNumberProperty("code", code);
        json.writeStringProperty("message", message);
        json.writeEndObject();
    }

    private void output(JsonGenerator json) {
        StoredFile results = results().orElseThrow();
        if (!inline()) {
            json.writeStringProperty("responsesFile", "files/" + results.id());
            return;
        }
        json.writeObjectPropertyStart("inlinedResponses");
        json.writeArrayPropertyStart("inlinedResponses");
        rows(json, results.content());
        json.writeEndArray();
        json.writeEndObject();
    }

    /** A line that is no object can't be part of a larger one, and is left out. */
    private static void rows(JsonGenerator json, FileSlice content) {
        try (var lines = RowCursor.over(List.of(RowFile.lines(content)))) {
            while (lines.next()) {
                if (RawObject.read(lines.buffer(), lines.start(), lines.length()).isPresent()) {
                    json.writeRawValue(
                            new String(
                                    lines.buffer(),
                                    lines.start(),
                                    lines.length(),
                                    StandardCharsets.UTF_8));
                }
            }
        }
    }
}
