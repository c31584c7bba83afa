package dev.batchwright.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** How long a command's phases took, for the event that ends it. One thread. */
final class Phases {
    private final Map<String, Object> seconds = new LinkedHashMap<>();
    private long began = System.nanoTime();

    /** What ran since the last end, or since the beginning, was this phase. */
    void end(String phase) {
        long now = System.nanoTime();
        seconds.put(phase + "_seconds", Math.round((now - began) / 1e6) / 1e3);
        began = now;
    }

    Map<String, Object> fields() {
        return seconds;
    }
}
