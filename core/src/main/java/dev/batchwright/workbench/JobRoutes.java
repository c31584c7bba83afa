package dev.batchwright.workbench;

import dev.batchwright.config.ProviderConfig;
import dev.batchwright.engine.BatchRoute;
import dev.batchwright.engine.LiveRoute;
import dev.batchwright.engine.Routes;
import dev.batchwright.job.Cost;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.price.PriceTable;
import dev.batchwright.provider.Provider;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** The ways of one job's requests, each opened when it is first asked for. Thread-safe. */
final class JobRoutes implements Routes {
    private final Workbench workbench;
    private final JobSpec spec;
    private final boolean capped;
    private final Map<Target, LiveRoute> live = new ConcurrentHashMap<>();
    private final Map<String, Optional<BatchRoute>> batch = new ConcurrentHashMap<>();

    private record Target(String provider, String model) {}

    JobRoutes(Workbench workbench, JobSpec spec) {
        this.workbench = workbench;
        this.spec = spec;
        this.capped = workbench.isCapped(spec);
    }

    @Override
    public LiveRoute live(Request request) {
        return live.computeIfAbsent(
                new Target(request.provider(), request.model()), this::openLive);
    }

    private LiveRoute openLive(Target target) {
        Function<Usage, Cost> price =
                capped
                        ? workbench.price(target.provider(), target.model())
                        : usage ->
                                workbench
                                        .prices()
                                        .live(target.provider(), target.model(), usage)
                                        .orElse(Cost.ZERO);
        return new LiveRoute(
                workbench.provider(spec, target.provider()).live(),
                workbench.throttle(spec, target.provider(), target.model()),
                price);
    }

    @Override
    public Optional<BatchRoute> batch(String provider) {
        return batch.computeIfAbsent(provider, this::openBatch);
    }

    private Optional<BatchRoute> openBatch(String name) {
        ProviderConfig config = workbench.providers().config(name);
        Provider provider = workbench.provider(spec, name);
        return provider.batch()
                .map(
                        api ->
                                new BatchRoute(
                                        api,
                                        provider.account(),
                                        model -> prices(name, model),
                                        config.batchLag(),
                                        workbench.reserve(spec.mode(), name)));
    }

    private BatchRoute.Prices prices(String provider, String model) {
        PriceTable prices = workbench.prices();
        return new BatchRoute.Prices(
                usage -> prices.batch(provider, model, usage),
                usage -> prices.live(provider, model, usage),
                workbench.providers().config(provider).pace(model).enqueuedTokens());
    }
}
