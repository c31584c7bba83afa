package dev.batchwright.limit;

import java.util.concurrent.locks.LockSupport;

/** Time that passes, and a way to wait for it. */
public interface Timer {
    /** Nanoseconds since some fixed moment; never negative, never goes back. */
    long nanos();

    /**
     * Waits until that time, until {@link LockSupport#unpark} or an interrupt, or for no reason:
     * the caller looks again. {@link Long#MAX_VALUE} is no time at all.
     */
    void parkUntil(long nanos);

    static Timer system() {
        long start = System.nanoTime();
        return new Timer() {
            @Override
            public long nanos() {
                return System.nanoTime() - start;
            }

            @Override
            public void parkUntil(long nanos) {
                if (nanos == Long.MAX_VALUE) {
                    LockSupport.park(this);
                } else {
                    LockSupport.parkNanos(this, nanos - nanos());
                }
            }
        };
    }
}
