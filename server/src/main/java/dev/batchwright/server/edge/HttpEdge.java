package dev.batchwright.server.edge;

import dev.batchwright.server.access.Allowance;
import dev.batchwright.server.access.Allowances;
import dev.batchwright.server.access.Caller;
import dev.batchwright.server.access.Gate;
import dev.batchwright.server.access.Place;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The event loop's side of the server: reads requests, lets their callers in, and hands them to the
 * routes of the faces. One instance for each event loop; all share the port. Everything here runs
 * on the instance's own event loop.
 */
public final class HttpEdge extends VerticleBase {
    private static final Logger LOG = LoggerFactory.getLogger(HttpEdge.class);
    private static final int SHARED_FREE_PORT = -1; // Any free one, the same for all instances.
    private static final int BACKLOG = 4096;
    private static final int MAX_HEADER_BYTES = 64 * 1024;
    private static final int MAX_LINE_BYTES = 16 * 1024;
    private static final int BYTES_PER_TOKEN = 4;
    private static final long LOOK_MILLIS = 1_000;
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration AGAIN = Duration.ofSeconds(5);
    private static final String REQUEST_ID = "x-request-id";
    private static final String ANTHROPIC_REQUEST_ID = "request-id";
    private static final Pattern HALF_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private static final String FAREWELL =
            "The server is about to restart. Nothing is lost: make the same request again.";

    private final Settings settings;
    private final Connections connections;
    private final Set<Exchange> open = new HashSet<>();
    private volatile int port; // Written once, when listening.

    /**
     * What all instances share.
     *
     * @param port 0 for any free one
     * @param known says of an exception that plain code throws what its client is told
     */
    public record Settings(
            String host,
            int port,
            Optional<Tls> tls,
            Limits limits,
            Gate gate,
            Allowances allowances,
            Traffic traffic,
            List<Routes> faces,
            Function<Throwable, Optional<ApiError>> known) {
        public Settings {
            faces = List.copyOf(faces);
        }
    }

    public HttpEdge(Settings settings) {
        this.settings = settings;
        this.connections = new Connections(settings.limits, settings.traffic);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    @Override
    public Future<?> start() {
        vertx.setPeriodic(LOOK_MILLIS, any -> look());
        Router router = router();
        return vertx.createHttpServer(options())
                .connectionHandler(connections::opened)
                .requestHandler(
                        request -> {
                            if (isPath(request.path())) {
                                router.handle(request);
                            } else {
                                refuseUnreadable(request);
                            }
                        })
                .invalidRequestHandler(HttpEdge::refuseUnreadable)
                .listen(settings.port == 0 ? SHARED_FREE_PORT : settings.port, settings.host)
                .onSuccess(server -> port = server.actualPort());
    }

    /** A router takes nothing else, such as {@code *} or half an escape. */
    private static boolean isPath(@Nullable String path) {
        return path != null && path.startsWith("/") && !HALF_ESCAPE.matcher(path).find();
    }

    private HttpServerOptions options() {
        var options =
                new HttpServerOptions()
                        .setAcceptBacklog(BACKLOG)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setMaxInitialLineLength(MAX_LINE_BYTES)
                        .setHttp2ClearTextEnabled(true)
                        .setInitialSettings(
                                new Http2Settings()
                                        .setMaxConcurrentStreams(settings.limits.streams())
                                        .setMaxHeaderListSize(MAX_HEADER_BYTES))
                        // Nothing is written before the first request was read, so this bounds
                        // that; see Connections for what comes then.
                        .setWriteIdleTimeout(Math.toIntExact(settings.limits.patience().toMillis()))
                        .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                        .setHandle100ContinueAutomatically(true)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false);
        settings.tls.ifPresent(
                tls ->
                        options.setSsl(true)
                                .setUseAlpn(true)
                                .setKeyCertOptions(
                                        new PemKeyCertOptions()
                                                .addCertPath(tls.certificate().toString())
                                                .addKeyPath(tls.key().toString())));
        return options;
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(this::receive);
        settings.faces.forEach(face -> face.mount(router));
        router.route().failureHandler(this::fail);
        router.errorHandler(404, HttpEdge::unknown);
        Methods methods = Methods.of(router);
        router.errorHandler(405, routing -> wrongMethod(routing, methods));
        return router;
    }

