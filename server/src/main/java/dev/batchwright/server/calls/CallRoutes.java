package dev.batchwright.server.calls;

import dev.batchwright.collect.Call;
import dev.batchwright.collect.CallStatus;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.collect.Ticket;
import dev.batchwright.job.RawJson;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.ServingContext;
import dev.batchwright.server.access.Scope;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;

import io.micrometer.core.instrument.Gauge;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * The routes of ordinary calls. Each is taken by the {@link Collector}, which makes it an item of a
 * job, and answers when its outcome is there; meanwhile its client waits without a thread. A client
 * that is gone, or was told to ask later, costs nothing: the item goes on, and who makes the same
 * call again, or asks for it by its id, gets the answer.
 */
public final class CallRoutes implements Routes {
    private static final String RESPONSES = "/v1/responses";
    private static final List<String> ENDPOINTS =
            List.of(
                    "/v1/chat/completions",
                    "/v1/completions",
                    "/v1/embeddings",
                    "/v1/moderations",
                    RESPONSES,
                    "/v1/messages");
    private static final String COUNT_TOKENS = "/v1/messages/count_tokens";
    private static final String ASK = "/v1/batchwright/calls/:id";
    private static final String RESPONSE = "/v1/responses/:id";

    private static final int READ_ON_THE_LOOP = 32 << 10;
    // In the time that a silent connection is kept here; others on the way may be no more patient.
    private static final int SIGNS = 5;

    private final Collector collector;
    private final long mostBytes;
    private final long signMillis;
    private final Clock clock;

    /**
     * @throws dev.batchwright.workbench.RefusedException if the store or the backend can't be used
     */
    public CallRoutes(ServingContext context) {
        this.mostBytes = context.options().limits().bodyBytes();
        this.signMillis = Math.max(1, context.options().limits().idle().toMillis() / SIGNS);
        this.clock = context.clock();
        this.collector = new Collector(context.workbench(), options(context));
        Gauge.builder("batchwright.calls.waiting", collector, Collector::waiting)
                .description("Calls whose clients wait for the answer.")
                .register(context.meters());
    }

    private static CollectorOptions options(ServingContext context) {
        ServerOptions options = context.options();
        ServerOptions.Batching batching = options.batching();
        var collected =
                CollectorOptions.builder()
                        .scope("serve")
                        .batchSize(batching.size())
                        .batchWindow(batching.window())
                        .cancelOnClose(!batching.keepOnClose())
                        .listener(context.events()::tell)
                        .serving(
                                new CollectorOptions.Serving(
                                        options.limits().openRequests(),
                                        Runtime.getRuntime().maxMemory() / 8,
                                        options.mode().isEmpty(),
                                        model -> context.configured().get().mode(model)));
        options.mode().ifPresent(collected::mode);
        options.backend().provider().ifPresent(collected::provider);
        options.backend().baseUrl().ifPresent(collected::baseUrl);
        options.backend().apiKeyEnv().ifPresent(collected::apiKeyEnv);
        batching.pollInterval().ifPresent(collected::pollInterval);
        batching.completionWindow().ifPresent(collected::completionWindow);
        batching.metadata().forEach(collected::metadata);
        return collected.build();
    }

    @Override
    public void mount(Router router) {
        for (String endpoint : ENDPOINTS) {
            router.post(endpoint).handler(routing -> call(routing, endpoint));
        }
        router.post(COUNT_TOKENS).handler(Exchange.plain(exchange -> refuseCounting()));
        router.get(ASK).handler(Exchange.plain(this::ask));
        router.get(RESPONSE).handler(Exchange.plain(this::response));
        router.post(RESPONSE + "/cancel").handler(Exchange.plain(this::cancel));
    }

    private static Reply refuseCounting() {
        throw ApiError.notFound(
                "Tokens are not counted here: it takes no batch. Ask the provider itself.");
    }

    private void call(RoutingContext routing, String endpoint) {
        Exchange exchange = Exchange.of(routing);
        exchange.require(Scope.CALLS);
        CallHeaders headers = CallHeaders.of(exchange);
        exchange.read(
                mostBytes,
                body -> {
                    if (body.length <= READ_ON_THE_LOOP) {
                        take(exchange, endpoint, headers, body);
                    } else {
                        // Its JSON takes a while to be read.
                        Thread.ofVirtual()
                                .name(exchange.requestId())
                                .start(() -> take(exchange, endpoint, headers, body));
                    }
                });
    }

