package dev.batchwright.simulator.fireworks;

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
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fireworks' batch inference jobs, called as the client wants. One wrong row fails all of a job. A
 * job can't be cancelled, only deleted; then it is seen once more, and its results are gone.
 * Thread-safe.
 */
final class Jobs {
    private static final String JOBS = "/batchInferenceJobs";
    private static final String MODEL = "model";
    private static final String OUTPUT = "output";
    private static final Duration DAY = Duration.ofDays(1);

    private final Profile profile;
    private final BatchEngine engine;
    private final Datasets datasets;
    private final Endpoint chat;
    private final Set<String> taken = ConcurrentHashMap.newKeySet();
    private final Set<String> deleting = ConcurrentHashMap.newKeySet();
    private final Set<String> deleted = ConcurrentHashMap.newKeySet();

    Jobs(Profile profile, BatchEngine engine, Datasets datasets, Endpoint chat) {
        this.profile = profile;
        this.engine = engine;
        this.datasets = datasets;
        this.chat = chat;
    }

    /**
     * The calls to jobs.
     *
     * @param path behind the account
     */
    Optional<BatchRoute> route(String method, String path) {
        if (path.equals(JOBS)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.CREATE, this::create);
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list());
                default -> Optional.empty();
            };
        }
        if (!path.startsWith(JOBS + "/")) {
            return Optional.empty();
        }
        String id = path.substring(JOBS.length() + 1);
        return switch (method) {
            case "GET" -> route(BatchRoute.Kind.POLL, (head, body) -> poll(id));
            case "DELETE" -> route(BatchRoute.Kind.CANCEL, (head, body) -> delete(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply create(Arrival head, Payload payload) {
        JsonNode body = Json.read(payload.bytes()).orElseGet(JsonNodeFactory.instance::objectNode);
        String given = head.parameter("batchInferenceJobId");
        String id = given.isEmpty() ? "bij-" + engine.newId().substring(0, 8) : given;
        String model = body.path(MODEL).asString("");
        String input = FireworksWire.id(body.path("inputDatasetId").asString(""));
        String output = FireworksWire.id(body.path("outputDatasetId").asString(""));
        Optional<StoredFile> file = datasets.input(input);
        if (model.isEmpty()) {
            return FireworksError.of(400, "model is required");
        }
        if (file.isEmpty()) {
            return FireworksError.notFound();
        }
        if (!taken.add(id)) {
            return FireworksError.of(
                    409, "batch inference job \"%s\" already exists".formatted(id));
        }
        return reply(
                engine.create(
                        order(
                                id,
                                model,
                                file.get(),
                                output.isEmpty() ? "bij-" + id : output,
                                window(body.path("maxJobDuration").asString("")))));
    }

    private static Duration window(String text) {
        return text.matches("\\d{1,7}s")
                ? Duration.ofSeconds(Long.parseLong(text.substring(0, text.length() - 1)))
                : DAY;
    }

    private Order order(String id, String model, StoredFile input, String output, Duration window) {
        return new Order(
                id,
                id,
                Map.of(),
                Map.of(MODEL, model, OUTPUT, output),
                chat.canonicalPath(),
                List.of(input.id()),
                List.of(RowFile.lines(input.content())),
                rows -> check(rows, model),
                new FireworksRowForm(chat, model),
                Optional.of(window),
                Optional.empty(),
                new Order.ResultNames(
                        output + "/BIJOutputSet.jsonl",
                        "BIJOutputSet.jsonl",
                        output + "/error-data",
                        "error-data",
                        "dataset",
                        true));
    }

    private Inspection check(RowCursor rows, String model) {
        if (!profile.knows(model)) {
            return Inspection.failed(
                    Problem.of("NOT_FOUND", "model \"%s\" does not exist".formatted(model)));
        }
        long tokens = 0;
        while (rows.next()) {
            Optional<BatchLine> line = BatchLine.read(rows.buffer(), rows.start(), rows.length());
            if (line.isEmpty() || line.get().customId().isEmpty() || !fine(line.get(), model)) {
                // It counts its lines from somewhere else.
                return Inspection.failed(
                        Problem.of(
                                "INVALID_ARGUMENT",
                                "Dataset has a syntax error: chat dataset validation failed on input2.jsonl:%d"
                                        .formatted(rows.line() - 1)));
            }
            tokens += Tokens.ofBytes(line.get().body().length);
        }
        return new Inspection(rows.row(), tokens, model, List.of());
    }

    private boolean fine(BatchLine line, String model) {
        byte[] body = line.bodyFor(model);
        String path = chat.canonicalPath();
        return line.model().isEmpty()
                && chat.read(
                                Arrival.post(path, body, engine.clock().instant()),
                                RequestHash.of(path, body))
                        instanceof Intake.Ready;
    }

    private Optional<BatchView> find(String id) {
        return deleted.contains(id) ? Optional.empty() : engine.find(id);
    }

    /** One that is being deleted is told for the last time. */
    private BatchReply poll(String id) {
        Optional<BatchReply> told = find(id).map(this::reply);
        if (deleting.remove(id)) {
            deleted.add(id);
        }
        return told.orElseGet(FireworksError::notFound);
    }

    private BatchReply delete(String id) {
        Optional<BatchView> view = find(id);
        if (view.isEmpty()) {
            return FireworksError.notFound();
        }
        if (engine.cancel(id).isEmpty()) {
            deleted.add(id);
        } else {
            deleting.add(id);
            datasets.drop(view.get().order().notes().getOrDefault(OUTPUT, ""));
        }
        return BatchReply.json(200, Json.write(FireworksWire::nothing));
    }

    private BatchReply list() {
        List<BatchView> all =
                engine.newestFirst().stream().filter(view -> !deleted.contains(view.id())).toList();
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart("batchInferenceJobs");
                            all.forEach(view -> job(json, view));
                            json.writeEndArray();
                            json.writeStringProperty("nextPageToken", "");
                            json.writeNumberProperty("totalSize", all.size());
                            json.writeEndObject();
                        }));
    }

    private BatchReply reply(BatchView view) {
        return BatchReply.json(200, Json.write(json -> job(json, view)));
    }

    private void job(JsonGenerator json, BatchView view) {
        BatchView.Counts counts = view.counts();
        Map<String, String> notes = view.order().notes();
        json.writeStartObject();
        json.writeStringProperty("name", FireworksWire.name("batchInferenceJobs", view.id()));
        json.writeStringProperty("displayName", view.order().name());
        json.writeStringProperty("createTime", view.times().created().toString());
        view.times()
                .expires()
                .ifPresent(at -> json.writeStringProperty("expireTime", at.toString()));
        json.writeStringProperty(
                "inputDatasetId", FireworksWire.name("datasets", view.order().inputs().getFirst()));
        json.writeStringProperty(
                "outputDatasetId", FireworksWire.name("datasets", notes.getOrDefault(OUTPUT, "")));
        json.writeStringProperty(MODEL, notes.getOrDefault(MODEL, ""));
        json.writeStringProperty("state", "JOB_STATE_" + view.strangeStatus().orElse(state(view)));
        if (view.phase() == BatchPhase.FAILED) {
            Problem problem = view.problems().getFirst();
            FireworksWire.status(json, problem.code(), problem.message());
        } else {
            FireworksWire.status(json, "OK", "");
        }
        json.writeObjectPropertyStart("jobProgress");
        json.writeNumberProperty("totalInputRequests", counts.total());
        json.writeNumberProperty("totalProcessedRequests", counts.succeeded() + counts.failed());
        json.writeNumberProperty("successfullyProcessedRequests", counts.succeeded());
        json.writeNumberProperty("failedRequests", counts.failed());
        json.writeEndObject();
        json.writeEndObject();
    }

    private static String state(BatchView view) {
        return switch (view.phase()) {
            case VALIDATING -> "VALIDATING";
            case RUNNING -> "RUNNING";
            case FINALIZING -> "WRITING_RESULTS";
            case CANCELLING, CANCELLED -> "DELETING_CLEANING_UP";
            case COMPLETED -> "COMPLETED";
            case FAILED -> "FAILED";
            case EXPIRED -> "EXPIRED";
        };
    }
}
