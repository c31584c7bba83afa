package dev.batchwright.server.batches;

import dev.batchwright.input.Endpoint;
import dev.batchwright.input.MessageRequests;
import dev.batchwright.server.access.Scope;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Form;
import dev.batchwright.store.HostedBatch.Layout;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.HostedBatches;
import dev.batchwright.store.HostedFile;
import dev.batchwright.store.HostedFiles;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Workbench;

import io.vertx.ext.web.Router;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * {@code /v1/messages/batches}: as Anthropic's. The body that creates a batch is kept as a file
 * while it is checked and read, and goes with the batch's end.
 */
public final class MessageBatchRoutes implements Routes {
    private static final String PATH = "/v1/messages/batches";
    private static final Duration WINDOW = Duration.ofHours(24);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(10);
    private static final int USUAL_PAGE = 20;
    private static final int MOST_LISTED = 1_000;
    private static final int BUFFER = 1 << 18;
    private static final Pattern AUTHORITY = Pattern.compile("[A-Za-z0-9.:\\[\\]-]{1,255}");

    private final Workbench workbench;
    private final BatchKeeping keeping;
    private final Clock clock;
    private final BatchSettings settings;

    public MessageBatchRoutes(
            Workbench workbench, BatchKeeping keeping, Clock clock, BatchSettings settings) {
        this.workbench = workbench;
        this.keeping = keeping;
        this.clock = clock;
        this.settings = settings;
    }

    @Override
    public void mount(Router router) {
        router.post(PATH).handler(Exchange.plain(this::create));
        router.get(PATH).handler(Exchange.plain(this::list));
        router.get(PATH + "/:id").handler(Exchange.plain(this::show));
        router.delete(PATH + "/:id").handler(Exchange.plain(this::delete));
        router.post(PATH + "/:id/cancel").handler(Exchange.plain(this::cancel));
        router.get(PATH + "/:id/results").handler(Exchange.plain(this::results));
    }

    private JobStore store() {
        return workbench.store();
    }

    /** The body of a request, kept, and what tells it from others. */
    private record Kept(HostedFile file, String digest) {}

    private Reply create(Exchange exchange) throws IOException {
        exchange.require(Scope.BATCHES);
        Kept kept = keep(exchange);
        boolean used = false;
        try {
            Optional<String> problem = problem(kept.file);
            if (problem.isPresent()) {
                throw ApiError.invalid(problem.get());
            }
            HostedBatches.Creation creation =
                    store().hostedBatches().create(request(exchange, kept));
            used = creation instanceof HostedBatches.Creation.Created;
            return switch (creation) {
                case HostedBatches.Creation.Created(var batch) -> {
                    keeping.changed(batch.id());
                    yield reply(exchange, batch);
                }
                case HostedBatches.Creation.Known(var batch) -> reply(exchange, batch);
                case HostedBatches.Creation.KeyTaken taken -> throw BatchRoutes.keyTaken();
            };
        } finally {
            if (!used) {
                store().files().delete(kept.file.id());
            }
        }
    }

