package dev.batchwright.server.jobs;

import dev.batchwright.job.Job;
import dev.batchwright.limit.Throttle.Snapshot;
import dev.batchwright.limit.Throttles;
import dev.batchwright.workbench.Workbench;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * How the limits of providers stand that calls of this process keep, for the metrics. Names of
 * models come from requests, which may be anybody's: no more are shown than fit on a screen, those
 * in use first.
 */
public final class LimiterMeters implements Lookout.Viewer {
    private static final int MOST = 100;

    private final Workbench workbench;
    private final Map<MultiGauge, ToDoubleFunction<Snapshot>> gauges = new HashMap<>();

    public LimiterMeters(Workbench workbench, MeterRegistry meters) {
        this.workbench = workbench;
        gauge(meters, "in.flight", "Calls that are being made.", Snapshot::ofModel);
        gauge(meters, "waiting", "Calls that wait for their turn.", Snapshot::waiting);
        gauge(
                meters,
                "concurrency",
                "How many calls at once may be made now, over all models of the account.",
                Snapshot::concurrency);
        gauge(
                meters,
                "requests.per.minute",
                "The limit that is kept; 0 if none is known.",
                now -> (double) now.requestsPerMinute().orElse(0));
        gauge(
                meters,
                "tokens.per.minute",
                "The limit that is kept; 0 if none is known.",
                now -> (double) now.tokensPerMinute().orElse(0));
        gauge(
                meters,
                "closed.seconds",
                "How long no call is made, because the provider said so.",
                now -> now.closedFor().orElse(Duration.ZERO).toMillis() / 1000.0);
    }

    private void gauge(
            MeterRegistry meters, String name, String what, ToDoubleFunction<Snapshot> figure) {
        gauges.put(
                MultiGauge.builder("batchwright.limiter." + name)
                        .description(what)
                        .register(meters),
                figure);
    }

    @Override
    public void see(List<Job> jobs) {
        List<Throttles.Known> known = workbench.limiters().stream().limit(MOST).toList();
        gauges.forEach(
                (gauge, figure) ->
                        gauge.register(
                                known.stream().map(each -> row(each, figure)).toList(), true));
    }

    private static MultiGauge.Row<?> row(Throttles.Known known, ToDoubleFunction<Snapshot> figure) {
        return MultiGauge.Row.of(
                Tags.of("provider", known.provider(), "model", known.model()),
                figure.applyAsDouble(known.now()));
    }
}
