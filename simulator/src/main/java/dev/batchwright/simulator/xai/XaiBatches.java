package dev.batchwright.simulator.xai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchLine;
import dev.batchwright.simulator.batch.BatchPhase;
import dev.batchwright.simulator.batch.BatchView;
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
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.Wire;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiConsumer;

/**
 * xAI's batches from files: no status, only counters; results by pages. Files are those of {@code
 * live}. Requests that are added one by one are not played.
 */
final class XaiBatches implements BatchRoutes {
    private static final String BATCHES = "/v1/batches";
    private static final String CHAT = "/v1/chat/completions";
    private static final Duration LIFE = Duration.ofDays(30);
    private static final int USUAL = 100;
    private static final int MOST = 1000;

    private final Profile profile;
    private final BatchEngine engine;
    private final Wire live;

    XaiBatches(Profile profile, BatchEngine engine, Wire live) {
        this.profile = profile;
        this.engine = engine;
        this.live = live;
    }

    static Reply error(int status, String message) {
        return Reply.json(
                status,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty(
                                    "code",
                                    status < 500
                                            ? "Client specified an invalid argument"
                                            : "Internal error");
                            json.writeStringProperty("error", message);
                            json.writeEndObject();
                        }));
    }

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        if (!path.startsWith(BATCHES)) {
            return live.batches().route(method, path);
        }
        if (path.equals(BATCHES)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.CREATE, (head, body) -> create(body));
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list(head));
                default -> Optional.empty();
            };
        }
        String id = path.substring(BATCHES.length() + 1);
        if (method.equals("POST") && id.endsWith(":cancel")) {
            return route(
                    BatchRoute.Kind.CANCEL,
                    (head, body) -> cancel(id.substring(0, id.length() - 7)));
        }
        if (method.equals("GET") && id.endsWith("/results")) {
            return route(
                    BatchRoute.Kind.DOWNLOAD,
                    (head, body) -> results(id.substring(0, id.length() - 8), head));
        }
        return method.equals("GET")
                ? route(BatchRoute.Kind.POLL, (head, body) -> answer(engine.find(id)))
                : Optional.empty();
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply cancel(String id) {
        return answer(engine.cancel(id).or(() -> engine.find(id)));
    }

    private static BatchReply answer(Optional<BatchView> view) {
        return view.map(
                        found ->
                                BatchReply.json(
                                        200, Json.write(json -> XaiBatches.batch(json, found))))
                .orElseGet(() -> refuse(404, "Batch not found."));
    }

    private BatchReply create(Payload payload) {
        JsonNode body = Json.read(payload.bytes()).orElseGet(JsonNodeFactory.instance::objectNode);
        String input = body.path("input_file_id").asString("");
        Optional<StoredFile> file = engine.files().find(input);
        if (file.isEmpty()) {
            return refuse(404, "File not found: " + input);
        }
        String id = "batch_" + engine.newId();
        return answer(
                Optional.of(
                        engine.create(
                                new Order(
                                        id,
                                        body.path("name").asString(""),
                                        Map.of(),
                                        Map.of(),
                                        CHAT,
                                        List.of(input),
                                        List.of(RowFile.lines(file.get().content())),
                                        this::check,
                                        new XaiRowForm(Objects.requireNonNull(live.endpoint(CHAT))),
                                        Optional.of(LIFE),
                                        Optional.of(LIFE),
                                        new Order.ResultNames(
                                                id + "_results",
                                                id + "_results",
                                                id + "_errors",
                                                id + "_errors",
                                                "batch_output")))));
    }

    private Inspection check(RowCursor rows) {
        long tokens = 0;
        while (rows.next()) {
            Optional<BatchLine> line = BatchLine.read(rows.buffer(), rows.start(), rows.length());
            Optional<String> wrong = wrong(line);
            if (wrong.isPresent()) {
                return new Inspection(
                        rows.row(),
                        0,
                        "",
                        List.of(
                                new Problem(
                                        "invalid_line",
                                        "JSONL file validation failed: line %d: %s"
                                                .formatted(rows.line(), wrong.get()),
                                        Optional.empty(),
                                        OptionalLong.of(rows.line()))));
            }
            tokens += line.map(read -> Tokens.ofBytes(read.body().length)).orElse(0L);
        }
        return new Inspection(rows.row(), tokens, "", List.of());
    }

    private Optional<String> wrong(Optional<BatchLine> line) {
        if (line.isEmpty()) {
            return Optional.of("not a JSON object");
        }
        if (line.get().customId().isEmpty()) {
            return Optional.of("custom_id is missing");
        }
        return profile.knows(line.get().model())
                ? Optional.empty()
                : Optional.of(
                        "Model %s is not supported for batch processing."
                                .formatted(line.get().model()));
    }

    private BatchReply list(Arrival head) {
        return page(head, "batches", engine.newestFirst(), XaiBatches::batch);
    }

    private BatchReply results(String id, Arrival head) {
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return refuse(404, "Batch not found.");
        }
        int from = number(head, "pagination_token", 0);
        int size = Math.min(MOST, number(head, "limit", USUAL));
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart("results");
                            boolean more =
                                    engine.partial(id, from)
                                            .map(partial -> rows(json, partial, size))
                                            .orElse(false);
                            json.writeEndArray();
                            token(json, more, from + size);
                            json.writeEndObject();
                        }));
    }

    /** Writes so many rows; whether there are more. */
    private static boolean rows(JsonGenerator json, BatchView.Partial partial, int size) {
        if (partial.content().length() == 0) {
            return false;
        }
        try (RowCursor rows = RowCursor.over(List.of(RowFile.lines(partial.content())))) {
            for (int i = 0; i < size; i++) {
                if (!rows.next()) {
                    return false;
                }
                json.writeRawValue(
                        new String(
                                rows.buffer(),
                                rows.start(),
                                rows.length(),
                                StandardCharsets.UTF_8));
            }
            return rows.next();
        }
    }

    private static <T> BatchReply page(
            Arrival head, String name, List<T> all, BiConsumer<JsonGenerator, T> writer) {
        int from = Math.min(all.size(), number(head, "pagination_token", 0));
        int end = Math.min(all.size(), from + Math.min(MOST, number(head, "limit", USUAL)));
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart(name);
                            all.subList(from, end).forEach(one -> writer.accept(json, one));
                            json.writeEndArray();
                            token(json, end < all.size(), end);
                            json.writeEndObject();
                        }));
    }

    private static void token(JsonGenerator json, boolean more, int next) {
        if (more) {
            json.writeStringProperty("pagination_token", "" + next);
        } else {
            json.writeNullProperty("pagination_token");
        }
    }

    private static int number(Arrival head, String name, int usual) {
        String given = head.parameter(name);
        return given.matches("\\d{1,8}") ? Integer.parseInt(given) : usual;
    }

    private static void batch(JsonGenerator json, BatchView view) {
        BatchView.Counts counts = view.counts();
        json.writeStartObject();
        json.writeStringProperty("batch_id", view.id());
        json.writeStringProperty("name", view.order().name());
        time(json, "create_time", Optional.of(view.times().created()));
        time(json, "expire_time", view.times().expires());
        time(json, "cancel_time", view.times().cancelling());
        if (view.phase() == BatchPhase.FAILED) {
            json.writeStringProperty("cancel_by_xai_message", view.problems().getFirst().message());
        } else {
            json.writeNullProperty("cancel_by_xai_message");
        }
        json.writeObjectPropertyStart("state");
        json.writeNumberProperty("num_requests", counts.total());
        json.writeNumberProperty("num_pending", counts.open());
        json.writeNumberProperty("num_success", counts.succeeded());
        json.writeNumberProperty("num_error", counts.failed());
        json.writeNumberProperty("num_cancelled", counts.cancelled() + counts.expired());
        json.writeEndObject();
        json.writeStringProperty("input_file_id", view.order().inputs().getFirst());
        json.writeEndObject();
    }

    private static void time(JsonGenerator json, String name, Optional<Instant> time) {
        if (time.isPresent()) {
            json.writeStringProperty(name, time.get().toString());
        } else {
            json.writeNullProperty(name);
        }
    }

    private static BatchReply refuse(int status, String message) {
        return BatchReply.of(error(status, message));
    }
}
