package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.InlineRows;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Order;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gemini's batches. Thread-safe. */
final class BatchDesk implements BatchRoutes {
    private static final Pattern CREATE =
            Pattern.compile(
                    "/v1(?:beta|alpha)?/models/([^/:]+):(batchGenerateContent|asyncBatchEmbedContent)");
    private static final Pattern BATCHES =
            Pattern.compile("/v1(?:beta|alpha)?/batches(?:/([^/:]+)(?::(cancel))?)?");
    private static final Set<String> INLINE =
            Set.of("batch.inputConfig.requests.requests", "batch.input_config.requests.requests");
    private static final Duration WINDOW = Duration.ofDays(2);
    private static final long MOST_INLINE_BYTES = 20L * 1024 * 1024;
    private static final int MOST_AT_ONCE = 100;

    private final Catalog catalog;
    private final BatchEngine engine;
    private final boolean inlineMetadata;
    private final ConcurrentMap<String, FileSlice> ended = new ConcurrentHashMap<>();

    BatchDesk(Catalog catalog, BatchEngine engine, boolean inlineMetadata) {
        this.catalog = catalog;
        this.engine = engine;
        this.inlineMetadata = inlineMetadata;
    }

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        Matcher create = CREATE.matcher(path);
        if (create.matches()) {
            BatchKind kind =
                    create.group(2).equals(BatchKind.GENERATE.method())
                            ? BatchKind.GENERATE
                            : BatchKind.EMBED;
            String model = create.group(1);
            return method.equals("POST")
                    ? route(BatchRoute.Kind.CREATE, (head, body) -> create(kind, model, body))
                    : Optional.empty();
        }
        Matcher batches = BATCHES.matcher(path);
        if (!batches.matches()) {
            return Optional.empty();
        }
        String id = batches.group(1);
        String verb = batches.group(2) == null ? "" : batches.group(2);
        if (id == null) {
            return method.equals("GET")
                    ? route(BatchRoute.Kind.LIST, (head, body) -> list(head))
                    : Optional.empty();
        }
        return switch (method + " " + verb) {
            case "GET " -> route(BatchRoute.Kind.POLL, (head, body) -> poll(id));
            case "DELETE " -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            case "POST cancel" -> route(BatchRoute.Kind.CANCEL, (head, body) -> cancel(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply create(BatchKind kind, String model, Payload body) {
        if (!catalog.knows(model)) {
            return refuse(Catalog.unknown(model, kind.method()));
        }
        if (body.length() > MOST_INLINE_BYTES) {
            return wrong(
                    "Request payload size exceeds the limit: %d bytes."
                            .formatted(MOST_INLINE_BYTES));
        }
        Optional<InlineRows> cut = InlineRows.cut(body, INLINE::contains, engine.scratch().file());
        if (cut.isEmpty()) {
            return wrong("Invalid JSON payload received. Expected an object.");
        }
        var proto = new ProtoJson();
        ObjectNode request = proto.read(kind.call(), Json.read(cut.get().rest()).orElseThrow());
        Optional<ProtoJson.Wrong> wrong =
                proto.wrong().or(() -> BatchInput.wrong(cut.get().rows(), kind));
        if (wrong.isPresent()) {
            return refuse(ModelCall.refusal(wrong.get()));
        }
        JsonNode batch = request.path("batch");
        String fileName = batch.path("inputConfig").path("fileName").asString("");
        if (!fileName.isEmpty()) {
            return fromFile(kind, model, batch, fileName);
        }
        return cut.get().count() == 0
                ? wrong("* " + kind.call() + ".batch.input_config: input is not specified\n")
                : create(
                        kind,
                        model,
                        batch,
                        new Source(
                                List.of(), cut.get().rows(), ResultForm.METADATA, inlineMetadata));
    }

    /**
     * Where requests come from.
     *
     * @param inputs the name of the file, or none
     * @param name the member that names a request
     * @param named whether results have it, too
     */
    private record Source(List<String> inputs, RowFile rows, String name, boolean named) {}

    private BatchReply fromFile(BatchKind kind, String model, JsonNode batch, String fileName) {
        Optional<StoredFile> file =
                engine.files()
                        .find(fileName.substring(fileName.lastIndexOf('/') + 1))
                        .filter(found -> !found.purpose().equals(FileDesk.GENERATED));
        return file.isPresent()
                ? create(
                        kind,
                        model,
                        batch,
                        new Source(
                                List.of(fileName),
                                RowFile.lines(file.get().content()),
                                "key",
                                true))
                : notFound();
    }

    private BatchReply create(BatchKind kind, String model, JsonNode batch, Source source) {
        Inspection seen = BatchInput.inspect(source.rows(), model, engine.settings().maxRequests());
        if (full(model, seen)) {
            return refuse(Refusal.of(Reason.CONCURRENCY, 429, "The queue is full."));
        }
        String id = engine.newId() + engine.newId().substring(28);
        BatchView view =
                engine.create(
                        new Order(
                                id,
                                batch.path("displayName").asString(""),
                                Map.of(),
                                Map.of(
                                        Operation.KIND,
                                        kind.name(),
                                        Operation.MODEL,
                                        model,
                                        Operation.REQUESTS,
                                        "" + seen.rows(),
                                        Operation.TOKENS,
                                        "" + seen.tokens()),
                                "/v1beta/models/" + model,
                                source.inputs(),
                                List.of(source.rows()),
                                rows -> seen,
                                new ResultForm(
                                        source.name(),
                                        source.named(),
                                        kind.endpoint(model, catalog)),
                                Optional.of(WINDOW),
                                Optional.of(FileDesk.LIFE),
                                new Order.ResultNames(
                                        "batch-" + id,
                                        "",
                                        "errors-" + id,
                                        "",
                                        FileDesk.GENERATED)));
        return shown(view);
    }

    /** Whether too many batches, or too many of the model's tokens, are waiting. */
    private boolean full(String model, Inspection seen) {
        List<Operation> open =
                engine.newestFirst().stream()
                        .filter(view -> !view.phase().ended())
                        .map(Operation::new)
                        .toList();
        long limit = engine.settings().enqueuedTokens();
        long enqueued =
                open.stream()
                        .filter(other -> other.note(Operation.MODEL).equals(model))
                        .mapToLong(other -> Long.parseLong(other.note(Operation.TOKENS)))
                        .sum();
        return open.size() >= MOST_AT_ONCE || (limit > 0 && enqueued + seen.tokens() > limit);
    }

    private BatchReply poll(String id) {
        return engine.find(id).map(this::shown).orElseGet(BatchDesk::notFound);
    }

    private BatchReply shown(BatchView view) {
        var operation = new Operation(view);
        return operation.carriesResults()
                ? BatchReply.download(
                        "application/json; charset=UTF-8",
                        List.of(),
                        ended.computeIfAbsent(view.id(), id -> onDisk(operation)))
                : BatchReply.json(200, Json.write(json -> operation.write(json, true)));
    }

    private FileSlice onDisk(Operation operation) {
        Path path = engine.scratch().file();
        Json.write(path, json -> operation.write(json, true));
        return new FileSlice(path, 0, path.toFile().length());
    }

    private BatchReply list(Arrival head) {
        Page<BatchView> page = Page.of(head, engine.newestFirst(), 50, 1000);
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            if (!page.items().isEmpty()) {
                                json.writeArrayPropertyStart("operations");
                                page.items()
                                        .forEach(view -> new Operation(view).write(json, false));
                                json.writeEndArray();
                            }
                            if (!page.next().isEmpty()) {
                                json.writeStringProperty("nextPageToken", page.next());
                            }
                            json.writeEndObject();
                        }));
    }

    private BatchReply cancel(String id) {
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return notFound();
        }
        engine.cancel(id);
        return view.get().phase().ended()
                ? refuse(
                        new Refusal(
                                Reason.BAD_REQUEST,
                                400,
                                "Batch is already done and cannot be cancelled.",
                                null,
                                "FAILED_PRECONDITION"))
                : nothing();
    }

    /** Forgets a batch; what was not executed by then never is. */
    private BatchReply delete(String id) {
        engine.cancel(id);
        return engine.delete(id) ? nothing() : notFound();
    }

    private static BatchReply nothing() {
        return BatchReply.json(200, "{}\n".getBytes(StandardCharsets.UTF_8));
    }

    private static BatchReply notFound() {
        return refuse(Refusal.of(Reason.OTHER, 404, "Requested entity was not found."));
    }

    private static BatchReply wrong(String message) {
        return refuse(Refusal.of(Reason.BAD_REQUEST, 400, message));
    }

    private static BatchReply refuse(Refusal refusal) {
        return BatchReply.of(StatusBody.of(refusal, Optional.empty()));
    }
}
