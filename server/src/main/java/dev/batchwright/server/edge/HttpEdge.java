package dev.batchwright.server.edge;

import dev.batchwright.server.access.Caller;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.UUID;

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
    private static final String REQUEST_ID = "x-request-id";

    private final String host;
    private final int wantedPort;
    private final List<Routes> faces;
    private volatile int port; // Written once, when listening.

    /**
     * @param port 0 for any free one
     */
    public HttpEdge(String host, int port, List<Routes> faces) {
        this.host = host;
        this.wantedPort = port;
        this.faces = List.copyOf(faces);
    }

    /** Where it listens. */
    public int port() {
        return port;
    }

    @Override
    public Future<?> start() {
        var http =
                new HttpServerOptions()
                        .setAcceptBacklog(BACKLOG)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setHandle100ContinueAutomatically(true)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false);
        return vertx.createHttpServer(http)
                .requestHandler(router())
                .listen(wantedPort == 0 ? SHARED_FREE_PORT : wantedPort, host)
                .onSuccess(server -> port = server.actualPort());
    }

    private Router router() {
        Router router = Router.router(vertx);
        router.route().handler(HttpEdge::admit);
        faces.forEach(face -> face.mount(router));
        router.route()
                .last()
                .handler(
                        routing ->
                                routing.fail(
                                        ApiError.notFound(
                                                        "Unknown request URL: %s %s. Please check the URL for typos."
                                                                .formatted(
                                                                        routing.request().method(),
                                                                        routing.normalizedPath()))
                                                .code("unknown_url")));
        router.route().failureHandler(HttpEdge::fail);
        return router;
    }

    private static void admit(RoutingContext routing) {
        String requestId = "req_" + UUID.randomUUID().toString().replace("-", "");
        routing.response().putHeader(REQUEST_ID, requestId);
        Exchange.open(routing, requestId, Caller.LOCAL);
        routing.next();
    }

    /** The one place where a problem becomes an answer. */
    private static void fail(RoutingContext routing) {
        Exchange exchange = Exchange.of(routing);
        HttpServerResponse response = routing.response();
        if (response.headWritten()) {
            response.reset(); // It must not look like a whole answer.
            return;
        }
        ApiError error = error(routing, exchange.requestId());
        byte[] body = ErrorForm.of(exchange.path()).body(error, exchange.requestId());
        Reply reply = Reply.json(error.status(), body);
        exchange.reply(
                error.retryAfter()
                        .map(wait -> reply.with("retry-after", Exchange.seconds(wait)))
                        .orElse(reply));
    }

    private static ApiError error(RoutingContext routing, String requestId) {
        return switch (routing.failure()) {
            case ApiError known -> known;
            case null ->
                    ApiError.of(
                            routing.statusCode(),
                            "invalid_request_error",
                            "The request could not be read.");
            case Throwable unexpected -> {
                LOG.error("Request {} failed", requestId, unexpected);
                yield ApiError.of(
                                500,
                                "server_error",
                                "The server had an error while processing request %s. Nothing that was stored is lost; its log says more."
                                        .formatted(requestId))
                        .code("internal_error");
            }
        };
    }
}
