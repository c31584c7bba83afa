package dev.batchwright.retry;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** How long to wait before the next attempt where the server did not say. */
public sealed interface Backoff {
    /**
     * @param failures how many attempts in a row have failed, at least 1
     */
    Duration delay(int failures, RandomGenerator random);

    /** Always the same. */
    record Fixed(Duration delay) implements Backoff {
        public Fixed {
            mustNotBeNegative(delay, "delay");
        }

        @Override
        public Duration delay(int failures, RandomGenerator random) {
            return delay;
        }
    }

    /**
     * Doubles with every failure up to a cap, and takes a random part of that ("full jitter"):
     * items that failed together don't come back together.
     *
     * @param first the longest wait after the first failure
     * @param cap the longest wait at all
     */
    record Exponential(Duration first, Duration cap) implements Backoff {
        // 2^30 times any useful first delay is above any useful cap, and does not overflow.
        private static final int MOST_DOUBLINGS = 30;

        public Exponential {
            mustNotBeNegative(first, "first");
            mustNotBeNegative(cap, "cap");
        }

        @Override
        public Duration delay(int failures, RandomGenerator random) {
            int doublings = Math.clamp(failures - 1L, 0, MOST_DOUBLINGS);
            double longest =
                    Math.min((double) cap.toNanos(), first.toNanos() * Math.scalb(1.0, doublings));
            return Duration.ofNanos((long) (longest * random.nextDouble()));
        }
    }

    private static void mustNotBeNegative(Duration duration, String name) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    "backoff %s = %s: must not be negative".formatted(name, duration));
        }
    }
}
