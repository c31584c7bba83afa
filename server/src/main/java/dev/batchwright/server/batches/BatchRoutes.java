package dev.batchwright.server.batches;

import dev.batchwright.job.Mode;
import dev.batchwright.server.access.Scope;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Form;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.HostedBatches;

import io.vertx.ext.web.Router;

import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code /v1/batches}: as OpenAI's. */
public final class BatchRoutes implements Routes {
    private static final long MOST_BODY = 1 << 20;
    private static final int USUAL_PAGE = 20;
    private static final int MOST_LISTED = 100;

    private final HostedBatches batches;
    private final BatchKeeping keeping;
    private final Clock clock;
    private final BatchSettings settings;

    public BatchRoutes(
            HostedBatches batches, BatchKeeping keeping, Clock clock, BatchSettings settings) {
        this.batches = batches;
        this.keeping = keeping;
        this.clock = clock;
        this.settings = settings;
    }

    @Override
    public void mount(Router router) {
        router.post("/v1/batches").handler(Exchange.withBody(MOST_BODY, this::create));
        router.get("/v1/batches").handler(Exchange.plain(this::list));
        router.get("/v1/batches/:id").handler(Exchange.plain(this::show));
        router.post("/v1/batches/:id/cancel").handler(Exchange.plain(this::cancel));
    }

    private Reply create(Exchange exchange, byte[] body) {
        exchange.require(Scope.BATCHES);
        BatchOrder order =
                BatchOrder.read(
                        body,
                        Requests.layout(exchange).orElse(settings.layout()),
                        mode(exchange),
                        settings.filesKept());
        HostedBatches.Creation creation =
                batches.create(
                        new HostedBatches.Request(
                                exchange.caller().owner(),
                                order.order(),
                                clock.instant().plus(order.window()),
                                order.likeness(),
                                Requests.key(exchange),
                                Requests.isRetry(exchange)));
        return switch (creation) {
            case HostedBatches.Creation.Created(var batch) -> {
                keeping.changed(batch.id());
                yield reply(batch);
            }
            case HostedBatches.Creation.Known(var batch) -> reply(batch);
            case HostedBatches.Creation.KeyTaken taken -> throw keyTaken();
        };
    }

    static ApiError keyTaken() {
        return ApiError.conflict(
                        "This Idempotency-Key was used for another request within the last day."
                                + " Choose a new one.")
                .code("idempotency_key_in_use");
    }

    static Optional<Mode> mode(Exchange exchange) {
        return exchange.header("batchwright-mode")
                .map(
                        word ->
                                Mode.named(word.strip().toLowerCase(Locale.ROOT))
                                        .orElseThrow(
                                                () ->
                                                        ApiError.invalid(
                                                                "The header Batchwright-Mode is"
                                                                    + " auto, batch or live.")));
    }

    private static Reply reply(HostedBatch batch) {
        return Reply.json(200, ApiJson.bytes(BatchJson.of(batch)));
    }

    private Reply list(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        int limit = Requests.limit(exchange, USUAL_PAGE, MOST_LISTED);
        List<HostedBatch> page =
                batches.list(
                                new HostedBatches.Query(
                                        exchange.caller().owner(),
                                        Form.OPENAI,
                                        exchange.query("after").filter(id -> !id.isEmpty()),
                                        Optional.empty(),
                                        limit + 1))
                        .orElseThrow(() -> Requests.unknownCursor("after"));
        boolean more = page.size() > limit;
        return Reply.json(
                200, ApiJson.bytes(BatchJson.page(more ? page.subList(0, limit) : page, more)));
    }

    private HostedBatch find(Exchange exchange) {
        exchange.require(Scope.BATCHES);
        String id = exchange.pathParameter("id");
        return batches.find(id)
                .filter(batch -> batch.order().form() == Form.OPENAI)
                .filter(batch -> exchange.caller().sees(batch.owner()))
                .orElseThrow(
                        () ->
                                ApiError.notFound(
                                        "No batch found with id '%s'."
                                                .formatted(Requests.shown(id))));
    }

    private Reply show(Exchange exchange) {
        return reply(find(exchange));
    }

    private Reply cancel(Exchange exchange) {
        HostedBatch batch = find(exchange);
        HostedBatch now =
                batches.change(batch.id(), it -> it.cancelling(clock.instant())).orElse(batch);
        keeping.changed(now.id());
        if (now.status() != Status.CANCELLING && now.status() != Status.CANCELLED) {
            throw ApiError.conflict(
                    "Cannot cancel a batch with status '%s'.".formatted(now.status().word()));
        }
        return reply(now);
    }
}