    private void take(Exchange exchange, String endpoint, CallHeaders headers, byte[] body) {
        try {
            var terms =
                    new Call.Terms(
                            exchange.caller().owner(),
                            headers.effectiveMode(),
                            headers.idempotencyKey(),
                            headers.repeat());
            Optional<BackgroundResponse.Foreground> background =
                    endpoint.equals(RESPONSES)
                            ? BackgroundResponse.foreground(body)
                            : Optional.empty();
            RawJson asked =
                    background
                            .map(BackgroundResponse.Foreground::body)
                            .orElseGet(() -> RawJson.of(body));
            Call call = Call.of(endpoint, asked).on(terms);
            Ticket ticket = collector.take(headers.deadline().map(call::within).orElse(call));
            if (background.isPresent()) {
                String model = background.get().model();
                answerLater(exchange, ticket, place -> queued(place, model));
            } else if (headers.async()) {
                answerLater(exchange, ticket, Answers::accepted);
            } else {
                var signs = signs(headers, ticket);
                exchange.onLoop(() -> await(exchange, ticket, signs));
            }
        } catch (RuntimeException e) {
            // The edge of the call, on whichever thread it is taken.
            exchange.fail(Answers.problem(e));
        }
    }

    private static WaitingClient.Signs signs(CallHeaders headers, Ticket ticket) {
        if (ticket.isStreamed()) {
            return WaitingClient.Signs.COMMENTS;
        }
        return headers.keepAlive() ? WaitingClient.Signs.BLANKS : WaitingClient.Signs.NONE;
    }

    private void await(Exchange exchange, Ticket ticket, WaitingClient.Signs signs) {
        var client = new WaitingClient(exchange, signs);
        client.begin(signMillis, () -> ticket.answer().cancel(false));
        var unused =
                ticket.answer()
                        .whenComplete(
                                (answer, problem) -> {
                                    if (answer != null) {
                                        client.answer(answer);
                                    } else if (!ticket.answer().isCancelled()) {
                                        client.fail(Answers.problem(problem));
                                    }
                                });
    }

    /** Tells where to ask, as soon as the call is stored. */
    private static void answerLater(
            Exchange exchange, Ticket ticket, Function<Ticket.Accepted, Reply> told) {
        var unused =
                ticket.accepted()
                        .thenAccept(
                                place -> {
                                    exchange.reply(told.apply(place));
                                    ticket.answer().cancel(false);
                                });
        var unusedEither =
                ticket.answer()
                        .whenComplete(
                                (answer, problem) -> {
                                    if (answer != null) {
                                        exchange.reply(Answers.of(answer));
                                    } else if (!ticket.answer().isCancelled()) {
                                        exchange.fail(Answers.problem(problem));
                                    }
                                });
    }

    private Reply ask(Exchange exchange) {
        exchange.require(Scope.CALLS);
        String id = exchange.pathParameter("id");
        boolean asMessage = exchange.header("anthropic-version").isPresent();
        return Answers.of(id, collector.status(exchange.caller().owner(), id, asMessage));
    }

    private Reply queued(Ticket.Accepted place, String model) {
        var response = new BackgroundResponse(place.id(), clock.instant(), model);
        return Reply.json(200, response.queued());
    }

    private Reply response(Exchange exchange) {
        return response(exchange, collector::status);
    }

    /** What was not sent is not sent any more; what travels with others is not waited for. */
    private Reply cancel(Exchange exchange) {
        return response(exchange, collector::cancel);
    }

    private static Reply response(
            Exchange exchange, BiFunction<String, String, CallStatus> status) {
        exchange.require(Scope.CALLS);
        String id = exchange.pathParameter("id");
        BackgroundResponse response =
                BackgroundResponse.of(id).orElseThrow(() -> BackgroundResponse.notFound(id));
        CallStatus known = status.apply(exchange.caller().owner(), response.call());
        return Reply.json(200, response.told(known));
    }

    /** Ends all waiting; what is under way goes on with the next server. */
    @Override
    public boolean isAble() {
        return collector.isTaking();
    }

    @Override
    public void close() {
        collector.close();
    }
}
