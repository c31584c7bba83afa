package dev.batchwright.engine;

import dev.batchwright.job.Cost;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a job may spend (law 9). A call or a batch reserves its estimated cost before it is made and
 * settles for the real one, so what is in flight counts as spent. Batches that were made before
 * this run, or run in another process, count as the store remembers them. Thread-safe.
 */
final class Budget {
    private final Optional<Cost> cap;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition settled = lock.newCondition();
    private Cost spent; // guarded by lock
    private Cost elsewhere; // guarded by lock: reserved by batches that this run does not hold
    private Cost reserved = Cost.ZERO; // guarded by lock

    /**
     * @param elsewhere what the job's batches have reserved by now
     */
    Budget(Optional<Cost> cap, Cost spent, Cost elsewhere) {
        this.cap = cap;
        this.spent = spent;
        this.elsewhere = elsewhere;
    }

    /**
     * Reserves this much, waiting for what is in flight to settle if need be; empty if it does not
     * even fit when nothing of this run is in flight.
     */
    Optional<Reservation> reserve(Cost estimate) throws InterruptedException {
        if (cap.isEmpty()) {
            return Optional.of(new Reservation(Cost.ZERO));
        }
        lock.lockInterruptibly();
        try {
            while (exposure().plus(estimate).compareTo(cap.get()) > 0) {
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

    /** What an attempt to reserve came to. */
    sealed interface Try {
        record Granted(Reservation reservation) implements Try {}

        /** It may fit when something in flight has settled. */
        record Wait() implements Try {}

        /** It does not even fit when nothing of this run is in flight. */
        record Never() implements Try {}
    }

    /** As {@link #reserve}, without waiting. */
    Try tryReserve(Cost estimate) {
        if (cap.isEmpty()) {
            return new Try.Granted(new Reservation(Cost.ZERO));
        }
        lock.lock();
        try {
            if (exposure().plus(estimate).compareTo(cap.get()) > 0) {
                return reserved.equals(Cost.ZERO) ? new Try.Never() : new Try.Wait();
            }
            reserved = reserved.plus(estimate);
            return new Try.Granted(new Reservation(estimate));
        } finally {
            lock.unlock();
        }
    }

    /** Takes over what a batch reserved before this run held it. */
    Reservation adopt(Cost estimate) {
        if (cap.isEmpty()) {
            return new Reservation(Cost.ZERO);
        }
        lock.lock();
        try {
            Cost known = estimate.compareTo(elsewhere) < 0 ? estimate : elsewhere;
            elsewhere = elsewhere.minus(known);
            reserved = reserved.plus(estimate);
            return new Reservation(estimate);
        } finally {
            lock.unlock();
        }
    }

    private Cost exposure() {
        return spent.plus(reserved).plus(elsewhere);
    }

    /** A part of the budget set aside for one call or batch, by the thread that makes it. */
    final class Reservation implements AutoCloseable {
        private final Cost estimate;
        // What was abandoned may have been paid for: it counts as estimated.
        private Cost real;

        private Reservation(Cost estimate) {
            this.estimate = estimate;
            this.real = estimate;
        }

        void spent(Cost cost) {
            real = cost;
        }

        /** What it is for goes on without this run: it stays reserved, but not here. */
        void leave() {
            if (cap.isEmpty()) {
                return;
            }
            lock.lock();
            try {
                reserved = reserved.minus(estimate);
                elsewhere = elsewhere.plus(estimate);
                settled.signalAll();
            } finally {
                lock.unlock();
            }
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