    private Kept keep(Exchange exchange) throws IOException {
        MessageDigest digest = BatchOrder.sha256();
        try (HostedFiles.Upload upload = store().files().upload();
                InputStream body = exchange.body(settings.mostMessageBytes())) {
            byte[] buffer = new byte[BUFFER];
            for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
                digest.update(buffer, 0, count);
                upload.write(buffer, 0, count);
            }
            HostedFile file =
                    upload.commit(
                            new HostedFiles.Terms(
                                    exchange.caller().owner(),
                                    "message_batch.json",
                                    "message_batch",
                                    Optional.of(settings.filesKept())));
            return new Kept(file, HexFormat.of().formatHex(digest.digest()));
        }
    }

    private Optional<String> problem(HostedFile file) throws IOException {
        try (InputStream in = store().files().read(file, 0, file.bytes())) {
            return new MessageRequests()
                    .problem(in, settings.mostMessageRequests(), workbench.scratch());
        }
    }

    private HostedBatches.Request request(Exchange exchange, Kept kept) {
        return new HostedBatches.Request(
                exchange.caller().owner(),
                new HostedBatch.Order(
                        Form.MESSAGES,
                        kept.file.id(),
                        Endpoint.MESSAGES.path(),
                        "24h",
                        Optional.empty(),
                        Optional.of(BatchSettings.MESSAGES_KEPT),
                        Layout.APART,
                        BatchRoutes.mode(exchange)),
                clock.instant().plus(WINDOW),
                kept.digest,
                Requests.key(exchange),
                Requests.isRetry(exchange));
    }

    private Reply reply(Exchange exchange, HostedBatch batch) {
        Reply reply =
                Reply.json(
                        200,
                        ApiJson.bytes(
                                MessageBatchJson.of(batch, origin(exchange), clock.instant())));
        return batch.status().isOver()
                ? reply
                : reply.with("retry-after", Long.toString(LOOK_AGAIN.toSeconds()));
    }

    /** This server, as the client reached it. */
    private static String origin(Exchange exchange) {
        String scheme =
                exchange.header("x-forwarded-proto")
                        .filter(word -> word.equals("https") || word.equals("http"))
                        .orElse(exchange.routing().request().isSSL() ? "https" : "http");
        String authority = exchange.authority();
        return "%s://%s"
                .formatted(
                        scheme, AUTHORITY.matcher(authority).matches() ? authority : "localhost");
    }

    private Reply list(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        int limit = Requests.limit(exchange, USUAL_PAGE, MOST_LISTED);
        Optional<String> after = exchange.query("after_id").filter(id -> !id.isEmpty());
        Optional<String> before = exchange.query("before_id").filter(id -> !id.isEmpty());
        if (after.isPresent() && before.isPresent()) {
            throw ApiError.invalid("Only one of `before_id` and `after_id` may be given.");
        }
        List<HostedBatch> page =
                store().hostedBatches()
                        .list(
                                new HostedBatches.Query(
                                        exchange.caller().owner(),
                                        Form.MESSAGES,
                                        after,
                                        before,
                                        limit + 1))
                        .orElseThrow(
                                () ->
                                        Requests.unknownCursor(
                                                before.isPresent() ? "before_id" : "after_id"));
        boolean more = page.size() > limit;
        // Of those before a place, the ones nearest to it are the last ones.
        List<HostedBatch> shown =
                !more
                        ? page
                        : before.isPresent() ? page.subList(1, limit + 1) : page.subList(0, limit);
        return Reply.json(
                200,
                ApiJson.bytes(
                        MessageBatchJson.page(shown, more, origin(exchange), clock.instant())));
    }

    private HostedBatch find(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        String id = exchange.pathParameter("id");
        return store().hostedBatches()
                .find(id)
                .filter(batch -> batch.order().form() == Form.MESSAGES)
                .filter(batch -> exchange.caller().sees(batch.owner()))
                .orElseThrow(
                        () ->
                                ApiError.notFound(
                                        "Message Batch %s not found."
                                                .formatted(Requests.shown(id))));
    }

    private Reply show(Exchange exchange) {
        return reply(exchange, find(exchange));
    }

    private Reply cancel(Exchange exchange) {
        HostedBatch batch = find(exchange);
        HostedBatch now =
                store().hostedBatches()
                        .change(batch.id(), it -> it.cancelling(clock.instant()))
                        .orElse(batch);
        keeping.changed(now.id());
        if (now.status().isOver() && now.status() != Status.CANCELLED) {
            throw ApiError.invalid(
                    "Message Batch %s has ended and can't be canceled any more."
                            .formatted(now.id()));
        }
        return reply(exchange, now);
    }

    private Reply delete(Exchange exchange) {
        HostedBatch batch = find(exchange);
        if (!batch.status().isOver()) {
            throw ApiError.invalid(
                    "In progress batches cannot be deleted. Consider canceling the batch instead.");
        }
        try {
            batch.job()
                    .filter(job -> store().find(job).isPresent())
                    .ifPresent(job -> store().delete(job));
        } catch (JobInUseException e) {
            throw ApiError.conflict(
                    "Message Batch %s is being retried just now and can't be deleted."
                            .formatted(batch.id()));
        }
        store().hostedBatches().delete(batch.id());
        return Reply.json(200, ApiJson.bytes(MessageBatchJson.deleted(batch.id())));
    }

    private Reply results(Exchange exchange) {
        HostedBatch batch = find(exchange);
        HostedFile file =
                batch.outputFile()
                        .filter(id -> batch.status().isOver())
                        .flatMap(id -> store().files().find(id))
                        .orElseThrow(
                                () ->
                                        ApiError.notFound(
                                                "Message Batch %s has no available results."
                                                        .formatted(batch.id())));
        return Reply.written(
                200,
                "application/x-jsonl",
                OptionalLong.of(file.bytes()),
                out -> {
                    try (InputStream in = store().files().read(file, 0, file.bytes())) {
                        in.transferTo(out);
                    }
                });
    }
}
