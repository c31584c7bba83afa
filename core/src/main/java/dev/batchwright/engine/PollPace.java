package dev.batchwright.engine;

import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long to wait between two looks at a batch. As the user says, or adapting itself: soon at
 * first, then less and less often, because what has taken an hour will take some minutes more; with
 * jitter, so that many batches don't ask at the same moment. For one thread.
 */
final class PollPace {
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Duration LONGEST_AFTER_FAILURE = Duration.ofMinutes(1);
    private static final double GROWTH = 1.3;
    private static final double JITTER = 0.2;

    private final Optional<Duration> said;
    private final RandomGenerator random;
    private Duration interval;
    private int failures;

    PollPace(Optional<Duration> said, RandomGenerator random) {
        this.said = said;
        this.random = random;
        this.interval = said.orElse(FIRST);
    }

    Duration next() {
        Duration now = interval;
        if (said.isEmpty()) {
            interval = shorter(scaled(now, GROWTH), LONGEST);
        }
        return scaled(now, 1 - JITTER + 2 * JITTER * random.nextDouble());
    }

    /** How long to wait after a call that came to nothing; as the provider wants it, if it says. */
    Duration afterFailure(Optional<Duration> told) {
        failures = Math.min(failures + 1, 20);
        Duration first = shorter(said.orElse(FIRST), Duration.ofSeconds(1));
        Duration own = shorter(scaled(first, Math.scalb(1.0, failures - 1)), LONGEST_AFTER_FAILURE);
        Duration jittered = scaled(own, 1 - JITTER + 2 * JITTER * random.nextDouble());
        // A server that says "at once" again and again must not be asked without a pause.
        return told.map(span -> span.isZero() ? jittered : span).orElse(jittered);
    }

    void succeeded() {
        failures = 0;
    }

    /** Something new began, or the end is near. */
    void reset() {
        failures = 0;
        interval = said.orElse(FIRST);
    }

    private static Duration scaled(Duration span, double factor) {
        return Duration.ofNanos((long) (span.toNanos() * factor));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
