package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.BatchEngine;
import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.batch.Inspection;
import dev.batchwright.simulator.batch.Order;
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

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Anthropic's message batches.
 *
 * @param earlyCounts whether requests are counted while their batch runs
 */
record MessageBatches(Catalog catalog, BatchEngine engine, boolean earlyCounts)
        implements BatchRoutes {
    private static final String JSON_LINES = "application/x-jsonl";
    private static final BatchReply NO_RESULTS =
            BatchReply.of(new Reply(200, JSON_LINES, List.of(), List.of(new byte[0]), false));
    private static final String BATCHES = "/v1/messages/batches";
    private static final Duration WINDOW = Duration.ofHours(24);
    private static final long MOST_REQUESTS = 100_000;
    private static final long MOST_BYTES = 256L * 1024 * 1024;
    private static final byte[] TOO_LARGE_PAGE =
            """
            <html>
            <head><title>413 Payload Too Large</title></head>
            <body><center><h1>413 Payload Too Large</h1></center><hr><center>cloudflare</center></body>
            </html>
            """
                    .getBytes(StandardCharsets.UTF_8);

    @Override
    public Optional<BatchRoute> route(String method, String path) {
        if (path.equals(BATCHES)) {
            return switch (method) {
                case "POST" -> route(BatchRoute.Kind.CREATE, this::create);
                case "GET" -> route(BatchRoute.Kind.LIST, (head, body) -> list(head));
                default -> Optional.empty();
            };
        }
        if (!path.startsWith(BATCHES + "/")) {
            return Optional.empty();
        }
        String[] parts = path.substring(BATCHES.length() + 1).split("/", -1);
        String id = parts[0];
        return switch (method + " " + (parts.length == 1 ? "" : parts[1])) {
            case "GET " -> route(BatchRoute.Kind.POLL, (head, body) -> poll(id, head));
            case "DELETE " -> route(BatchRoute.Kind.DELETE, (head, body) -> delete(id));
            case "GET results" ->
                    route(BatchRoute.Kind.DOWNLOAD, (head, body) -> results(id, head));
            case "POST cancel" -> route(BatchRoute.Kind.CANCEL, (head, body) -> cancel(id, head));
            default -> Optional.empty();
        };
    }

    private static Optional<BatchRoute> route(BatchRoute.Kind kind, BatchRoute.Handler handler) {
        return Optional.of(
                new BatchRoute(
                        kind,
                        (head, body) ->
                                VersionHeader.problem(head)
                                        .map(MessageBatches::refuse)
                                        .orElseGet(() -> handler.answer(head, body))));
    }

    private BatchReply create(Arrival head, Payload body) {
        if (body.length() > orElse(engine.settings().maxBytes(), MOST_BYTES)) {
            return BatchReply.of(
                    new Reply(413, "text/html", List.of(), List.of(TOO_LARGE_PAGE), false));
        }
        long most = orElse(engine.settings().maxRequests(), MOST_REQUESTS);
        return switch (BatchRequests.read(body, engine.scratch().file(), most)) {
            case BatchRequests.Wrong(Refusal refusal) -> refuse(refusal);
            case BatchRequests.Right right when full(right) -> refuse(queueFull());
            case BatchRequests.Right right -> reply(engine.create(order(right, head)), head);
        };
    }

    private static long orElse(long setting, long usual) {
        return setting == 0 ? usual : setting;
    }

    /**
     * Whether the queue has no room for these. It is looked at here, as no batch can fail later.
     */
    private boolean full(BatchRequests.Right requests) {
        long limit = engine.settings().enqueuedTokens();
        long enqueued =
                engine.newestFirst().stream()
                        .filter(view -> !view.phase().ended())
                        .mapToLong(
                                view ->
                                        Long.parseLong(
                                                view.order().notes().get(MessageBatchJson.TOKENS)))
                        .sum();
        return limit > 0 && enqueued + requests.tokens() > limit;
    }

    private static Refusal queueFull() {
        return Refusal.of(
                Reason.OTHER,
                429,
                "Too many batch requests are waiting in the processing queue of your organization."
                        + " Please try again once some of them have been processed.");
    }

    private Order order(BatchRequests.Right requests, Arrival head) {
        Lane lane = Lane.batch(head.header("anthropic-beta"));
        String id = "msgbatch_01" + engine.newId().substring(10);
        return new Order(
                id,
                "",
                Map.of(),
                Map.of(
                        MessageBatchJson.REQUESTS,
                        "" + requests.count(),
                        MessageBatchJson.TOKENS,
                        "" + requests.tokens()),
                "/v1/messages",
                List.of(),
                List.of(requests.rows()),
                rows -> new Inspection(requests.count(), requests.tokens(), "", List.of()),
                new ResultForm(new BatchedMessage(catalog, lane, VersionHeader.of(head))),
                Optional.of(WINDOW),
                Optional.empty(),
                new Order.ResultNames(id + "/results", "", id + "/errors", "", "results"));
    }

    private BatchReply poll(String id, Arrival head) {
        return engine.find(id).map(view -> reply(view, head)).orElseGet(() -> unknown(id));
    }

    private BatchReply reply(BatchView view, Arrival head) {
        Reply reply = Reply.json(200, Json.write(shown(view, head)::write));
        return BatchReply.of(
                view.phase().ended()
                        ? reply
                        : reply.with(List.of(new Header("retry-after", "10"))));
    }

    private MessageBatchJson shown(BatchView view, Arrival head) {
        return new MessageBatchJson(
                view, engine.clock().instant(), "http://" + head.header("host"), earlyCounts);
    }

    private BatchReply list(Arrival head) {
        return BatchPage.of(head, engine.newestFirst())
                .map(page -> BatchReply.json(200, page.json(view -> shown(view, head))))
                .orElseGet(
                        () ->
                                refuse(
                                        Refusal.of(
                                                Reason.BAD_REQUEST,
                                                400,
                                                "limit: Input should be between 1 and "
                                                        + BatchPage.MOST)));
    }

    private BatchReply results(String id, Arrival head) {
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return unknown(id);
        }
        if (!view.get().phase().ended() || shown(view.get(), head).archived()) {
            return refuse(
                    Refusal.of(
                            Reason.OTHER,
                            404,
                            "Message Batch %s has no available results.".formatted(id)));
        }
        return view.get()
                .output()
                .map(file -> BatchReply.download(JSON_LINES, List.of(), file.content()))
                // Not a row has a result, of a batch that was cancelled before it began.
                .orElse(NO_RESULTS);
    }

    private BatchReply cancel(String id, Arrival head) {
        Optional<BatchView> cancelled = engine.cancel(id);
        if (cancelled.isPresent()) {
            return reply(cancelled.get(), head);
        }
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return unknown(id);
        }
        return view.get().phase().ended()
                ? refuse(
                        Refusal.of(
                                Reason.BAD_REQUEST,
                                400,
                                "Batch %s has already ended and cannot be canceled.".formatted(id)))
                : reply(view.get(), head);
    }

    private BatchReply delete(String id) {
        Optional<BatchView> view = engine.find(id);
        if (view.isEmpty()) {
            return unknown(id);
        }
        if (!view.get().phase().ended()) {
            return refuse(
                    Refusal.of(
                            Reason.BAD_REQUEST,
                            400,
                            "In progress batches cannot be deleted. Consider canceling the batch"
                                    + " instead."));
        }
        engine.delete(id);
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("id", id);
                            json.writeStringProperty("type", "message_batch_deleted");
                            json.writeEndObject();
                        }));
    }

    private static BatchReply unknown(String id) {
        return refuse(
                Refusal.of(Reason.OTHER, 404, "Message Batch %s was not found.".formatted(id)));
    }

    private static BatchReply refuse(Refusal refusal) {
        return BatchReply.of(ErrorBody.of(refusal));
    }
}
