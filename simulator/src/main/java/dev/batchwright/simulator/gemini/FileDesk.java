package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.Shelf;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Gemini's files: uploads that can be resumed, and the files that batches made. Those have names
 * that are too long for all calls but the download, as they have at Google. Thread-safe.
 */
final class FileDesk implements BatchRoutes {
    /** How files that a batch made are filed. */
    static final String GENERATED = "GENERATED";

    static final Duration LIFE = Duration.ofDays(2);

    private static final Pattern UPLOADS = Pattern.compile("/upload/v1(?:beta|alpha)?/files");
    private static final Pattern FILES =
            Pattern.compile("(/download)?/v1(?:beta|alpha)?/files(?:/([^/:]+)(?::([a-zA-Z]+))?)?");
    private static final long MOST_BYTES = 2L * 1024 * 1024 * 1024;
    private static final int LONGEST_ID = 40;

    private final BatchEngine engine;
    private final ConcurrentMap<String, Upload> uploads = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Upload> finished = new ConcurrentHashMap<>(); // by file

    FileDesk(BatchEngine engine) {
        this.engine = engine;
    }

    /** The key that an upload was started with, for calls that carry its address. */
    Optional<String> keyOf(Arrival arrival) {
        return Optional.ofNullable(uploads.get(arrival.parameter("upload_id")))
                .map(upload -> upload.wanted().key());
    }

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        if (UPLOADS.matcher(path).matches()) {
            return method.equals("POST") || method.equals("PUT")
                    ? route(BatchRoute.Kind.UPLOAD, this::upload)
                    : Optional.empty();
        }
        Matcher files = FILES.matcher(path);
        if (!files.matches()) {
            return Optional.empty();
        }
        if (files.group(2) == null) {
            return method.equals("GET")
                    ? route(BatchRoute.Kind.LIST, (head, body) -> list(head))
                    : Optional.empty();
        }
        String id = files.group(2);
        String verb = files.group(3) == null ? "" : files.group(3);
        return switch (method + " " + verb) {
            case "GET download" ->
                    route(BatchRoute.Kind.DOWNLOAD, (head, body) -> download(id, head));
            case "GET " -> route(BatchRoute.Kind.FILE, (head, body) -> file(id, head));
            case "DELETE " -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(new BatchRoute(kind, handler));
    }

    private BatchReply upload(Arrival head, Payload body) {
        String command = head.header("x-goog-upload-command");
        if (head.parameter("upload_id").isEmpty()) {
            return command.equals("start") && !head.header("x-goog-upload-protocol").isEmpty()
                    ? start(head, body)
                    : refuse(400, "Upload command is not 'start', or there is no protocol.");
        }
        Upload upload = uploads.get(head.parameter("upload_id"));
        if (upload == null) {
            return refuse(404, "Upload not found.");
        }
        return switch (command.replace(" ", "")) {
            case "query" ->
                    done(upload, new Header("x-goog-upload-size-received", "" + upload.received()));
            case "cancel" -> {
                upload.cancel();
                yield done(upload);
            }
            case "upload" -> chunk(upload, head, body, false);
            case "upload,finalize" -> chunk(upload, head, body, true);
            case "finalize" -> chunk(upload, head, new Payload.InMemory(new byte[0]), true);
            default -> refuse(400, "Unknown upload command.");
        };
    }

    private BatchReply start(Arrival head, Payload body) {
        String announced = head.header("x-goog-upload-header-content-length");
        long bytes = announced.matches("\\d{1,15}") ? Long.parseLong(announced) : -1;
        long limit = engine.settings().maxBytes() == 0 ? MOST_BYTES : engine.settings().maxBytes();
        if (bytes > limit) {
            return refuse(400, "File size %d is above the limit of %d.".formatted(bytes, limit));
        }
        var proto = new ProtoJson();
        ObjectNode request =
                proto.read(
                        "CreateFileRequest",
                        Json.read(
                                        body.length() == 0
                                                ? "{}".getBytes(StandardCharsets.UTF_8)
                                                : body.bytes())
                                .orElseGet(JsonNodeFactory.instance::missingNode));
        if (proto.wrong().isPresent()) {
            return BatchReply.of(
                    StatusBody.of(ModelCall.refusal(proto.wrong().get()), Optional.empty()));
        }
        JsonNode file = request.path("file");
        String name = file.path("displayName").asString("");
        String type = head.header("x-goog-upload-header-content-type");
        String id = engine.newId();
        uploads.put(
                id,
                new Upload(
                        new Upload.Wanted(
                                head.header("x-goog-api-key").isEmpty()
                                        ? head.parameter("key")
                                        : head.header("x-goog-api-key").strip(),
                                name.isEmpty() ? head.header("x-goog-upload-file-name") : name,
                                type.isEmpty() ? file.path("mimeType").asString("") : type,
                                bytes),
                        engine.scratch().file()));
        return BatchReply.of(
                new Reply(
                        200,
                        "text/plain; charset=utf-8",
                        List.of(
                                new Header(
                                        "x-goog-upload-url",
                                        "http://%s%s?upload_id=%s&upload_protocol=resumable"
                                                .formatted(head.header("host"), head.path(), id)),
                                new Header("x-goog-upload-status", "active"),
                                new Header("x-goog-upload-chunk-granularity", "" + Upload.GRANULE)),
                        List.of(new byte[0]),
                        false));
    }

