package dev.batchwright.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Time that a test moves on; those who wait for it are woken when it has come. */
final class ManualTimer implements Timer {
    private record Sleeper(Thread thread, long until) {}

    private final List<Sleeper> sleepers = new ArrayList<>();
    private long now;

    @Override
    public synchronized long nanos() {
        return now;
    }

    @Override
    public void parkUntil(long nanos) {
        synchronized (this) {
            if (nanos <= now) {
                return;
            }
            sleepers.add(new Sleeper(Thread.currentThread(), nanos));
        }
        LockSupport.park(this);
    }

    synchronized void advance(Duration duration) {
        now += duration.toNanos();
        sleepers.removeIf(
                sleeper -> {
                    boolean due = sleeper.until <= now;
                    if (due) {
                        LockSupport.unpark(sleeper.thread);
                    }
                    return due;
                });
    }
}
