package dev.batchwright.server.batches;

import dev.batchwright.server.access.Scope;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.ErrorForm;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.HostedFile;
import dev.batchwright.store.HostedFiles;

import io.vertx.ext.web.Router;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Semaphore;

/** {@code /v1/files}: uploads, lists, contents. */
public final class FileRoutes implements Routes {
    private static final Set<String> PURPOSES =
            Set.of("assistants", "batch", "evals", "fine-tune", "user_data", "vision");
    private static final int MOST_LISTED = 10_000;
    private static final long FORM_BYTES = 1 << 20;
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final int BUFFER = 1 << 20;

    private final HostedFiles files;
    private final BatchSettings settings;
    private final long mostBytes;
    private final Semaphore uploads;

    /**
     * @param mostBytes of an upload
     */
    public FileRoutes(HostedFiles files, BatchSettings settings, long mostBytes) {
        this.files = files;
        this.settings = settings;
        this.mostBytes = mostBytes;
        this.uploads = new Semaphore(settings.uploads());
    }

    @Override
    public void mount(Router router) {
        router.post("/v1/files").handler(Exchange.plain(this::upload));
        router.get("/v1/files").handler(Exchange.plain(this::list));
        router.get("/v1/files/:id").handler(Exchange.plain(this::show));
        router.delete("/v1/files/:id").handler(Exchange.plain(this::delete));
        router.get("/v1/files/:id/content").handler(Exchange.plain(this::content));
    }

    private Reply upload(Exchange exchange) throws IOException {
        exchange.require(Scope.BATCHES);
        if (!uploads.tryAcquire()) {
            throw ApiError.tooMany("Too many files are being uploaded just now.", AGAIN);
        }
        try (HostedFiles.Upload upload = files.upload()) {
            var form = new UploadForm(upload, mostBytes);
            form.read(
                    Multipart.of(
                            exchange.header("content-type"),
                            exchange.body(mostBytes + FORM_BYTES)));
            return Reply.json(
                    200,
                    ApiJson.bytes(
                            FileJson.of(upload.commit(form.terms(exchange.caller().owner())))));
        } finally {
            uploads.release();
        }
    }

    /** What a form says about the file that it brings. */
    private final class UploadForm {
        private final HostedFiles.Upload upload;
        private final long most;
        private Optional<String> filename = Optional.empty();
        private Optional<String> purpose = Optional.empty();
        private Optional<String> anchor = Optional.empty();
        private Optional<String> seconds = Optional.empty();

        UploadForm(HostedFiles.Upload upload, long most) {
            this.upload = upload;
            this.most = most;
        }

        void read(Multipart form) throws IOException {
            Optional<Multipart.Part> part = form.next();
            while (part.isPresent()) {
                read(part.get(), form);
                part = form.next();
            }
        }

        private void read(Multipart.Part part, Multipart form) throws IOException {
            switch (part.name()) {
                case "file" -> {
                    if (filename.isPresent()) {
                        throw ApiError.invalid("file", "There is more than one `file`.");
                    }
                    filename =
                            part.filename()
                                    .filter(name -> !name.isBlank())
                                    .or(() -> Optional.of("upload"));
                    form.content(this::write);
                }
                case "purpose" -> purpose = Optional.of(purpose(form.text()));
                case "expires_after[anchor]" -> anchor = Optional.of(form.text());
                case "expires_after[seconds]" -> seconds = Optional.of(form.text());
                default -> form.content((bytes, offset, length) -> {});
            }
        }

        private void write(byte[] bytes, int offset, int length) {
            if (upload.bytes() + length > most) {
                throw ApiError.tooLarge(most);
            }
            upload.write(bytes, offset, length);
        }

        private static String purpose(String word) {
            if (!PURPOSES.contains(word)) {
                throw ApiError.invalid(
                                "purpose",
                                "Invalid value: '%s'. Supported values are: %s."
                                        .formatted(
                                                Requests.shown(word),
                                                String.join(
                                                        ", ", PURPOSES.stream().sorted().toList())))
                        .code("invalid_value");
            }
            return word;
        }

        HostedFiles.Terms terms(String owner) {
            String name = filename.orElseThrow(() -> Requests.missing("file"));
            String what = purpose.orElseThrow(() -> Requests.missing("purpose"));
            boolean batch = what.equals("batch");
            if (batch && upload.bytes() == 0) {
                throw ApiError.invalid(
                        "file",
                        "Invalid file format for Batch API: the file is empty. It must be .jsonl,"
                                + " with a request in each line.");
            }
            Optional<Duration> usual = batch ? Optional.of(settings.filesKept()) : Optional.empty();
            return new HostedFiles.Terms(
                    owner,
                    name,
                    what,
                    Requests.lifetime("expires_after", anchor, seconds).or(() -> usual));
        }
    }

