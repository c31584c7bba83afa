package dev.batchwright.simulator;

import java.time.Instant;
import java.time.InstantSource;

/** The system's time when it was made, and from then on a clock that nobody can set back. */
final class SteadyClock implements InstantSource {
    private final Instant start = Instant.now();
    private final long startNanos = System.nanoTime();

    @Override
    public Instant instant() {
        return start.plusNanos(System.nanoTime() - startNanos);
    }
}