    private static BatchReply done(Upload upload, Header... more) {
        return BatchReply.of(
                new Reply(
                                200,
                                "text/plain; charset=utf-8",
                                List.of(new Header("x-goog-upload-status", upload.status())),
                                List.of(new byte[0]),
                                false)
                        .with(List.of(more)));
    }

    private BatchReply chunk(Upload upload, Arrival head, Payload body, boolean last) {
        String offset = head.header("x-goog-upload-offset");
        long from = offset.matches("\\d{1,15}") ? Long.parseLong(offset) : upload.received();
        String problem = upload.append(from, body, last);
        if (!problem.isEmpty()) {
            return refuse(400, problem);
        }
        Optional<Upload.StoredUpload> stored = upload.done();
        if (stored.isEmpty()) {
            return done(upload);
        }
        String id = engine.newId().substring(20);
        finished.put(id, upload);
        StoredFile file =
                engine.upload(
                        new Shelf.Entry(
                                id,
                                upload.wanted().displayName(),
                                upload.wanted().mimeType(),
                                stored.get().content()),
                        Optional.of(LIFE));
        byte[] answer =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeName("file");
                            write(json, file, head);
                            json.writeEndObject();
                        });
        return BatchReply.of(
                Reply.json(200, answer)
                        .with(List.of(new Header("x-goog-upload-status", upload.status()))));
    }

    private BatchReply list(Arrival head) {
        engine.settle();
        Page<StoredFile> page = Page.of(head, engine.files().newestFirst(), 10, 100);
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            if (!page.items().isEmpty()) {
                                json.writeArrayPropertyStart("files");
                                page.items().forEach(file -> write(json, file, head));
                                json.writeEndArray();
                            }
                            if (!page.next().isEmpty()) {
                                json.writeStringProperty("nextPageToken", page.next());
                            }
                            json.writeEndObject();
                        }));
    }

    private BatchReply file(String id, Arrival head) {
        if (id.length() > LONGEST_ID) {
            return tooLong("GetFileRequest");
        }
        return engine.files()
                .find(id)
                .map(file -> BatchReply.json(200, Json.write(json -> write(json, file, head))))
                .orElseGet(() -> hidden(id));
    }

    private BatchReply delete(String id) {
        if (id.length() > LONGEST_ID) {
            return tooLong("DeleteFileRequest");
        }
        return engine.files().delete(id)
                ? BatchReply.json(200, "{}\n".getBytes(StandardCharsets.UTF_8))
                : hidden(id);
    }

    private BatchReply download(String id, Arrival head) {
        if (!head.parameter("alt").equals("media")) {
            return refuse(400, "Downloads need the parameter alt=media.");
        }
        engine.settle();
        Optional<StoredFile> file = engine.files().find(id);
        if (file.isEmpty()) {
            return hidden(id);
        }
        return file.get().purpose().equals(GENERATED)
                ? BatchReply.download("application/octet-stream", List.of(), file.get().content())
                : refuse(400, "Only generated files can be downloaded.");
    }

    private void write(JsonGenerator json, StoredFile file, Arrival head) {
        boolean generated = file.purpose().equals(GENERATED);
        String uri = "http://%s/v1beta/files/%s".formatted(head.header("host"), file.id());
        json.writeStartObject();
        json.writeStringProperty("name", "files/" + file.id());
        if (!file.name().isEmpty()) {
            json.writeStringProperty("displayName", file.name());
        }
        String type = generated ? "application/jsonl" : file.purpose();
        if (!type.isEmpty()) {
            json.writeStringProperty("mimeType", type);
        }
        if (file.content().length() > 0) {
            json.writeStringProperty("sizeBytes", "" + file.content().length());
        }
        Times.write(json, "createTime", file.createdAt());
        Times.write(json, "updateTime", file.createdAt());
        file.expiresAt().ifPresent(at -> Times.write(json, "expirationTime", at));
        Optional.ofNullable(finished.get(file.id()))
                .flatMap(Upload::done)
                .ifPresent(done -> json.writeStringProperty("sha256Hash", done.sha256()));
        json.writeStringProperty("uri", uri);
        if (generated) {
            json.writeStringProperty("downloadUri", uri + ":download?alt=media");
        }
        json.writeStringProperty("state", "ACTIVE");
        json.writeStringProperty("source", generated ? GENERATED : "UPLOADED");
        json.writeEndObject();
    }

    private static BatchReply tooLong(String request) {
        return refuse(
                400,
                request
                        + ".name: File ID (name excluding 'files/') cannot be more than 40"
                        + " characters.");
    }

    /** Nobody is told whether a file of somebody else exists. */
    private static BatchReply hidden(String id) {
        return refuse(
                403,
                "You do not have permission to access the File %s or it may not exist."
                        .formatted(id));
    }

    private static BatchReply refuse(int status, String message) {
        return BatchReply.of(
                StatusBody.of(Refusal.of(Reason.OTHER, status, message), Optional.empty()));
    }
}
