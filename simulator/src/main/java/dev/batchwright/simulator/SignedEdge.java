package dev.batchwright.simulator;

import dev.batchwright.simulator.wire.Arrival;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.http.HttpServerRequest;

import java.util.function.Function;

/** The second port: another host, as far as clients can tell, that must never see a key. */
final class SignedEdge extends VerticleBase {
    private static final byte[] NOTHING = new byte[0];

    private final SimulatorOptions options;
    private final Function<Arrival, ReplyPlan> desk;
    private volatile int port; // written once, when listening

    SignedEdge(SimulatorOptions options, Function<Arrival, ReplyPlan> desk) {
        this.options = options;
        this.desk = desk;
    }

    int port() {
        return port;
    }

    @Override
    public Future<?> start() {
        return vertx.createHttpServer()
                .requestHandler(this::serve)
                .listen(0, options.host())
                .onSuccess(server -> port = server.actualPort());
    }

    private void serve(HttpServerRequest request) {
        String path = request.path(); // null in nonsense like `GET *`
        var arrival =
                new Arrival(
                        request.method().name(),
                        path == null ? "" : path,
                        "",
                        request::getHeader,
                        NOTHING,
                        options.clock().instant());
        request.endHandler(end -> new Courier(vertx, request).carry(desk.apply(arrival)));
    }
}
