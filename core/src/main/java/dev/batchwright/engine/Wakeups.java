package dev.batchwright.engine;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets many wait for their time, and wakes them all when something happens before it. Who looks at
 * something and then waits for it to change notes {@link #times} before the look: what happens in
 * between ends the wait at once.
 */
final class Wakeups {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private long times; // guarded by lock

    /** How often something has happened. */
    long times() {
        lock.lock();
        try {
            return times;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for so long, or until it has happened more often than this. */
    void await(long known, Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = atMost.toNanos();
            while (times == known && nanos > 0) {
                nanos = happened.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }

    void all() {
        lock.lock();
        try {
            times++;
            happened.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
