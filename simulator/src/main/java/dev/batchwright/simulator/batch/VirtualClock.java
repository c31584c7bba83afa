package dev.batchwright.simulator.batch;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** Time that runs by a factor faster than another clock's, and can be put forward. Thread-safe. */
public final class VirtualClock implements InstantSource {
    private final InstantSource base;
    private final double factor;
    private final Instant start;
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    public VirtualClock(InstantSource base, double factor) {
        this.base = base;
        this.factor = factor;
        this.start = base.instant();
    }

    @Override
    public Instant instant() {
        Duration passed = Duration.between(start, base.instant());
        // A factor of one keeps the other clock's time to the nanosecond.
        Duration scaled =
                factor == 1
                        ? passed
                        : Duration.ofSeconds(0, 1_000)
                                .multipliedBy((long) (passed.toNanos() / 1e3 * factor));
        return start.plus(scaled).plus(ahead.get());
    }

    public void advance(Duration span) {
        ahead.updateAndGet(before -> before.plus(span));
    }

    /** How long the other clock takes for this span of ours. */
    public Duration real(Duration span) {
        return Duration.ofNanos((long) (span.toNanos() / factor));
    }
}
