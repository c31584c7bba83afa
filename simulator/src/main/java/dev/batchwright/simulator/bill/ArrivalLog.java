package dev.batchwright.simulator.bill;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;

/**
 * How many events fell into each tenth of a second since the first one. Holds a day; what comes
 * later is not recorded. Thread-safe, by its own lock.
 */
public final class ArrivalLog {
    /** The width of one count. */
    public static final Duration RESOLUTION = Duration.ofMillis(100);

    private static final int MOST = 24 * 60 * 60 * 10;

    private int[] counts = new int[600];
    private long first = Long.MIN_VALUE; // tenths of seconds since 1970; MIN_VALUE: no event yet
    private int used;

    synchronized void add(Instant at) {
        long tenth = tenth(at);
        if (first == Long.MIN_VALUE) {
            first = tenth;
        }
        long index = Math.max(0, tenth - first); // a clock set back counts for the first tenth
        if (index >= MOST) {
            return;
        }
        if (index >= counts.length) {
            counts =
                    Arrays.copyOf(
                            counts, (int) Math.min(MOST, Math.max(index + 1, counts.length * 2L)));
        }
        counts[(int) index]++;
        used = Math.max(used, (int) index + 1);
    }

    /**
     * The largest number of events that any span of this length can have held. An upper bound: the
     * span is widened by {@link #RESOLUTION}, so that no position of it is missed.
     */
    public synchronized long maxIn(Duration window) {
        int tenths = (int) Math.min(MOST, window.toMillis() / 100) + 1;
        long sum = 0;
        long most = 0;
        for (int i = 0; i < used; i++) {
            sum += counts[i];
            if (i >= tenths) {
                sum -= counts[i - tenths];
            }
            most = Math.max(most, sum);
        }
        return most;
    }

    /** Events per whole second since the first event; the last {@code seconds} of them. */
    public synchronized int[] perSecond(int seconds) {
        int all = (used + 9) / 10;
        int from = Math.max(0, all - seconds);
        var result = new int[all - from];
        for (int i = from * 10; i < used; i++) {
            result[i / 10 - from] += counts[i];
        }
        return result;
    }

    synchronized void clear() {
        counts = new int[600];
        first = Long.MIN_VALUE;
        used = 0;
    }

    private static long tenth(Instant at) {
        return Math.floorDiv(at.toEpochMilli(), RESOLUTION.toMillis());
    }
}
