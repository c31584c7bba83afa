package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchLine;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.InlineRows;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Order;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.openai.Profile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Wire;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Mistral's batch jobs. */
final class JobDesk implements BatchRoutes {
    private static final String JOBS = "/v1/batch/jobs";
    private static final List<String> ENDPOINTS =
            List.of("/v1/chat/completions", "/v1/embeddings", "/v1/moderations");
    private static final long MOST_INLINE = 10_000;
    private static final String MODEL = "model";
    private static final String INLINE = "inline";

    private final Profile profile;
    private final BatchEngine engine;
    private final Wire live;
    private final FileDesk files;

    JobDesk(Profile profile, BatchEngine engine, Wire live) {
        this.profile = profile;
        this.engine = engine;
        this.live = live;
        this.files = new FileDesk(engine, live);
    }

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        if (!path.startsWith(JOBS)) {
            return files.route(method, path);
        }
        if (path.equals(JOBS)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.CREATE, (head, body) -> create(body));
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list(head));
                default -> Optional.empty();
            };
        }
        String id = path.substring(JOBS.length() + 1);
        if (method.equals("POST") && id.endsWith("/cancel")) {
            return route(
                    BatchRoute.Kind.CANCEL,
                    (head, body) -> cancel(id.substring(0, id.length() - 7)));
        }
        return switch (method) {
            case "GET" -> route(BatchRoute.Kind.POLL, (head, body) -> poll(id, head));
            case "DELETE" -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply poll(String id, Arrival head) {
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return unknown();
        }
        boolean inline =
                head.parameter("inline").equals("true")
                        && view.get().order().notes().containsKey(INLINE)
                        && view.get().phase().ended();
        if (!inline) {
            return reply(view.get());
        }
        Path target = engine.scratch().file();
        try {
            Json.write(Files.newOutputStream(target), json -> job(json, view.get(), true));
            return BatchReply.download(
                    "application/json", List.of(), new FileSlice(target, 0, Files.size(target)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BatchReply cancel(String id) {
        return engine.cancel(id)
                .or(() -> engine.find(id))
                .map(JobDesk::reply)
                .orElseGet(JobDesk::unknown);
    }

    private BatchReply delete(String id) {
        return engine.delete(id)
                ? BatchReply.json(
                        200,
                        Json.write(
                                json -> {
                                    json.writeStartObject();
                                    json.writeStringProperty("id", id);
                                    json.writeStringProperty("object", "batch");
                                    json.writeBooleanProperty("deleted", true);
                                    json.writeEndObject();
                                }))
                : unknown();
    }

    private BatchReply list(Arrival head) {
        List<String> statuses = head.parameters("status");
        List<String> models = head.parameters("model");
        Optional<JsonNode> metadata =
                head.parameters("metadata").stream()
                        .findFirst()
                        .flatMap(text -> Json.read(text.getBytes(StandardCharsets.UTF_8)));
        Optional<Instant> after;
        try {
            after = head.parameters("created_after").stream().findFirst().map(Instant::parse);
        } catch (DateTimeParseException e) {
            return MistralError.detail(422, "created_after: Input should be a valid datetime");
        }
        List<BatchView> found =
                engine.newestFirst().stream()
                        .filter(view -> statuses.isEmpty() || statuses.contains(status(view)))
                        .filter(view -> models.isEmpty() || models.contains(model(view)))
                        .filter(view -> metadata.map(all -> matches(view, all)).orElse(true))
                        .filter(view -> after.map(view.times().created()::isAfter).orElse(true))
                        .toList();
        return Numbered.page(
                head,
                head.parameter("order_by").equals("created") ? found.reversed() : found,
                (json, view) -> job(json, view, false));
    }

    private static boolean matches(BatchView view, JsonNode wanted) {
        return wanted.properties().stream()
                .allMatch(
                        pair ->
                                pair.getValue()
                                        .asString("")
                                        .equals(view.order().metadata().get(pair.getKey())));
    }

    private BatchReply create(Payload payload) {
        Optional<InlineRows> cut =
                InlineRows.cut(payload, "requests"::equals, engine.scratch().file());
        Optional<JsonNode> read = cut.flatMap(rows -> Json.read(rows.rest()));
        if (read.isEmpty()) {
            return MistralError.detail(422, "JSON decode error");
        }
        JsonNode body = read.get();
        String endpoint = body.path("endpoint").asString("");
        String model = body.path(MODEL).asString("");
        if (!ENDPOINTS.contains(endpoint)) {
            return MistralError.detail(422, "endpoint: Input should be " + ENDPOINTS);
        }
        if (!model.isEmpty() && !profile.knows(model)) {
            return MistralError.detail(422, "Invalid model: " + model);
        }
        int hours = body.path("timeout_hours").asInt(24);
        if (hours < 1 || hours > 168) {
            return MistralError.detail(422, "timeout_hours: Input should be from 1 to 168");
        }
        for (Map.Entry<String, JsonNode> pair : body.path("metadata").properties()) {
            String value = pair.getValue().asString("");
            if (pair.getKey().length() > 32 || value.isEmpty() || value.length() > 512) {
                return MistralError.detail(
                        422, "metadata: keys have 1 to 32 characters, values 1 to 512");
            }
        }
        List<String> inputs = new ArrayList<>();
        List<RowFile> rows = new ArrayList<>();
        for (JsonNode input : body.path("input_files")) {
            Optional<StoredFile> file = engine.files().find(input.asString(""));
            if (file.isEmpty()) {
                return MistralError.detail(404, "No file matches the given query.");
            }
            inputs.add(file.get().id());
            rows.add(RowFile.lines(file.get().content()));
        }
        long inline = cut.get().count();
        if (inline > MOST_INLINE || (inline == 0) == rows.isEmpty()) {
            return MistralError.detail(
                    422, "Give either input_files or requests, and at most 10000 of the latter");
        }
        if (inline > 0) {
            rows.add(cut.get().rows());
        }
        return reply(
                engine.create(order(body, new Input(inputs, rows, inline > 0), endpoint, hours)));
    }

    /** Where the rows of a job come from. */
    private record Input(List<String> names, List<RowFile> rows, boolean inline) {}

    private Order order(JsonNode body, Input input, String path, int hours) {
        Map<String, String> metadata = new LinkedHashMap<>();
        body.path("metadata")
                .properties()
                .forEach(pair -> metadata.put(pair.getKey(), pair.getValue().asString()));
        String model = body.path(MODEL).asString("");
        Map<String, String> notes = new LinkedHashMap<>(Map.of(MODEL, model));
        if (input.inline()) {
            notes.put(INLINE, "true");
        }
        Endpoint endpoint = Objects.requireNonNull(live.endpoint(path), path);
        String id = FileDesk.uuid(engine);
        return new Order(
                id,
                "",
                metadata,
                notes,
                path,
                input.names(),
                input.rows(),
                rows -> count(rows, model),
                new JobRowForm(endpoint, model),
                Optional.of(Duration.ofHours(hours)),
                Optional.empty(),
                new Order.ResultNames(
                        FileDesk.uuid(engine),
                        "batch_output_" + id + ".jsonl",
                        FileDesk.uuid(engine),
                        "batch_errors_" + id + ".jsonl",
                        "batch_output"));
    }

    private static Inspection count(RowCursor rows, String model) {
        long tokens = 0;
        List<Problem> problems = new ArrayList<>();
        while (rows.next()) {
            Optional<BatchLine> line = BatchLine.read(rows.buffer(), rows.start(), rows.length());
            if (line.isEmpty() && problems.isEmpty()) {
                problems.add(Problem.of("invalid_request", "A request is not an object."));
            }
            tokens += line.map(read -> Tokens.ofBytes(read.body().length)).orElse(0L);
        }
        return new Inspection(rows.row(), tokens, model, problems);
    }

    private static BatchReply reply(BatchView view) {
        return BatchReply.json(200, Json.write(json -> job(json, view, false)));
    }

    private static String model(BatchView view) {
        return view.order().notes().getOrDefault(MODEL, "");
    }

    private static void job(JsonGenerator json, BatchView view, boolean withRows) {
        BatchView.Counts counts = view.counts();
        json.writeStartObject();
        json.writeStringProperty("id", view.id());
        json.writeStringProperty("object", "batch");
        json.writeArrayPropertyStart("input_files");
        view.order().inputs().forEach(json::writeString);
        json.writeEndArray();
        json.writeObjectPropertyStart("metadata");
        view.order().metadata().forEach(json::writeStringProperty);
        json.writeEndObject();
        json.writeStringProperty("endpoint", view.order().endpoint());
        text(json, MODEL, Optional.of(model(view)).filter(name -> !name.isEmpty()));
        json.writeNullProperty("agent_id");
        text(json, "output_file", view.output().map(StoredFile::id));
        text(json, "error_file", view.errors().map(StoredFile::id));
        json.writeArrayPropertyStart("errors");
        view.problems().forEach(problem -> error(json, problem.message(), 1));
        view.failures()
                .forEach(
                        (status, count) ->
                                error(json, "HTTP Error, status code: " + status, count));
        json.writeEndArray();
        if (withRows) {
            json.writeArrayPropertyStart("outputs");
            view.output().ifPresent(file -> rows(json, file));
            view.errors().ifPresent(file -> rows(json, file));
            json.writeEndArray();
        } else {
            json.writeNullProperty("outputs");
        }
        json.writeStringProperty("status", view.strangeStatus().orElse(status(view)));
        json.writeNumberProperty("created_at", view.times().created().getEpochSecond());
        json.writeNumberProperty("total_requests", counts.total());
        json.writeNumberProperty("completed_requests", counts.succeeded() + counts.failed());
        json.writeNumberProperty("succeeded_requests", counts.succeeded());
        json.writeNumberProperty("failed_requests", counts.failed());
        time(json, "started_at", view.times().started());
        time(json, "completed_at", view.times().ended());
        json.writeEndObject();
    }

    private static void rows(JsonGenerator json, StoredFile file) {
        if (file.content().length() == 0) {
            return;
        }
        try (RowCursor rows = RowCursor.over(List.of(RowFile.lines(file.content())))) {
            while (rows.next()) {
                json.writeRawValue(
                        new String(
                                rows.buffer(),
                                rows.start(),
                                rows.length(),
                                StandardCharsets.UTF_8));
            }
        }
    }

    private static void error(JsonGenerator json, String message, long count) {
        json.writeStartObject();
        json.writeStringProperty("message", message);
        json.writeNumberProperty("count", count);
        json.writeEndObject();
    }

    private static String status(BatchView view) {
        return switch (view.phase()) {
            case VALIDATING -> "QUEUED";
            case RUNNING, FINALIZING -> "RUNNING";
            case COMPLETED -> "SUCCESS";
            case FAILED -> "FAILED";
            case EXPIRED -> "TIMEOUT_EXCEEDED";
            case CANCELLED -> "CANCELLED";
            case CANCELLING ->
                    view.times().started().isPresent() ? "CANCELLATION_REQUESTED" : "CANCELLED";
        };
    }

    private static void text(JsonGenerator json, String name, Optional<String> value) {
        if (value.isPresent()) {
            json.writeStringProperty(name, value.get());
        } else {
            json.writeNullProperty(name);
        }
    }

    private static void time(JsonGenerator json, String name, Optional<Instant> value) {
        if (value.isPresent()) {
            json.writeNumberProperty(name, value.get().getEpochSecond());
        } else {
            json.writeNullProperty(name);
        }
    }

    private static BatchReply unknown() {
        return MistralError.detail(404, "Batch job not found.");
    }
}
