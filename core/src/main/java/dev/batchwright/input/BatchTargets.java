package dev.batchwright.input;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Where the requests of a batch go, asked once for each model, and how many went there. */
final class BatchTargets {
    private static final int MOST_MODELS = 1000;

    private final Router router;
    private final Map<String, Router.Resolution> known = new HashMap<>();
    private final Map<LoadReport.Target, Long> counts = new HashMap<>();

    BatchTargets(Router router) {
        this.router = router;
    }

    Router.Resolution route(String model) {
        if (!known.containsKey(model) && known.size() >= MOST_MODELS) {
            return new Router.Resolution.Refused(
                    "More than %,d different models are named up to here.".formatted(MOST_MODELS));
        }
        return known.computeIfAbsent(model, router::resolve);
    }

    void count(Router.Resolution.Routed to, Endpoint endpoint) {
        counts.merge(
                new LoadReport.Target(to.provider(), to.model(), endpoint.path()), 1L, Long::sum);
    }

    Map<LoadReport.Target, Long> counts() {
        return counts;
    }

    /** The one model that was named. */
    Optional<String> model() {
        return known.size() == 1
                ? known.keySet().stream().filter(name -> !name.isEmpty()).findFirst()
                : Optional.empty();
    }
}
