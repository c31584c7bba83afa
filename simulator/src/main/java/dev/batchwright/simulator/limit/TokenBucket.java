package dev.batchwright.simulator.limit;

import java.time.Duration;
import java.time.Instant;

/** A bucket that fills steadily. Starts full. Not thread-safe: its account's lock guards it. */
final class TokenBucket {
    private final long capacity;
    private final double perNano;
    private double level;
    private Instant filled;

    /**
     * @param limit what flows in during {@code per}
     * @param share of the limit that the bucket holds
     */
    TokenBucket(long limit, Duration per, double share, Instant now) {
        this.capacity = Math.max(1, (long) (limit * share));
        this.perNano = limit / (double) per.toNanos();
        this.level = capacity;
        this.filled = now;
    }

    long capacity() {
        return capacity;
    }

    boolean holds(long amount, Instant now) {
        fill(now);
        return level >= amount - 1e-9;
    }

    /** Takes the amount, below zero if need be. A negative amount gives back. */
    void take(long amount) {
        level = Math.min((double) capacity, level - amount);
    }

    long remaining() {
        return (long) Math.max(0, Math.floor(level + 1e-9));
    }

    long nanosUntil(long amount) {
        return (long) Math.max(0, Math.ceil((amount - level) / perNano));
    }

    long nanosUntilFull() {
        return nanosUntil(capacity);
    }

    void fill(Instant now) {
        if (now.isAfter(filled)) {
            level =
                    Math.min(
                            (double) capacity,
                            level + Duration.between(filled, now).toNanos() * perNano);
            filled = now;
        }
    }
}
