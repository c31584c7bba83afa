package dev.batchwright.server.access;

import java.time.Duration;

/**
 * So many a minute, refilled all the time; a minute's worth may be used at once. Time comes in as
 * nanoseconds that only grow. Guarded by its allowance.
 */
final class Meter {
    private static final double NANOS_PER_MINUTE = 60e9;

    private final long perMinute;
    private double level;
    private long since;

    Meter(long perMinute, long now) {
        this.perMinute = perMinute;
        this.level = perMinute;
        this.since = now;
    }

    long perMinute() {
        return perMinute;
    }

    /** The same with another limit, as full as this one, in proportion. */
    Meter changedTo(long other, long now) {
        refill(now);
        var changed = new Meter(other, now);
        changed.level = level / perMinute * other;
        return changed;
    }

    private void refill(long now) {
        level =
                Math.min(
                        (double) perMinute,
                        level + (double) (now - since) / NANOS_PER_MINUTE * perMinute);
        since = now;
    }

    /**
     * How long until so many are there: zero if they are. More than a minute's worth counts as
     * that.
     */
    Duration until(long amount, long now) {
        refill(now);
        double missing = Math.min(amount, perMinute) - level;
        return missing <= 0
                ? Duration.ZERO
                : Duration.ofNanos((long) Math.ceil(missing / perMinute * NANOS_PER_MINUTE));
    }

    /** Takes them; what was more than there was is owed. */
    void take(long amount) {
        level -= amount;
    }

    long left() {
        return Math.max(0, (long) level);
    }

    /** How long until all of a minute's worth is there again. */
    Duration reset() {
        return Duration.ofNanos((long) ((perMinute - level) / perMinute * NANOS_PER_MINUTE));
    }
}
