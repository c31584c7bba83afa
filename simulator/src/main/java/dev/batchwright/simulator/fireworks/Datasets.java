package dev.batchwright.simulator.fireworks;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.Shelf;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.Form;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Fireworks' datasets. One of an input is made by name, which must be new, and then filled; one of
 * results is made by its job. The files of all are on the engine's shelf, called by dataset and
 * name. Thread-safe.
 */
final class Datasets {
    private static final long MOST_BYTES = 150_000_000;

    private final BatchEngine engine;
    private final Map<String, Dataset> made = new ConcurrentHashMap<>();
    private final Set<String> dropped = ConcurrentHashMap.newKeySet();

    /** One that somebody made. */
    private record Dataset(String id, String examples, Instant createdAt) {}

    Datasets(BatchEngine engine) {
        this.engine = engine;
    }

    /**
     * The calls to datasets.
     *
     * @param path behind the account
     */
    Optional<BatchRoute> route(String method, String path) {
        if (path.equals("/datasets")) {
            return method.equals("POST")
                    ? route(BatchRoute.Kind.FILE, (head, body) -> create(body))
                    : Optional.empty();
        }
        if (!path.startsWith("/datasets/")) {
            return Optional.empty();
        }
        String name = path.substring("/datasets/".length());
        int colon = name.indexOf(':');
        String id = colon < 0 ? name : name.substring(0, colon);
        String verb = colon < 0 ? "" : name.substring(colon + 1);
        return switch (method + verb) {
            case "GET" -> route(BatchRoute.Kind.FILE, (head, body) -> get(id));
            case "DELETE" -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            case "POSTupload" ->
                    route(BatchRoute.Kind.UPLOAD, (head, body) -> upload(id, head, body));
            case "GETgetDownloadEndpoint" ->
                    route(BatchRoute.Kind.DOWNLOAD, (head, body) -> addresses(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    /** There will be no such dataset, whatever is in it. */
    void drop(String id) {
        dropped.add(id);
    }

    /** The input in a dataset, if it is there. */
    Optional<StoredFile> input(String id) {
        return engine.files().find(id);
    }

    private BatchReply create(Payload payload) {
        JsonNode body = Json.read(payload.bytes()).orElseGet(JsonNodeFactory.instance::objectNode);
        String id = body.path("datasetId").asString("");
        String examples = body.path("dataset").path("exampleCount").asString("");
        if (!id.matches("[a-z0-9-]{1,63}")) {
            return FireworksError.of(400, "invalid dataset id");
        }
        if (examples.isEmpty()) {
            return FireworksError.of(400, "example_count is required for uploaded datasets");
        }
        var dataset = new Dataset(id, examples, engine.clock().instant());
        return made.putIfAbsent(id, dataset) == null
                ? reply(dataset)
                : FireworksError.of(409, "dataset \"%s\" already exists".formatted(id));
    }

    private BatchReply upload(String id, Arrival head, Payload body) {
        Optional<Form.UploadedFile> file =
                Form.read(head.header("content-type"), body.file(engine.scratch().file()))
                        .flatMap(Form::file);
        if (!made.containsKey(id)) {
            return FireworksError.notFound();
        }
        if (file.isEmpty()) {
            return FireworksError.of(400, "no file in the form");
        }
        if (file.get().content().length() > MOST_BYTES) {
            return FireworksError.of(400, "file too large: use the signed upload endpoint");
        }
        StoredFile stored =
                engine.upload(
                        new Shelf.Entry(id, file.get().name(), "dataset", file.get().content()),
                        Optional.empty());
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeNumberProperty("bytes", stored.content().length());
                            json.writeNumberProperty(
                                    "created_at", stored.createdAt().getEpochSecond());
                            json.writeStringProperty("filename", stored.name());
                            json.writeStringProperty("id", FireworksWire.name("datasets", id));
                            json.writeStringProperty("object", "file");
                            json.writeStringProperty("purpose", "dataset");
                            json.writeEndObject();
                        }));
    }

    private BatchReply get(String id) {
        Dataset dataset = made.get(id);
        return dataset == null ? FireworksError.notFound() : reply(dataset);
    }

    private BatchReply delete(String id) {
        engine.files().delete(id);
        return made.remove(id) == null
                ? FireworksError.notFound()
                : BatchReply.json(200, Json.write(FireworksWire::nothing));
    }

    /** Signed addresses of the files of a dataset. */
    private BatchReply addresses(String id) {
        engine.settle();
        List<StoredFile> files =
                engine.files().newestFirst().stream()
                        .filter(file -> file.id().equals(id) || file.id().startsWith(id + "/"))
                        .toList();
        return files.isEmpty() || dropped.contains(id)
                ? FireworksError.notFound()
                : BatchReply.json(
                        200,
                        Json.write(
                                json -> {
                                    json.writeStartObject();
                                    json.writeObjectPropertyStart("filenameToSignedUrls");
                                    files.forEach(
                                            file ->
                                                    json.writeStringProperty(
                                                            "dataset/%s/%s"
                                                                    .formatted(id, file.name()),
                                                            engine.signedUrls()
                                                                    .sign(file.content())));
                                    json.writeEndObject();
                                    json.writeEndObject();
                                }));
    }

    private BatchReply reply(Dataset dataset) {
        return BatchReply.json(200, Json.write(json -> write(json, dataset)));
    }

    private void write(JsonGenerator json, Dataset dataset) {
        json.writeStartObject();
        json.writeStringProperty("createTime", dataset.createdAt().toString());
        json.writeStringProperty("exampleCount", dataset.examples());
        json.writeStringProperty("name", FireworksWire.name("datasets", dataset.id()));
        json.writeStringProperty("state", input(dataset.id()).isPresent() ? "READY" : "UPLOADING");
        FireworksWire.status(json, "OK", "");
        json.writeObjectPropertyStart("userUploaded");
        json.writeEndObject();
        json.writeEndObject();
    }
}
