package dev.batchwright.provider.gemini;

import dev.batchwright.job.ItemError;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;

import tools.jackson.databind.JsonNode;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A batch as the API tells it: a long-running operation, whose {@code done} is missing as long as
 * it is not, with numbers as text and zeros left out.
 *
 * @param inlined whether it carries results, which were taken out of it
 */
record Operation(JsonNode json, boolean inlined) {
    /** A batch that is not over by then is given up. */
    static final Duration LIFE = Duration.ofDays(2);

    /** How long the results of a batch that is over may be late. */
    private static final Duration LATE = Duration.ofMinutes(10);

    /** What the names of our batches begin with. */
    private static final String OURS = "batchwright-";

    Optional<String> id() {
        String name = json.path("name").asString("");
        return name.startsWith("batches/") ? Optional.of(name) : Optional.empty();
    }

    String displayName() {
        return metadata().path("displayName").asString("");
    }

    String inputFile() {
        return metadata().path("inputConfig").path("fileName").asString("");
    }

    private JsonNode metadata() {
        return json.path("metadata");
    }

    RemoteBatch toRemoteBatch(String id, Instant now) {
        return new RemoteBatch(id, endpoint(), phase(id, now), counts(), expiresAt());
    }

    /** As one that goes on: a list leaves results out, so it can't say that a batch has none. */
    RemoteBatch listed(String id) {
        return new RemoteBatch(
                id,
                endpoint(),
                new Phase.Running(state().toLowerCase(Locale.ROOT), List.of()),
                counts(),
                expiresAt());
    }

    private String state() {
        return metadata()
                .path("state")
                .asString("")
                .toUpperCase(Locale.ROOT)
                .replaceFirst("^(BATCH|JOB)_STATE_", "");
    }

    /** A batch of ours may hold translated requests, of which Gemini knows nothing. */
    private Optional<String> endpoint() {
        String type = metadata().path("@type").asString("");
        if (displayName().startsWith(OURS) || !type.endsWith("Batch")) {
            return Optional.empty();
        }
        Call call = type.endsWith("EmbedContentBatch") ? Call.EMBED : Call.GENERATE;
        return Optional.of(call.endpoint());
    }

    private RemoteBatch.Counts counts() {
        JsonNode stats = metadata().path("batchStats");
        return new RemoteBatch.Counts(
                stats.path("requestCount").asLong(0),
                stats.path("successfulRequestCount").asLong(0),
                stats.path("failedRequestCount").asLong(0));
    }

    private Optional<Instant> expiresAt() {
        return time("createTime").map(created -> created.plus(LIFE));
    }

    private Optional<Instant> time(String field) {
        try {
            return Optional.of(Instant.parse(metadata().path(field).asString("")));
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    private Phase phase(String id, Instant now) {
        String state = state();
        List<ResultFile> files = files(id);
        boolean done = json.path("done").booleanValue(false);
        return switch (state) {
            case "SUCCEEDED" -> succeeded(files, now);
            case "CANCELLED", "CANCELED" -> new Phase.Ended(new End.Cancelled(), files);
            case "EXPIRED" -> new Phase.Ended(new End.Expired(), files);
            case "FAILED" -> new Phase.Ended(failure(files), files);
            default -> {
                if (!done) {
                    yield new Phase.Running(state.toLowerCase(Locale.ROOT), List.of());
                }
                yield json.path("error").isObject()
                        ? new Phase.Ended(failure(files), files)
                        : succeeded(files, now);
            }
        };
    }

    /** The state may be told before the results are: without them it is not over. */
    private Phase succeeded(List<ResultFile> files, Instant now) {
        boolean late =
                time("endTime")
                        .or(() -> time("updateTime"))
                        .map(ended -> now.isBefore(ended.plus(LATE)))
                        .orElse(!json.path("done").booleanValue(false));
        return files.isEmpty() && late
                ? new Phase.Running("succeeded", List.of())
                : new Phase.Ended(new End.Completed(), files);
    }

    private End failure(List<ResultFile> files) {
        JsonNode error = json.path("error");
        GrpcCode code = GrpcCode.of(error.path("code").asInt(-1));
        var said =
                new ItemError(
                        code.code(),
                        error.path("message").asString("The batch failed, and no reason is told."));
        if (!files.isEmpty()) {
            return new End.Failed(said);
        }
        return switch (code) {
            case CANCELLED -> new End.Cancelled();
            case INVALID_ARGUMENT ->
                    new End.Invalid(
                            List.of(new InputProblem(Optional.empty(), Optional.empty(), said)));
            case RESOURCE_EXHAUSTED -> new End.QueueFull(said, Optional.empty());
            default -> new End.Failed(said);
        };
    }

    private List<ResultFile> files(String id) {
        String file =
                responsesFile(json.path("response"))
                        .or(() -> responsesFile(metadata().path("output")))
                        .orElse("");
        if (!file.isEmpty()) {
            return List.of(ResultReference.ofFile(file));
        }
        return inlined ? List.of(ResultReference.ofBatch(id)) : List.of();
    }

    private static Optional<String> responsesFile(JsonNode output) {
        return Optional.of(output.path("responsesFile").asString(""))
                .filter(name -> !name.isEmpty());
    }
}
