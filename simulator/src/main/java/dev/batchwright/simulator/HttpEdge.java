package dev.batchwright.simulator;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchRoute;
import dev.batchwright.simulator.wire.Payload;
import dev.batchwright.simulator.wire.Reply;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The event loop's side: reads requests, has the {@link FrontDesk} decide, and hands its plan to a
 * {@link Courier}. One instance per event loop; all share the port. Everything here runs on the
 * instance's own event loop.
 */
final class HttpEdge extends VerticleBase {
    private static final byte[] NOTHING = new byte[0];
    private static final int SHARED_FREE_PORT = -1; // any free one, the same for all instances
    private static final int BACKLOG = 4096;
    private static final int MAX_HEADER_BYTES = 64 * 1024;

    private final SimulatorOptions options;
    private final FrontDesk desk;
    private final BatchCounter counter;
    private final Checkpoints checkpoints;
    private volatile int port; // written once, when listening

    HttpEdge(
            SimulatorOptions options,
            FrontDesk desk,
            BatchCounter counter,
            Checkpoints checkpoints) {
        this.options = options;
        this.desk = desk;
        this.counter = counter;
        this.checkpoints = checkpoints;
    }

    int port() {
        return port;
    }

    @Override
    public Future<?> start() {
        var http =
                new HttpServerOptions()
                        .setAcceptBacklog(BACKLOG)
                        .setMaxHeaderSize(MAX_HEADER_BYTES)
                        .setHttp2ClearTextEnabled(false)
                        .setHandle100ContinueAutomatically(true)
                        .setPerMessageWebSocketCompressionSupported(false)
                        .setPerFrameWebSocketCompressionSupported(false)
                        .setCompressionSupported(options.compression())
                        .setDecompressionSupported(options.compression());
        return vertx.createHttpServer(http)
                .requestHandler(this::read)
                .listen(options.port() == 0 ? SHARED_FREE_PORT : options.port(), options.host())
                .onSuccess(server -> port = server.actualPort());
    }

    private void read(HttpServerRequest request) {
        Arrival head = arrival(request, NOTHING);
        Optional<BatchRoute> route = desk.batchRoute(head.method(), head.path());
        if (route.isPresent()) {
            readBatchCall(request, route.get());
            return;
        }
        if (declaredLength(request) > options.maxBodyBytes()) {
            refuseTooLarge(request);
            return;
        }
        var body = new Body(request);
        request.handler(body::add).endHandler(end -> body.complete());
    }

    /** The body goes to disk if it is large; the call is served on a thread that may block. */
    private void readBatchCall(HttpServerRequest request, BatchRoute route) {
        var spool = new Spool(counter.engine().scratch());
        request.handler(part -> spool.add(part.getBytes()))
                .exceptionHandler(failure -> spool.discard())
                .endHandler(
                        end -> {
                            Payload body = spool.complete();
                            Arrival head = arrival(request, NOTHING);
                            aside(request, watched(head, () -> counter.serve(route, head, body)));
                        });
    }

    /** Has a thread of its own decide, and carries out the plan on the event loop. */
    private void aside(HttpServerRequest request, Supplier<ReplyPlan> decision) {
        Thread.startVirtualThread(
                () -> {
                    ReplyPlan plan = decide(decision);
                    context.runOnContext(any -> new Courier(vertx, request).carry(plan));
                });
    }

    /** The same decision, between the moments at which those who watch may stop it. */
    private Supplier<ReplyPlan> watched(Arrival call, Supplier<ReplyPlan> decision) {
        if (checkpoints.idle()) {
            return decision;
        }
        return () -> {
            checkpoints.pass(Checkpoints.Moment.BEFORE, call.method(), call.path());
            ReplyPlan plan = decision.get();
            checkpoints.pass(Checkpoints.Moment.AFTER, call.method(), call.path());
            return plan;
        };
    }

    private static long declaredLength(HttpServerRequest request) {
        String length = request.getHeader("content-length");
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException e) {
            return 0; // the server itself has refused it
        }
    }

    /** A body that is being read. */
    private final class Body {
        private final HttpServerRequest request;
        private @Nullable Buffer first; // most bodies come in one part
        private @Nullable ByteArrayOutputStream all; // those that don't
        private boolean refused;

        Body(HttpServerRequest request) {
            this.request = request;
        }

        void add(Buffer part) {
            if (refused) {
                return;
            }
            if (size() + part.length() > options.maxBodyBytes()) {
                refused = true;
                refuseTooLarge(request);
            } else if (all != null) {
                all.writeBytes(part.getBytes());
            } else if (first != null) {
                all = new ByteArrayOutputStream(2 * (first.length() + part.length()));
                all.writeBytes(first.getBytes());
                all.writeBytes(part.getBytes());
            } else {
                first = part;
            }
        }

        void complete() {
            if (refused) {
                return;
            }
            Arrival arrival = arrival(request, bytes());
            if (desk.isOurs(arrival.path())) {
                aside(request, () -> desk.report(arrival));
            } else if (checkpoints.idle()) {
                new Courier(vertx, request).carry(decide(() -> desk.receive(arrival)));
            } else {
                aside(request, watched(arrival, () -> desk.receive(arrival)));
            }
        }

        private long size() {
            return all != null ? all.size() : first != null ? first.length() : 0;
        }

        private byte[] bytes() {
            return all != null ? all.toByteArray() : first != null ? first.getBytes() : NOTHING;
        }
    }

    /** A mistake of ours must not leave the client waiting. */
    private static ReplyPlan decide(Supplier<ReplyPlan> decision) {
        try {
            return decision.get();
        } catch (RuntimeException e) {
            byte[] text = ("The simulator has a bug: " + e + "\n").getBytes(StandardCharsets.UTF_8);
            return ReplyPlan.now(
                    new Reply(500, "text/plain; charset=utf-8", List.of(), List.of(text), false));
        }
    }

    private void refuseTooLarge(HttpServerRequest request) {
        // The rest of the body is not read: the connection ends with the answer.
        request.response().putHeader("connection", "close");
        new Courier(vertx, request).carry(desk.receiveTooLarge(arrival(request, NOTHING)));
    }

    private Arrival arrival(HttpServerRequest request, byte[] body) {
        String path = request.path(); // null in nonsense like `GET *`
        String query = request.query();
        return new Arrival(
                request.method().name(),
                path == null ? "" : path,
                query == null ? "" : query,
                request::getHeader,
                body,
                options.clock().instant());
    }
}