    /** The way of every request into the server. */
    private void receive(RoutingContext routing) {
        String requestId = "req_" + UUID.randomUUID().toString().replace("-", "");
        routing.response().putHeader(REQUEST_ID, requestId);
        if (form(routing) == ErrorForm.ANTHROPIC) {
            routing.response().putHeader(ANTHROPIC_REQUEST_ID, requestId);
        }
        Place place = Place.of(routing.normalizedPath());
        Gate.Admission admission =
                settings.gate.admit(header(routing, "authorization"), header(routing, "x-api-key"));
        Caller caller =
                admission instanceof Gate.Admission.In(Caller known) ? known : Caller.NOBODY;
        boolean room = settings.traffic.enter();
        Exchange exchange = Exchange.open(routing, settings.traffic, requestId, caller);
        track(exchange, routing);
        refusal(routing, place, admission, room)
                .or(() -> overLimit(exchange, place))
                .ifPresentOrElse(routing::fail, routing::next);
    }

    private static ErrorForm form(RoutingContext routing) {
        return ErrorForm.of(
                routing.normalizedPath(), routing.request().getHeader("anthropic-version") != null);
    }

    private void track(Exchange exchange, RoutingContext routing) {
        var connection = routing.request().connection();
        connections.begins(connection);
        open.add(exchange);
        routing.addEndHandler(
                over -> {
                    if (open.remove(exchange)) {
                        connections.ends(connection);
                        settings.traffic.leave(exchange.ended());
                    }
                });
    }

    private Optional<ApiError> refusal(
            RoutingContext routing, Place place, Gate.Admission admission, boolean room) {
        if (place == Place.OPEN) {
            return Optional.empty();
        }
        if (settings.traffic.draining()) {
            Exchange.of(routing).closeAfter();
            return Optional.of(restarting());
        }
        if (!room) {
            return Optional.of(
                    ApiError.unavailable(
                            "%,d requests are in already, the most that this server takes. Nothing was begun; try again."
                                    .formatted(settings.limits.openRequests()),
                            AGAIN));
        }
        return switch (admission) {
            case Gate.Admission.NoKey none ->
                    place == Place.PAGE
                            ? Optional.empty()
                            : Optional.of(challenge(routing, AccessErrors.noKey()));
            case Gate.Admission.WrongKey wrong ->
                    Optional.of(challenge(routing, AccessErrors.wrongKey()));
            case Gate.Admission.In(Caller caller) -> {
                if (isForeign(routing.request())) {
                    yield Optional.of(AccessErrors.foreign());
                }
                yield place.scope().filter(scope -> !caller.may(scope)).map(AccessErrors::noScope);
            }
        };
    }

    private static ApiError restarting() {
        return ApiError.unavailable(FAREWELL, SOON);
    }

    /** A browser asks its user for the key where a page was asked for. */
    private static ApiError challenge(RoutingContext routing, ApiError error) {
        String scheme = routing.normalizedPath().startsWith("/v1/") ? "Bearer" : "Basic";
        routing.response().putHeader("www-authenticate", scheme + " realm=\"Batchwright\"");
        return error;
    }

    /**
     * Whether a browser says that another site's page sends this. Such a page could spend what its
     * visitor may: the browser sends the visitor's key, and where there are no keys none is needed.
     */
    private static boolean isForeign(HttpServerRequest request) {
        return !request.method().equals(HttpMethod.GET)
                && !request.method().equals(HttpMethod.HEAD)
                && "cross-site".equals(request.getHeader("sec-fetch-site"));
    }

    /** Takes the request out of what its key may use, and tells what is left of that. */
    private Optional<ApiError> overLimit(Exchange exchange, Place place) {
        if (place == Place.OPEN || !exchange.method().equals("POST")) {
            return Optional.empty();
        }
        long now = System.nanoTime();
        Allowance allowance = settings.allowances.of(exchange.caller(), now);
        long tokens = place == Place.CALLS ? tokens(exchange.declaredLength()) : 0;
        Allowance.Verdict verdict = allowance.take(1, tokens, now);
        HttpServerResponse response = exchange.routing().response();
        allowance.requests().ifPresent(standing -> tell(response, "requests", standing));
        allowance.tokens().ifPresent(standing -> tell(response, "tokens", standing));
        return verdict instanceof Allowance.Verdict.Wait wait
                ? Optional.of(AccessErrors.wait(wait))
                : Optional.empty();
    }

    /** What a call counts for; nothing where it is too large to be taken at all. */
    private long tokens(long bytes) {
        return bytes > settings.limits.bodyBytes()
                ? 0
                : Math.ceilDiv(bytes, (long) BYTES_PER_TOKEN);
    }

    private static void tell(
            HttpServerResponse response, String what, Allowance.Standing standing) {
        response.putHeader("x-ratelimit-limit-" + what, Long.toString(standing.limit()))
                .putHeader("x-ratelimit-remaining-" + what, Long.toString(standing.left()))
                .putHeader(
                        "x-ratelimit-reset-" + what,
                        String.format(Locale.ROOT, "%.3fs", standing.reset().toMillis() / 1000.0));
    }

