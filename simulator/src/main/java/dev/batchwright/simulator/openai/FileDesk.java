package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.RowCursor;
import dev.batchwright.simulator.batch.RowFile;
import dev.batchwright.simulator.batch.Shelf;
import dev.batchwright.simulator.batch.StoredFile;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.BatchRoutes;
import dev.batchwright.simulator.wire.FileSlice;
import dev.batchwright.simulator.wire.Form;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.databind.node.JsonNodeFactory;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * OpenAI's files.
 *
 * @param check makes the check of input files, for providers that check them here
 */
record FileDesk(
        BatchEngine engine,
        Dialect dialect,
        BatchJson json,
        Function<Optional<String>, Function<RowCursor, Inspection>> check)
        implements BatchRoutes {
    private static final String FILES = "/v1/files";
    private static final Duration BATCH_LIFE = Duration.ofDays(30);

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
            String wanted = id.substring(0, id.length() - "/content".length());
            return route(BatchRoute.Kind.DOWNLOAD, (head, body) -> content(wanted, head));
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

    private BatchReply file(String id) {
        return engine.files().find(id).map(this::reply).orElseGet(() -> unknown(id));
    }

    private BatchReply content(String id, Arrival head) {
        if (dialect.has(Dialect.Trait.PARTIAL_RESULTS)) {
            Optional<BatchReply> growing = new GrowingOutput(engine).ofFile(id, head);
            if (growing.isPresent()) {
                return growing.get();
            }
        }
        return engine.files().find(id).map(this::download).orElseGet(() -> unknown(id));
    }

    private BatchReply download(StoredFile file) {
        return dialect.has(Dialect.Trait.REDIRECTS)
                ? BatchReply.moved(engine.signedUrls().sign(file.content()))
                : BatchReply.download("application/octet-stream", List.of(), file.content());
    }

    private BatchReply delete(String id) {
        if (!engine.files().delete(id) && !dialect.has(Dialect.Trait.DELETES_ANYTHING)) {
            return unknown(id);
        }
        return BatchReply.json(
                200,
                Json.write(
                        out -> {
                            out.writeStartObject();
                            out.writeStringProperty("id", id);
                            out.writeStringProperty("object", "file");
                            out.writeBooleanProperty("deleted", true);
                            out.writeEndObject();
                        }));
    }

    private BatchReply list(Arrival head) {
        engine.settle();
        String purpose = head.parameter("purpose");
        List<StoredFile> files =
                engine.files().newestFirst().stream()
                        .filter(file -> purpose.isEmpty() || file.purpose().equals(purpose))
                        .toList();
        return Page.of(
                head,
                head.parameter("order").equals("asc") ? files.reversed() : files,
                StoredFile::id,
                json::file,
                new Page.Limits(10_000, 10_000));
    }

    private BatchReply upload(Arrival head, Payload body) {
        Optional<Form> form =
                Form.read(head.header("content-type"), body.file(engine.scratch().file()));
        Optional<Form.UploadedFile> file = form.flatMap(Form::file);
        if (form.isEmpty() || file.isEmpty()) {
            return refuse(
                    "Missing required parameter: 'file'.", "file", "missing_required_parameter");
        }
        String purpose = form.get().field("purpose");
        var checks = Checks.of(JsonNodeFactory.instance.objectNode());
        if (purpose.isEmpty()) {
            checks.fail(
                    "Missing required parameter: 'purpose'.",
                    "purpose",
                    "missing_required_parameter");
        }
        String seconds = form.get().field("expires_after[seconds]");
        String anchor = form.get().field("expires_after[anchor]");
        if (!seconds.isEmpty() || !anchor.isEmpty()) {
            Lifetime.check(checks, anchor, seconds, "expires_after");
        }
        if (purpose.equals("batch")) {
            checkBatchFile(checks, file.get());
        }
        if (checks.problem().isPresent()) {
            return BatchReply.of(ErrorBody.of(checks.problem().get()));
        }
        Optional<Duration> life =
                seconds.isEmpty()
                        ? Optional.of(BATCH_LIFE).filter(any -> purpose.equals("batch"))
                        : Optional.of(Duration.ofSeconds(Long.parseLong(seconds)));
        return reply(
                engine.upload(
                        new Shelf.Entry(
                                json.newId("file-", engine),
                                file.get().name(),
                                purpose,
                                file.get().content()),
                        life));
    }

    /** The little that is checked before a batch is created. */
    private void checkBatchFile(Checks checks, Form.UploadedFile file) {
        long asked = engine.settings().maxBytes();
        long most = asked == 0 ? dialect.limits().bytes() : asked;
        if (!file.name().endsWith(".jsonl")) {
            checks.fail("Invalid file format for Batch API. Must be .jsonl", null, null);
        } else if (file.content().length() > most) {
            checks.fail(
                    "File is too large for Batch API: %d bytes, the limit is %d."
                            .formatted(file.content().length(), most),
                    "file",
                    null);
        } else if (dialect.has(Dialect.Trait.CHECKS_UPLOADS)) {
            checkEveryLine(checks, file.content());
        } else if (!startsWithJson(file.content())) {
            checks.fail(
                    "Invalid file format for Batch API. The file must be JSONL: one JSON object a"
                            + " line.",
                    null,
                    null);
        }
    }

    private void checkEveryLine(Checks checks, FileSlice content) {
        try (RowCursor rows = RowCursor.over(List.of(RowFile.lines(content)))) {
            check.apply(Optional.empty()).apply(rows).problems().stream()
                    .findFirst()
                    .ifPresent(
                            problem ->
                                    checks.fail(
                                            "Line %d: %s"
                                                    .formatted(
                                                            problem.line().orElse(0),
                                                            problem.message()),
                                            "file",
                                            problem.code()));
        }
    }

    private static boolean startsWithJson(FileSlice content) {
        try (var lines =
                new BufferedReader(
                        new InputStreamReader(content.open(0), StandardCharsets.UTF_8))) {
            String first = lines.readLine();
            return first != null && Json.read(first.getBytes(StandardCharsets.UTF_8)).isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private BatchReply reply(StoredFile file) {
        return BatchReply.json(200, Json.write(out -> json.file(out, file)));
    }

    private static BatchReply unknown(String id) {
        return BatchReply.of(
                ErrorBody.of(
                        new Refusal(
                                Reason.BAD_REQUEST,
                                404,
                                "No such File object: " + id,
                                "id",
                                null)));
    }

    private static BatchReply refuse(String message, String param, String code) {
        return BatchReply.of(
                ErrorBody.of(new Refusal(Reason.BAD_REQUEST, 400, message, param, code)));
    }
}
