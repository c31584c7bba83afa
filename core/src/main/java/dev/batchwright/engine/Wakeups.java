package dev.batchwright.engine;

import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Lets many wait for their time, and wakes them all when something happens before it. */
final class Wakeups {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition happened = lock.newCondition();
    private long times; // guarded by lock

    /** Waits for so long, or until something happens. */
    void await(Duration atMost) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long before = times;
            long nanos = atMost.toNanos();
            while (times == before && nanos > 0) {
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