    private static Optional<String> header(RoutingContext routing, String name) {
        return Optional.ofNullable(routing.request().getHeader(name));
    }

    private static void unknown(RoutingContext routing) {
        answer(
                routing,
                ApiError.notFound(
                                "Unknown request URL: %s %s. Please check the URL for typos."
                                        .formatted(
                                                routing.request().method(),
                                                routing.normalizedPath()))
                        .code("unknown_url"));
    }

    private static void wrongMethod(RoutingContext routing, Methods methods) {
        routing.response().putHeader("allow", methods.allowed(routing.normalizedPath()));
        if (routing.request().method().equals(HttpMethod.OPTIONS)) {
            Exchange.of(routing).reply(Reply.text(204, ""));
            return;
        }
        answer(
                routing,
                ApiError.of(
                                405,
                                "invalid_request_error",
                                "Not allowed to %s on %s. (HINT: Perhaps you meant to use a different HTTP method?)"
                                        .formatted(
                                                routing.request().method(),
                                                routing.normalizedPath()))
                        .code("method_not_supported"));
    }

    /** The one place where a problem becomes an answer. */
    private void fail(RoutingContext routing) {
        HttpServerResponse response = routing.response();
        if (response.headWritten()) {
            response.reset(); // It must not look like a whole answer.
            return;
        }
        answer(routing, error(routing.failure(), Exchange.of(routing).requestId()));
    }

    private static void answer(RoutingContext routing, ApiError error) {
        Exchange exchange = Exchange.of(routing);
        byte[] body = form(routing).body(error, exchange.requestId());
        Reply reply = Reply.json(error.status(), body);
        exchange.reply(
                error.retryAfter()
                        .map(wait -> reply.with("retry-after", Exchange.seconds(wait)))
                        .orElse(reply));
    }

    private ApiError error(@Nullable Throwable problem, String requestId) {
        if (problem instanceof ApiError answer) {
            return answer;
        }
        if (problem != null) {
            Optional<ApiError> known = settings.known.apply(problem);
            if (known.isPresent()) {
                LOG.atWarn()
                        .addKeyValue("request_id", requestId)
                        .setCause(problem)
                        .log("A request was refused");
                return known.get();
            }
        }
        LOG.atError()
                .addKeyValue("request_id", requestId)
                .setCause(problem)
                .log("A request failed");
        return ApiError.of(
                        500,
                        "server_error",
                        "The server had an error while processing request %s. Nothing that was stored is lost; its log says more."
                                .formatted(requestId))
                .code("internal_error");
    }

    /**
     * What is no HTTP gets a short answer, and the connection ends where it is not shared with
     * other requests.
     */
    private static void refuseUnreadable(HttpServerRequest request) {
        ApiError error =
                ApiError.of(
                        400,
                        "invalid_request_error",
                        "The request is not HTTP as this server reads it, or its first line or"
                                + " headers are too long.");
        HttpServerResponse response =
                request.response()
                        .setStatusCode(error.status())
                        .putHeader("content-type", "application/json");
        Buffer body = Buffer.buffer(ErrorForm.OPENAI.body(error, ""));
        if (request.version() == HttpVersion.HTTP_2) {
            var unused = response.end(body);
            return;
        }
        response.putHeader("connection", "close")
                .end(body)
                .onComplete(any -> request.connection().close());
    }

    /** Looks for those who are too slow. */
    private void look() {
        connections.closeIdle();
        for (Exchange exchange : List.copyOf(open)) {
            switch (exchange.slowness(settings.limits.patience())) {
                case NONE -> {}
                case READS_NOTHING -> exchange.cutOff();
                case SENDS_TOO_SLOWLY -> {
                    exchange.closeAfter();
                    exchange.fail(
                            ApiError.of(
                                    408,
                                    "invalid_request_error",
                                    "The body of the request comes too slowly. Nothing was begun;"
                                            + " send it again."));
                }
            }
        }
    }

    /** Tells clients to open no more requests on their connections; from any thread. */
    public void farewell(Duration grace) {
        context.runOnContext(any -> connections.farewell(grace.toSeconds() + 1));
    }

    /** Answers all who are still in that they should come again; from any thread. */
    public void dismiss() {
        context.runOnContext(
                any -> {
                    for (Exchange exchange : List.copyOf(open)) {
                        exchange.closeAfter();
                        exchange.fail(restarting());
                    }
                });
    }
}
