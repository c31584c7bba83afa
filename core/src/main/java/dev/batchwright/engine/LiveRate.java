package dev.batchwright.engine;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many items the live lane ends in a second: as measured over the last calls of this run, or,
 * as long as nothing was measured, as assumed from what is allowed. Thread-safe.
 */
public final class LiveRate {
    /** What a call is taken to last before one was made. */
    private static final Duration USUAL_CALL = Duration.ofSeconds(5);

    /** The calls at once that a provider is taken to bear where nobody said. */
    private static final int USUAL_CALLS = 50;

    private static final Duration SPAN = Duration.ofSeconds(5);

    // Written under this; thousands of calls a second look at them without it.
    private volatile @Nullable Instant began;
    private volatile Instant lookAgain = Instant.MIN;
    private final LongAdder ended = new LongAdder();
    private double measured; // guarded by this

    LiveRate() {}

    /**
     * An item of the live lane has its outcome.
     *
     * @param busy whether more items waited for their call: a lane that has little to do says
     *     nothing of what it could
     */
    void finished(Instant now, boolean busy) {
        if (!busy) {
            if (began != null) {
                forget();
            }
            return;
        }
        ended.increment();
        if (!now.isBefore(lookAgain)) {
            look(now);
        }
    }

    private synchronized void forget() {
        began = null;
        lookAgain = Instant.MIN;
    }

    private synchronized void look(Instant now) {
        Instant start = began;
        if (start == null || Duration.between(start, now).compareTo(SPAN.multipliedBy(4)) > 0) {
            ended.reset();
            ended.increment();
            measureFrom(now);
            return;
        }
        Duration span = Duration.between(start, now);
        if (span.compareTo(SPAN) >= 0) {
            measured = ended.sumThenReset() * 1e9 / span.toNanos();
            measureFrom(now);
        }
    }

    private void measureFrom(Instant now) {
        began = now;
        lookAgain = now.plus(SPAN);
    }

    /**
     * How long the live lane needs for so many items.
     *
     * @param calls at once that are allowed, 0 if nobody said
     * @param perMinute calls that are allowed, 0 if nobody said
     */
    synchronized Duration timeFor(long items, int calls, long perMinute) {
        return measured > 0 ? time(items, measured, perMinute) : assumed(items, calls, perMinute);
    }

    /** The same, where nothing was measured. */
    public static Duration assumed(long items, int calls, long perMinute) {
        double perSecond = (calls > 0 ? calls : USUAL_CALLS) * 1e9 / USUAL_CALL.toNanos();
        return time(items, perSecond, perMinute);
    }

    private static Duration time(long items, double perSecond, long perMinute) {
        double allowed = perMinute > 0 ? Math.min(perSecond, perMinute / 60.0) : perSecond;
        return Duration.ofMillis((long) Math.ceil(items / allowed * 1000));
    }
}
