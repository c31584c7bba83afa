package dev.batchwright.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Calls somebody at a time, if there is one and this is still open then. */
final class Alarm implements AutoCloseable {
    private final Optional<Thread> thread;

    Alarm(Optional<Instant> at, InstantSource clock, Runnable action) {
        thread = at.map(time -> Thread.startVirtualThread(() -> await(time, clock, action)));
    }

    private static void await(Instant time, InstantSource clock, Runnable action) {
        try {
            Thread.sleep(Duration.between(clock.instant(), time));
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
