package dev.batchwright.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * Calls somebody at a time, if there is one and this is still open then. The clock is looked at
 * every {@link #LOOK}: a sleep does not count the time for which the machine was suspended, nor
 * does it hear that the clock was set.
 */
final class Alarm implements AutoCloseable {
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Optional<Thread> thread;

    Alarm(Optional<Instant> at, InstantSource clock, Runnable action) {
        thread = at.map(time -> Thread.startVirtualThread(() -> await(time, clock, action)));
    }

    private static void await(Instant time, InstantSource clock, Runnable action) {
        try {
            Duration left = Duration.between(clock.instant(), time);
            while (left.isPositive()) {
                Thread.sleep(left.compareTo(LOOK) < 0 ? left : LOOK);
                left = Duration.between(clock.instant(), time);
            }
            action.run();
        } catch (InterruptedException e) {
            // Closed before its time.
        }
    }

    @Override
    public void close() {
        thread.ifPresent(Thread::interrupt);
    }
}
