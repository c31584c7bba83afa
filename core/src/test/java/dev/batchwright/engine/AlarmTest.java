package dev.batchwright.engine;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(10)
class AlarmTest {
    @Test
    void rings_when_the_clock_leaps_over_its_time() throws Exception {
        Instant start = Instant.parse("2026-11-20T10:00:00Z");
        var now = new AtomicReference<>(start);
        var waits = new CountDownLatch(1);
        var rings = new CountDownLatch(1);
        try (var alarm =
                new Alarm(
                        Optional.of(start.plus(Duration.ofHours(1))),
                        () -> {
                            Instant seen = now.get();
                            waits.countDown();
                            return seen;
                        },
                        rings::countDown)) {
            waits.await();

            now.set(start.plus(Duration.ofHours(2)));

            rings.await();
        }
    }
}
