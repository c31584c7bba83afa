package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchLine;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.Shelf;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Endpoint;
import dev.batchwright.simulator.wire.Form;
import dev.batchwright.simulator.wire.Intake;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.RequestHash;
import dev.batchwright.simulator.wire.Wire;

import tools.jackson.core.JsonGenerator;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Mistral's files. An upload for batches is looked through line by line, and refused as a whole.
 */
record FileDesk(BatchEngine engine, Wire live) implements BatchRoutes {
    private static final String FILES = "/v1/files";
    private static final String ANY_MODEL = "mistral-small-latest";

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        if (path.equals(FILES)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.UPLOAD, this::upload);
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list(head));
                default -> Optional.empty();
            };
        }
        if (!path.startsWith(FILES + "/")) {
            return Optional.empty();
        }
        String id = path.substring(FILES.length() + 1);
        if (method.equals("GET") && id.endsWith("/content")) {
            return route(
                    BatchRoute.Kind.DOWNLOAD,
                    (head, body) -> content(id.substring(0, id.length() - 8)));
        }
        if (method.equals("GET") && id.endsWith("/url")) {
            return route(
                    BatchRoute.Kind.FILE, (head, body) -> url(id.substring(0, id.length() - 4)));
        }
        return switch (method) {
            case "GET" -> route(BatchRoute.Kind.FILE, (head, body) -> file(id));
            case "DELETE" -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply upload(Arrival head, Payload body) {
        Optional<Form.UploadedFile> file =
                Form.read(head.header("content-type"), body.file(engine.scratch().file()))
                        .flatMap(Form::file);
        if (file.isEmpty()) {
            return MistralError.detail(422, "Field required: file");
        }
        OptionalLong bad = badLine(file.get());
        if (bad.isPresent()) {
            return MistralError.detail(
                    422, "Invalid file format. Line " + bad.getAsLong() + " is not valid.");
        }
        return reply(
                engine.upload(
                        new Shelf.Entry(
                                uuid(engine), file.get().name(), "batch", file.get().content()),
                        Optional.empty()));
    }

    /** The first line that the live endpoint would refuse; ids are not looked at. */
    private OptionalLong badLine(Form.UploadedFile file) {
        try (RowCursor rows = RowCursor.over(List.of(RowFile.lines(file.content())))) {
            while (rows.next()) {
                Optional<BatchLine> line =
                        BatchLine.read(rows.buffer(), rows.start(), rows.length());
                if (line.isEmpty() || !fine(line.get())) {
                    return OptionalLong.of(rows.line());
                }
            }
            return rows.row() == 0 ? OptionalLong.of(1) : OptionalLong.empty();
        }
    }

    private boolean fine(BatchLine line) {
        byte[] body = line.bodyFor(ANY_MODEL);
        for (String path : List.of("/v1/chat/completions", "/v1/embeddings", "/v1/moderations")) {
            Endpoint endpoint = live.endpoint(path);
            if (endpoint != null
                    && endpoint.read(
                                    Arrival.post(path, body, engine.clock().instant()),
                                    RequestHash.of(path, body))
                            instanceof Intake.Ready) {
                return true;
            }
        }
        return false;
    }

    private BatchReply file(String id) {
        return engine.files().find(id).map(FileDesk::reply).orElseGet(FileDesk::unknown);
    }

    private BatchReply content(String id) {
        return engine.files()
                .find(id)
                .map(
                        file ->
                                BatchReply.download(
                                        "application/octet-stream", List.of(), file.content()))
                .orElseGet(FileDesk::unknown);
    }

    private BatchReply url(String id) {
        return engine.files()
                .find(id)
                .map(
                        file ->
                                BatchReply.json(
                                        200,
                                        Json.write(
                                                json -> {
                                                    json.writeStartObject();
                                                    json.writeStringProperty(
                                                            "url",
                                                            engine.signedUrls()
                                                                    .sign(file.content()));
                                                    json.writeEndObject();
                                                })))
                .orElseGet(FileDesk::unknown);
    }

    private BatchReply delete(String id) {
        return engine.files().delete(id)
                ? BatchReply.json(
                        200,
                        Json.write(
                                json -> {
                                    json.writeStartObject();
                                    json.writeStringProperty("id", id);
                                    json.writeStringProperty("object", "file");
                                    json.writeBooleanProperty("deleted", true);
                                    json.writeEndObject();
                                }))
                : unknown();
    }

    private BatchReply list(Arrival head) {
        engine.settle();
        List<String> purposes = head.parameters("purpose");
        return Numbered.page(
                head,
                engine.files().newestFirst().stream()
                        .filter(file -> purposes.isEmpty() || purposes.contains(file.purpose()))
                        .toList(),
                FileDesk::write);
    }

    private static BatchReply reply(StoredFile file) {
        return BatchReply.json(200, Json.write(json -> write(json, file)));
    }

    private static void write(JsonGenerator json, StoredFile file) {
        boolean result = file.purpose().equals("batch_output");
        json.writeStartObject();
        json.writeStringProperty("id", file.id());
        json.writeStringProperty("object", "file");
        json.writeNumberProperty("bytes", file.content().length());
        json.writeNumberProperty("created_at", file.createdAt().getEpochSecond());
        json.writeStringProperty("filename", file.name());
        json.writeStringProperty("purpose", "batch");
        json.writeStringProperty("sample_type", result ? "batch_result" : "batch_request");
        json.writeNumberProperty("num_lines", lines(file));
        json.writeStringProperty("mimetype", "application/jsonl");
        json.writeStringProperty("source", result ? "mistral" : "upload");
        json.writeNullProperty("signature");
        json.writeNullProperty("expires_at");
        json.writeStringProperty("visibility", "workspace");
        json.writeEndObject();
    }

    private static long lines(StoredFile file) {
        if (file.content().length() == 0) {
            return 0;
        }
        try (RowCursor rows = RowCursor.over(List.of(RowFile.lines(file.content())))) {
            long lines = 0;
            while (rows.next()) {
                lines++;
            }
            return lines;
        }
    }

    static String uuid(BatchEngine engine) {
        String hex = engine.newId();
        return "%s-%s-4%s-8%s-%s"
                .formatted(
                        hex.substring(0, 8),
                        hex.substring(8, 12),
                        hex.substring(13, 16),
                        hex.substring(17, 20),
                        hex.substring(20));
    }

    private static BatchReply unknown() {
        return MistralError.detail(404, "No file matches the given query.");
    }
}
