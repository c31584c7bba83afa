package dev.batchwright.server.health;

import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.server.edge.Traffic;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;

import io.vertx.ext.web.Router;

import java.time.Duration;
import java.util.List;

/**
 * {@code /health}: the process lives. {@code /ready}: it can serve, which it can't without its
 * store or when a part of it has broken down, and won't when it is about to stop.
 */
public final class HealthRoutes implements Routes {
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final JobStore store;
    private final Traffic traffic;
    private final List<Routes> faces;

    /**
     * @param faces all of the server; complete before the first request comes
     */
    public HealthRoutes(JobStore store, Traffic traffic, List<Routes> faces) {
        this.store = store;
        this.traffic = traffic;
        this.faces = faces;
    }

    @Override
    public void mount(Router router) {
        router.get("/health").handler(routing -> Exchange.of(routing).reply(Reply.text(200, "ok")));
        router.get("/ready").handler(Exchange.plain(exchange -> ready()));
    }

    private Reply ready() {
        if (traffic.draining()) {
            throw ApiError.unavailable("The server is about to stop.", AGAIN);
        }
        if (!faces.stream().allMatch(Routes::isAble)) {
            throw ApiError.unavailable(
                    "A part of the server has broken down; its log says why. Start it anew.",
                    AGAIN);
        }
        try {
            store.jobs(1);
        } catch (StoreException e) {
            throw ApiError.unavailable("The store can't be read.", AGAIN);
        }
        return Reply.text(200, "ready");
    }
}
