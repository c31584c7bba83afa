package dev.batchwright.server.health;

import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Workbench;

import io.vertx.ext.web.Router;

import java.time.Duration;

/**
 * {@code /health}: the process lives. {@code /ready}: it can serve, which it can't without its
 * store.
 */
public final class HealthRoutes implements Routes {
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final Workbench workbench;

    public HealthRoutes(Workbench workbench) {
        this.workbench = workbench;
    }

    @Override
    public void mount(Router router) {
        router.get("/health").handler(routing -> Exchange.of(routing).reply(Reply.text(200, "ok")));
        router.get("/ready").handler(Exchange.plain(exchange -> ready()));
    }

    private Reply ready() {
        try {
            workbench.store().jobs(1);
        } catch (StoreException e) {
            throw ApiError.unavailable("The store can't be read.", AGAIN);
        }
        return Reply.text(200, "ready");
    }
}
