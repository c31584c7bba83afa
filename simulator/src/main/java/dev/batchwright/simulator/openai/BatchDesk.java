package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Order;
import dev.batchwright.simulator.batch.Problem;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Wire;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/** OpenAI's batches. Its files are with {@link FileDesk}. */
final class BatchDesk implements BatchRoutes {
    private static final String BATCHES = "/v1/batches";
    private static final Duration RESULT_LIFE = Duration.ofDays(30);

    private final Profile profile;
    private final Dialect dialect;
    private final BatchJson json;
    private final BatchEngine engine;
    private final Wire wire;
    private final FileDesk files;

    BatchDesk(Profile profile, Dialect dialect, BatchEngine engine, Wire wire) {
        this.profile = profile;
        this.dialect = dialect;
        this.json = new BatchJson(dialect);
        this.engine = engine;
        this.wire = wire;
        this.files = new FileDesk(engine, dialect, json, this::check);
    }

    @Override
    public Optional<BatchRoute> route(String method, String whole) {
        String path = whole.startsWith("/v1/") ? whole : "/v1" + whole;
        if (!path.startsWith(BATCHES)) {
            return files.route(method, path);
        }
        if (path.equals(BATCHES)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.CREATE, (head, body) -> create(body));
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list(head));
                default -> Optional.empty();
            };
        }
        String id = path.substring(BATCHES.length() + 1);
        if (method.equals("POST") && id.endsWith("/cancel")) {
            String cancelled = id.substring(0, id.length() - "/cancel".length());
            return route(BatchRoute.Kind.CANCEL, (head, body) -> cancel(cancelled));
        }
        if (method.equals("GET")
                && id.endsWith("/results")
                && dialect.has(Dialect.Trait.PARTIAL_RESULTS)) {
            String wanted = id.substring(0, id.length() - "/results".length());
            return route(
                    BatchRoute.Kind.DOWNLOAD,
                    (head, body) ->
                            new GrowingOutput(engine)
                                    .ofBatch(wanted, head)
                                    .orElseGet(() -> unknown(wanted)));
        }
        return method.equals("GET") && !id.contains("/")
                ? route(BatchRoute.Kind.POLL, (head, body) -> poll(id))
                : Optional.empty();
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply poll(String id) {
        if (!json.isId(id)) {
            return refuse(Refusal.of(Reason.BAD_REQUEST, 400, "Invalid batch id: not a UUID."));
        }
        return engine.find(id).map(this::reply).orElseGet(() -> unknown(id));
    }

    private boolean supports(String endpoint) {
        return dialect.endpoints().contains(dialect.canonical(endpoint));
    }

    private BatchReply cancel(String id) {
        Optional<BatchView> cancelled = engine.cancel(id);
        if (cancelled.isPresent()) {
            return reply(cancelled.get());
        }
        return engine.find(id).map(this::uncancelled).orElseGet(() -> unknown(id));
    }

    /** Cancelling what is cancelled already is allowed. */
    private BatchReply uncancelled(BatchView view) {
        return switch (view.phase()) {
            case COMPLETED, FAILED, EXPIRED ->
                    refuse(
                            Refusal.of(
                                    Reason.BAD_REQUEST,
                                    409,
                                    "Cannot cancel a batch with status '%s'."
                                            .formatted(BatchJson.status(view.phase()))));
            case VALIDATING, RUNNING, FINALIZING, CANCELLING, CANCELLED -> reply(view);
        };
    }

    private BatchReply list(Arrival head) {
        return Page.of(
                head, engine.newestFirst(), BatchView::id, json::batch, new Page.Limits(20, 100));
    }

    private BatchReply create(Payload payload) {
        Optional<JsonNode> read = Json.read(payload.bytes()).filter(JsonNode::isObject);
        if (read.isEmpty()) {
            return refuse(JsonCall.NO_JSON);
        }
        JsonNode body = read.get();
        Checks checks =
                Checks.of(body)
                        .required("input_file_id")
                        .string("input_file_id")
                        .required("endpoint")
                        .string("endpoint")
                        .oneOf("endpoint", this::supports, dialect.endpoints())
                        .required("completion_window")
                        .string("completion_window")
                        .oneOf("completion_window", dialect.windows()::contains, dialect.windows());
        MetadataCheck.check(checks, body.path("metadata"));
        Lifetime.check(checks, body.path("output_expires_after"), "output_expires_after");
        if (checks.problem().isPresent()) {
            return refuse(checks.problem().get());
        }
        String input = body.path("input_file_id").asString();
        if (engine.files().lagging(input)) {
            return refuse(new Refusal(Reason.BAD_REQUEST, 400, noFile(input), "file_id", null));
        }
        return reply(dialect.createStatus(), engine.create(order(body)));
    }

    private Order order(JsonNode body) {
        String input = body.path("input_file_id").asString();
        String given = body.path("endpoint").asString();
        String path = dialect.canonical(given);
        String window = body.path("completion_window").asString();
        Endpoint endpoint = Objects.requireNonNull(wire.endpoint(path), path);
        Optional<StoredFile> file =
                engine.files().find(input).filter(found -> found.purpose().equals("batch"));
        String id = json.newId("batch_", engine);
        return new Order(
                id,
                "",
                metadata(body.path("metadata")),
                Map.of(BatchJson.WINDOW, window),
                given,
                List.of(input),
                file.map(StoredFile::content).map(RowFile::lines).stream().toList(),
                file.isPresent() ? check(Optional.of(path)) : rows -> missing(input),
                new BatchRowForm(endpoint),
                dialect.window(window),
                Optional.of(Lifetime.of(body.path("output_expires_after")).orElse(RESULT_LIFE)),
                new Order.ResultNames(
                        json.newId("file-", engine),
                        id + "_output.jsonl",
                        json.newId("file-", engine),
                        id + "_error.jsonl",
                        "batch_output",
                        dialect.has(Dialect.Trait.EMPTY_ERROR_FILE)));
    }

    /**
     * The check of an input file.
     *
     * @param endpoint the only one; if empty, every one that the provider has
     */
    private Function<RowCursor, Inspection> check(Optional<String> endpoint) {
        long limit = engine.settings().maxRequests();
        return new BatchCheck(
                profile,
                dialect,
                endpoint,
                engine.settings().everyProblem(),
                limit == 0 ? dialect.limits().rows() : limit);
    }

    private static Inspection missing(String input) {
        return new Inspection(
                0, 0, "", List.of(Problem.of("invalid_request", noFile(input)).about("file_id")));
    }

    private static String noFile(String input) {
        return "Cannot find file %s, or the organization org-simulator does not have access to it."
                .formatted(input);
    }

    private static Map<String, String> metadata(JsonNode given) {
        Map<String, String> metadata = new LinkedHashMap<>();
        given.properties().forEach(pair -> metadata.put(pair.getKey(), pair.getValue().asString()));
        return metadata;
    }

    private BatchReply reply(BatchView view) {
        return reply(200, view);
    }

    private BatchReply reply(int status, BatchView view) {
        return BatchReply.json(status, Json.write(out -> json.batch(out, view)));
    }

    private static BatchReply unknown(String id) {
        return refuse(
                Refusal.of(Reason.BAD_REQUEST, 404, "No batch found with id '%s'.".formatted(id)));
    }

    private static BatchReply refuse(Refusal refusal) {
        return BatchReply.of(ErrorBody.of(refusal));
    }
}
