package dev.batchwright.input;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Where each model's requests go, asked once for each name, and how many went there. A name that is
 * refused is one problem, said on its first line with how often it occurs.
 */
final class Routes {
    private static final int MOST_MODELS = 1000;

    private final Router router;
    private final Findings findings;
    private final Map<String, Route> routes = new HashMap<>();
    private boolean refusedAny;

    /** One name: its way, or where it was refused. */
    private static final class Route {
        final Router.Resolution resolution;
        final long firstLine;
        final Map<Endpoint, Long> counts = new EnumMap<>(Endpoint.class);
        long refused;

        Route(Router.Resolution resolution, long firstLine) {
            this.resolution = resolution;
            this.firstLine = firstLine;
        }
    }

    Routes(Router router, Findings findings) {
        this.router = router;
        this.findings = findings;
    }

    /** The way of a model's request; empty where it has none, which is a problem. */
    Optional<Router.Resolution.Routed> of(String model, long line) {
        Optional<Route> found = find(model, line);
        if (found.isEmpty()) {
            findings.problemOnce(
                    line,
                    "more than %,d different models up to here. Is `model` really the name of a model? `-m MODEL` takes its place in rows."
                            .formatted(MOST_MODELS));
            return Optional.empty();
        }
        Route route = found.get();
        return switch (route.resolution) {
            case Router.Resolution.Routed routed -> Optional.of(routed);
            case Router.Resolution.Refused refused -> {
                route.refused++;
                refusedAny = true;
                yield Optional.empty();
            }
        };
    }

    /** Who gets a model's requests; empty where nobody does, which is no problem yet. */
    Optional<String> provider(String model, long line) {
        return find(model, line)
                .map(route -> route.resolution)
                .flatMap(
                        resolution ->
                                resolution instanceof Router.Resolution.Routed routed
                                        ? Optional.of(routed.provider())
                                        : Optional.empty());
    }

    private Optional<Route> find(String model, long line) {
        Route known = routes.get(model);
        if (known != null || routes.size() == MOST_MODELS) {
            return Optional.ofNullable(known);
        }
        var route = new Route(router.resolve(model), line);
        routes.put(model, route);
        return Optional.of(route);
    }

    void count(String model, Endpoint endpoint) {
        Route route = routes.get(model);
        if (route != null) {
            route.counts.merge(endpoint, 1L, Long::sum);
        }
    }

    boolean refusedAny() {
        return refusedAny;
    }

    void reportRefused() {
        for (Route route : routes.values()) {
            if (route.resolution instanceof Router.Resolution.Refused(var problem)
                    && route.refused > 0) {
                findings.problem(route.firstLine, problem + Warning.alsoIn(route.refused - 1));
            }
        }
    }

    Map<LoadReport.Target, Long> targets() {
        var targets = new HashMap<LoadReport.Target, Long>();
        for (Route route : routes.values()) {
            if (route.resolution instanceof Router.Resolution.Routed(var provider, var model)) {
                route.counts.forEach(
                        (endpoint, count) ->
                                targets.merge(
                                        new LoadReport.Target(provider, model, endpoint.path()),
                                        count,
                                        Long::sum));
            }
        }
        return targets;
    }
}
