package dev.batchwright.cli;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A place in a run where the process may be killed: the n-th time that something happens, like
 * {@code before advance Creating} or {@code answer POST /v1/batches}.
 */
record KillPoint(String place, int nth) {
    KillPoint {
        if (nth < 1) {
            throw new IllegalArgumentException("The first time is 1, not " + nth);
        }
    }

    /** Reads {@link #toString}. */
    static KillPoint parse(String text) {
        int end = text.lastIndexOf('#');
        return new KillPoint(text.substring(0, end), Integer.parseInt(text.substring(end + 1)));
    }

    /** Whether the simulator kills here, and not the process itself. */
    boolean isOfWire() {
        return place.startsWith("request ") || place.startsWith("answer ");
    }

    @Override
    public String toString() {
        return place + "#" + nth;
    }

    /** Counts how often what happened. Thread-safe. */
    static final class Counter {
        private final Map<String, AtomicInteger> times = new ConcurrentHashMap<>();

        /** It happens once more. */
        KillPoint next(String place) {
            return new KillPoint(
                    place,
                    times.computeIfAbsent(place, any -> new AtomicInteger()).incrementAndGet());
        }
    }
}
