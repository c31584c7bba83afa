package dev.batchwright.engine;

import dev.batchwright.job.Cost;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a job may spend (law 9). A call reserves its estimated cost before it is made and settles
 * for the real one, so what is in flight counts as spent. Thread-safe.
 */
final class Budget {
    private final Optional<Cost> cap;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private Cost spent; // guarded by lock
    private Cost reserved = Cost.ZERO; // guarded by lock

    Budget(Optional<Cost> cap, Cost spent) {
        this.cap = cap;
        this.spent = spent;
    }

    /**
     * Reserves this much, waiting for calls in flight to settle if need be; empty if it does not
     * even fit when nothing is in flight.
     */
    Optional<Reservation> reserve(Cost estimate) throws InterruptedException {
        if (cap.isEmpty()) {
            return Optional.of(new Reservation(Cost.ZERO));
        }
        lock.lockInterruptibly();
        try {
            while (spent.plus(reserved).plus(estimate).compareTo(cap.get()) > 0) {
                if (reserved.equals(Cost.ZERO)) {
                    return Optional.empty();
                }
                settled.await();
            }
            reserved = reserved.plus(estimate);
            return Optional.of(new Reservation(estimate));
        } finally {
            lock.unlock();
        }
    }

    /** A part of the budget set aside for one call, by the thread that makes it. */
    final class Reservation implements AutoCloseable {
        private final Cost estimate;
        // A call that was abandoned may have been paid for: it counts as estimated.
        private Cost real;

        private Reservation(Cost estimate) {
            this.estimate = estimate;
            this.real = estimate;
        }

        void spent(Cost cost) {
            real = cost;
        }

        @Override
        public void close() {
            if (cap.isEmpty()) {
                return;
            }
            lock.lock();
            try {
                reserved = reserved.minus(estimate);
                spent = spent.plus(real);
                settled.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }
}
