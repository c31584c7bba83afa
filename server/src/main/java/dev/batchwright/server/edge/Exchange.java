package dev.batchwright.server.edge;

import dev.batchwright.server.access.Caller;
import dev.batchwright.server.access.Scope;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.RoutingContext;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * One request and its answer, between the event loop that reads and writes it and the plain code
 * that serves it. A face mounts its routes with {@link #plain} or {@link #withBody}: what they do
 * runs on a virtual thread, may block, and may throw an {@link ApiError}. A face whose callers wait
 * for hours keeps no thread for them: it stays on the event loop ({@link #read}), and answers later
 * with {@link #reply} or {@link #fail}, from any thread.
 *
 * <p>A body that nobody reads is left unread, and the connection ends with the answer if there was
 * much of it.
 */
public final class Exchange {
    private static final String KEY = Exchange.class.getName();
    private static final int CLIENT_GONE = 499;
    private static final long LINGER_MILLIS = 1_000;

    /** Bytes of a body a second, over all of the time, behind a first while. */
    private static final int SLOWEST_BODY = 256;

    private final RoutingContext routing;
    private final Context loop;
    private final Traffic traffic;
    private final String requestId;
    private final Caller caller;
    private final long began = System.nanoTime();
    private String route = "unknown";
    private long writtenAt = began; // When the client last took something of its answer.
    private boolean closing; // Whether the connection ends with the answer.
    private int writes; // Parts of the answer that it has not taken yet.

    /** Serves a request in plain code. */
    @FunctionalInterface
    public interface Work {
        /** Blocks as long as it takes. */
        Reply serve(Exchange exchange) throws IOException, InterruptedException;
    }

    /** Serves a request whose body is small enough to be in memory, in plain code. */
    @FunctionalInterface
    public interface BodyWork {
        /** Blocks as long as it takes. */
        Reply serve(Exchange exchange, byte[] body) throws IOException, InterruptedException;
    }

    /** Gets the whole body of a request, on the event loop. */
    @FunctionalInterface
    public interface BodyHandler {
        /** Must not block. */
        void handle(byte[] body);
    }

    private Exchange(RoutingContext routing, Traffic traffic, String requestId, Caller caller) {
        this.routing = routing;
        this.loop = Objects.requireNonNull(Vertx.currentContext());
        this.traffic = traffic;
        this.requestId = requestId;
        this.caller = caller;
    }

    /** Begins with a request that was let in; on its event loop. */
    static Exchange open(RoutingContext routing, Traffic traffic, String requestId, Caller caller) {
        var exchange = new Exchange(routing, traffic, requestId, caller);
        routing.put(KEY, exchange);
        HttpServerRequest request = routing.request();
        if (!request.isEnded()) {
            request.pause(); // Until somebody reads the body.
        }
        return exchange;
    }

    /** The exchange of a request that the edge let in. */
    public static Exchange of(RoutingContext routing) {
        Exchange exchange = Objects.requireNonNull(routing.get(KEY));
        Route route = routing.currentRoute();
        String name = route == null ? null : route.getName();
        if (name != null) {
            exchange.route = name;
        }
        return exchange;
    }

    /** A route that is served in plain code, which reads the body itself, if at all. */
    public static Handler<RoutingContext> plain(Work work) {
        return routing -> of(routing).run(work);
    }

    /** A route whose body is read into memory and then served in plain code. */
    public static Handler<RoutingContext> withBody(long most, BodyWork work) {
        return routing -> {
            Exchange exchange = of(routing);
            exchange.read(most, body -> exchange.run(any -> work.serve(exchange, body)));
        };
    }

    /** What was decided at the edge about who calls. */
    public Caller caller() {
        return caller;
    }

    /** Refuses a caller whose key may not be used for this. */
    public void require(Scope scope) {
        if (!caller.may(scope)) {
            throw AccessErrors.noScope(scope);
        }
    }

    /** Names the request, in its answer and in the log. */
    public String requestId() {
        return requestId;
    }

    /** What Vert.x has of it, for what is not here; on the event loop alone. */
    public RoutingContext routing() {
        return routing;
    }

    public String method() {
        return routing.request().method().name();
    }

    /** The host and port that the client asked for; empty where it makes no sense. */
    public String authority() {
        HostAndPort authority = routing.request().authority();
        return authority == null ? "" : authority.toString();
    }

    public String path() {
        return routing.normalizedPath();
    }

    /** A header of the request, by its name in any case. */
    public Optional<String> header(String name) {
        return Optional.ofNullable(routing.request().getHeader(name));
    }

    /** A parameter of the query. */
    public Optional<String> query(String name) {
        return routing.queryParam(name).stream().findFirst();
    }

    /** A part of the path that the route has a name for. */
    public String pathParameter(String name) {
        return Objects.requireNonNull(routing.pathParam(name));
    }

    /**
     * Reads the whole body; on the event loop.
     *
     * @param most bytes; a larger one is answered with 413
     */
    public void read(long most, BodyHandler then) {
        HttpServerRequest request = routing.request();
        if (declaredLength() > most) {
            fail(ApiError.tooLarge(most));
            return;
        }
        var body = new WholeBody(most, traffic);
        routing.addEndHandler(over -> body.drop());
        request.exceptionHandler(gone -> body.drop());
        request.handler(
                part ->
                        body.add(part)
                                .ifPresent(
                                        refusal -> {
                                            request.pause();
                                            fail(refusal);
                                        }));
        request.endHandler(
                end -> {
                    byte @Nullable [] whole = body.take();
                    if (whole != null) {
                        guarded(() -> then.handle(whole));
                    }
                });
        request.resume();
    }

    /**
     * The body as a stream, for plain code: reads no faster than it is read.
     *
     * @param most bytes; more end in an {@link ApiError} with 413
     */
    public InputStream body(long most) {
        if (declaredLength() > most) {
            throw ApiError.tooLarge(most);
        }
        var stream = new BodyStream(routing, loop, most);
        stream.open();
        return stream;
    }

    /** How long the body is going to be; 0 where that was not said. */
    long declaredLength() {
        return header("content-length").map(Exchange::length).orElse(0L);
    }

    private static long length(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    /** Runs plain code on a virtual thread of its own, and answers with what it returns. */
    public void run(Work work) {
        Thread.ofVirtual().name(requestId).start(() -> serve(work));
    }

    private void serve(Work work) {
        try {
            Reply reply = work.serve(this);
            if (reply.body() instanceof Reply.Body.Written(var length, var writer)
                    && !isForHead()) {
                write(reply, length.isPresent(), writer);
            } else {
                reply(reply);
            }
        } catch (Throwable e) {
            // The edge of the request: whatever it is, who waits must hear of it.
            fail(e);
        }
    }

    private void write(Reply reply, boolean lengthKnown, Reply.Writer writer)
            throws InterruptedException {
        var out = new ReplyStream(this, loop);
        loop.runOnContext(any -> putHead(reply, !lengthKnown));
        try {
            writer.write(out);
            out.close(); // Behind all of it alone: it must not look like a whole answer.
        } catch (IOException e) {
            reset(); // The client is gone, or what it should get can't be read.
        }
    }

    /** Answers; from any thread. Nothing happens if the request was answered before. */
    public void reply(Reply reply) {
        onLoop(
                () -> {
                    HttpServerResponse response = routing.response();
                    if (response.headWritten() || response.ended() || response.closed()) {
                        return;
                    }
                    byte[] bytes = whole(reply);
                    boolean unread = !routing.request().isEnded();
                    if (unread && isLong()) {
                        closeAfter();
                    }
                    putHead(reply, false);
                    if (isForHead() && reply.body() instanceof Reply.Body.Whole) {
                        response.putHeader("content-length", Integer.toString(bytes.length));
                    }
                    Future<Void> sent =
                            isForHead() ? response.end() : response.end(Buffer.buffer(bytes));
                    written(sent);
                    if (unread) {
                        leave(sent);
                    }
                });
    }

    /** Whether nothing but the head of the answer is asked for. */
    private boolean isForHead() {
        return routing.request().method().equals(HttpMethod.HEAD);
    }

    private byte[] whole(Reply reply) {
        return switch (reply.body()) {
            case Reply.Body.Whole(byte[] bytes) -> bytes;
            case Reply.Body.Written written -> {
                if (!isForHead()) {
                    throw new IllegalArgumentException(
                            "A body that is written needs a thread: answer with run().");
                }
                yield new byte[0];
            }
        };
    }

    /** Watches a part of the answer on its way; on the event loop. */
    void written(Future<Void> part) {
        if (writes++ == 0) {
            writtenAt = System.nanoTime();
        }
        part.onComplete(
                taken -> {
                    writes--;
                    writtenAt = System.nanoTime();
                });
    }

    /** What is to be done about a client that is too slow; on the event loop. */
    Slowness slowness(Duration patience) {
        long now = System.nanoTime();
        if (writes > 0 && now - writtenAt > patience.toNanos()) {
            return Slowness.READS_NOTHING;
        }
        HttpServerRequest request = routing.request();
        double seconds = (now - began - patience.toNanos()) / 1e9;
        return !request.isEnded() && seconds > 0 && request.bytesRead() < seconds * SLOWEST_BODY
                ? Slowness.SENDS_TOO_SLOWLY
                : Slowness.NONE;
    }

    /** Ends it at once. Requests that share its connection, which those of HTTP/2 do, go on. */
    void cutOff() {
        if (isAlone()) {
            routing.request().connection().close();
        } else {
            routing.response().reset();
        }
    }

    /** Whether no other request can be under way on its connection. */
    private boolean isAlone() {
        return routing.request().version() != HttpVersion.HTTP_2;
    }

    /** What a client does too slowly, if anything. */
    enum Slowness {
        NONE,
        READS_NOTHING,
        SENDS_TOO_SLOWLY
    }

    /** What is told of this request when it is over; on the event loop. */
    Traffic.Ended ended() {
        HttpServerResponse response = routing.response();
        return new Traffic.Ended(
                requestId,
                caller,
                method(),
                route,
                response.ended() ? response.getStatusCode() : CLIENT_GONE,
                System.nanoTime() - began,
                routing.request().bytesRead(),
                response.bytesWritten());
    }

    /** Answers with an error; from any thread. */
    public void fail(Throwable problem) {
        onLoop(() -> routing.fail(problem));
    }

    /** Has something done once when the client is gone before its answer; on the event loop. */
    public void onGone(Runnable action) {
        onLoop(
                () -> {
                    HttpServerResponse response = routing.response();
                    if (response.closed() && !response.ended()) {
                        action.run();
                        return;
                    }
                    response.closeHandler(
                            closed -> {
                                if (!response.ended()) {
                                    action.run();
                                }
                            });
                });
    }

    /** Has something done on the event loop of this request, at once if this is it. */
    public void onLoop(Runnable action) {
        if (loop.equals(Vertx.currentContext())) {
            guarded(action);
        } else {
            loop.runOnContext(any -> guarded(action));
        }
    }

    private void guarded(Runnable action) {
        try {
            action.run();
        } catch (RuntimeException e) {
            // The edge of the request on the event loop, as serve() is on its thread.
            routing.fail(e);
        }
    }

    /** Writes status and headers into the response; on the event loop. */
    private void putHead(Reply reply, boolean chunked) {
        HttpServerResponse response = routing.response();
        response.setStatusCode(reply.status()).putHeader("content-type", reply.contentType());
        reply.headers().forEach(header -> response.putHeader(header.name(), header.value()));
        if (reply.body() instanceof Reply.Body.Written(var length, var writer)
                && length.isPresent()) {
            response.putHeader("content-length", Long.toString(length.getAsLong()));
        }
        response.setChunked(chunked);
    }

    /** Whether what is left of the body may be more than one reads to keep a connection. */
    private boolean isLong() {
        return declaredLength() > WholeBody.SMALL || header("transfer-encoding").isPresent();
    }

    /**
     * Reads away what is left of a body that nobody wants. Where the connection is to end it is
     * closed a moment after the answer: at once, what the client still sends would be refused by
     * its system, and the answer thrown away with it.
     */
    private void leave(Future<Void> sent) {
        HttpServerRequest request = routing.request();
        request.exceptionHandler(gone -> {});
        request.endHandler(end -> {});
        request.handler(part -> {}).resume();
        if (closing) {
            sent.onComplete(
                    any ->
                            routing.vertx()
                                    .setTimer(LINGER_MILLIS, now -> request.connection().close()));
        }
    }

    /** Has the connection end with the answer, where that is not shared with other requests. */
    void closeAfter() {
        if (isAlone()) {
            closing = true;
            routing.response().putHeader("connection", "close");
        }
    }

    private void reset() {
        onLoop(() -> routing.response().reset());
    }

    /** How long a client is told to wait, in whole seconds. */
    static String seconds(Duration span) {
        return Long.toString(Math.max(1, span.plusMillis(999).toSeconds()));
    }
}