    private Reply list(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        int limit = Requests.limit(exchange, MOST_LISTED, MOST_LISTED);
        boolean newestFirst =
                switch (exchange.query("order").orElse("desc")) {
                    case "desc" -> true;
                    case "asc" -> false;
                    default ->
                            throw ApiError.invalid(
                                            "order",
                                            "Invalid value for 'order'. Supported values are: asc,"
                                                    + " desc.")
                                    .code("invalid_value");
                };
        List<HostedFile> page =
                files.list(
                                new HostedFiles.Query(
                                        exchange.caller().owner(),
                                        exchange.query("purpose").filter(word -> !word.isEmpty()),
                                        newestFirst,
                                        exchange.query("after").filter(id -> !id.isEmpty()),
                                        limit + 1))
                        .orElseThrow(() -> Requests.unknownCursor("after"));
        boolean more = page.size() > limit;
        return Reply.json(
                200, ApiJson.bytes(FileJson.page(more ? page.subList(0, limit) : page, more)));
    }

    private HostedFile find(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        String id = exchange.pathParameter("id");
        return files.find(id)
                .filter(file -> exchange.caller().sees(file.owner()))
                .orElseThrow(
                        () ->
                                ApiError.notFound(
                                                "No such File object: %s"
                                                        .formatted(Requests.shown(id)))
                                        .param("id"));
    }

    private Reply show(Exchange exchange) {
        return Reply.json(200, ApiJson.bytes(FileJson.of(find(exchange))));
    }

    private Reply delete(Exchange exchange) {
        HostedFile file = find(exchange);
        return switch (files.delete(file.id())) {
            case DONE -> Reply.json(200, ApiJson.bytes(FileJson.deleted(file.id())));
            case NOT_THERE -> throw ApiError.notFound("No such File object: " + file.id());
            case IN_USE ->
                    throw ApiError.conflict(
                            "The file %s is being written by its batch. Cancel the batch, or wait for its end."
                                    .formatted(file.id()));
        };
    }

    private Reply content(Exchange exchange) {
        HostedFile file = find(exchange);
        String type =
                file.purpose().startsWith("batch")
                        ? "application/jsonl"
                        : "application/octet-stream";
        Optional<String> offset = exchange.query("offset").filter(text -> !text.isEmpty());
        if (offset.isPresent()) {
            long lines = Requests.count("offset", offset.get());
            long from = files.offsetOf(file, lines);
            return part(200, type, file, from, file.bytes())
                    .with("X-Incomplete", Boolean.toString(file.growing()))
                    .with("X-Last-Line", Long.toString(Math.max(lines, file.lines())));
        }
        return switch (ByteRange.of(exchange.header("range"), file.bytes())) {
            case ByteRange.Whole whole ->
                    part(200, type, file, 0, file.bytes())
                            .with("accept-ranges", "bytes")
                            .with("X-Incomplete", Boolean.toString(file.growing()))
                            .with("X-Last-Line", Long.toString(file.lines()));
            case ByteRange.Part(long from, long to) ->
                    part(206, type, file, from, to)
                            .with("accept-ranges", "bytes")
                            .with(
                                    "content-range",
                                    "bytes %d-%d/%d".formatted(from, to - 1, file.bytes()));
            case ByteRange.Outside outside ->
                    Reply.json(
                                    416,
                                    ErrorForm.OPENAI.body(
                                            ApiError.invalid(
                                                    "The range is not satisfiable: the file has %d bytes."
                                                            .formatted(file.bytes())),
                                            exchange.requestId()))
                            .with("content-range", "bytes */" + file.bytes());
        };
    }

    private Reply part(int status, String type, HostedFile file, long from, long to) {
        return Reply.written(
                status, type, OptionalLong.of(to - from), out -> copy(file, from, to, out));
    }

    private void copy(HostedFile file, long from, long to, OutputStream out) throws IOException {
        try (InputStream in = files.read(file, from, to)) {
            byte[] buffer = new byte[(int) Math.min(BUFFER, Math.max(1, to - from))];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                out.write(buffer, 0, count);
            }
        }
    }
}
