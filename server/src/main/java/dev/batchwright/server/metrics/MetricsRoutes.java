package dev.batchwright.server.metrics;

import dev.batchwright.server.access.Scope;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.server.edge.Routes;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.vertx.ext.web.Router;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code /metrics}: what was counted and measured, for Prometheus to fetch. */
public final class MetricsRoutes implements Routes {
    private static final String FORMAT = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry;

    public MetricsRoutes(PrometheusMeterRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void mount(Router router) {
        router.get("/metrics").handler(Exchange.plain(this::metrics));
    }

    private Reply metrics(Exchange exchange) {
        exchange.require(Scope.ADMIN);
        byte[] text = registry.scrape().getBytes(StandardCharsets.UTF_8);
        return new Reply(200, FORMAT, List.of(), new Reply.Body.Whole(text));
    }
}
