package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.store.Funding;
import dev.batchwright.store.Funding.Limit;
import dev.batchwright.store.Worker;

import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What the calls of a run may spend (law 9), under the caps on its job and on the job's owner. The
 * store keeps the books, for all jobs and processes: this is a purse that is filled there, durably,
 * before any of it is used, some hundred calls in advance where there is plenty. A call reserves
 * its estimated cost before it is made and settles for the real one; as its outcome is indexed, the
 * store takes that out of what the run holds.
 *
 * <p>What was not used goes back when nothing is in flight, and when the run ends. After a crash it
 * does not: what the purse held then counts as spent, because it may be. Thread-safe; only one
 * thread asks the store at a time, and no lock is held meanwhile.
 *
 * <p>Batches set their money aside by themselves, with the state that they lie in.
 */
final class Budget implements AutoCloseable {
    /** For how long the store's word that nothing is left is believed. */
    private static final long BELIEVED_NANOS = 1_000_000_000L;

    private final Worker worker;
    private final Optional<Cost> cap;
    private final boolean limited;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition answered = lock.newCondition();
    private final Wakeups settlements = new Wakeups();

    // All guarded by the lock. Free to use is what was granted and is neither reserved nor settled.
    private Cost granted = Cost.ZERO;
    private Cost settled = Cost.ZERO;
    private Cost reserved = Cost.ZERO;
    private boolean asking;
    private Optional<Refused> refused = Optional.empty();

    /** The smallest amount that the owner could not pay for, at that time. */
    private record Refused(Cost least, long nanos) {}

    /**
     * @param cap on the job
     * @param ownerLimited whether there is one on its owner
     */
    Budget(Worker worker, Optional<Cost> cap, boolean ownerLimited) {
        this.worker = worker;
        this.cap = cap;
        this.limited = cap.isPresent() || ownerLimited;
    }

    /** Whether anything must be set aside at all. */
    boolean isLimited() {
        return limited;
    }

    /** The cap on the job. */
    Optional<Cost> cap() {
        return cap;
    }

    /** What an attempt to reserve came to. */
    sealed interface Try {
        record Granted(Reservation reservation) implements Try {}

        /** It may fit when calls of this run have settled. */
        record WaitForOwn() implements Try {}

        /** It may fit when others give back what they have set aside. */
        record WaitForOthers(Limit limit, Cost left) implements Try {}

        /** It does not fit. */
        record Beyond(Limit limit, Cost left) implements Try {}
    }

    /** Reserves this much out of the purse; empty if it must be filled first. */
    Optional<Reservation> take(Cost estimate) {
        if (!limited) {
            return Optional.of(new Reservation(Cost.ZERO));
        }
        lock.lock();
        try {
            return fits(estimate) ? Optional.of(reserved(estimate)) : Optional.empty();
        } finally {
            lock.unlock();
        }
    }

    /** The same, asking the store if need be. */
    Try tryReserve(Cost estimate) throws InterruptedException {
        while (true) {
            Optional<Cost> missing = missing(estimate);
            if (missing.isPresent() && draw(missing.get()) instanceof Funding.Lacking little) {
                return tooLittle(estimate, little);
            }
            Optional<Reservation> reservation = take(estimate);
            if (reservation.isPresent()) {
                return new Try.Granted(reservation.get());
            }
            // Another was faster: what was drawn is in use.
        }
    }

    /** What must be drawn, by this thread; empty if there is enough, by now. */
    private Optional<Cost> missing(Cost estimate) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!fits(estimate) && asking) {
                answered.await();
            }
            if (fits(estimate)) {
                return Optional.empty();
            }
            asking = true;
            return Optional.of(estimate.minus(unused()));
        } finally {
            lock.unlock();
        }
    }

    private Funding draw(Cost missing) {
        Cost more = Cost.ZERO;
        try {
            Funding answer = worker.draw(cap, missing);
            more = answer instanceof Funding.Granted(Cost amount) ? amount : Cost.ZERO;
            return answer;
        } finally {
            lock.lock();
            try {
                asking = false;
                granted = granted.plus(more);
                answered.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    private Try tooLittle(Cost estimate, Funding.Lacking little) {
        lock.lock();
        try {
            if (!reserved.equals(Cost.ZERO)) {
                return new Try.WaitForOwn();
            }
        } finally {
            lock.unlock();
        }
        // Another run may be waiting for just this.
        giveBack();
        boolean others = little.calls() || (little.batches() && little.limit() == Limit.JOB);
        if (others) {
            return new Try.WaitForOthers(little.limit(), little.left());
        }
        if (little.limit() == Limit.ACCOUNT) {
            refuse(estimate);
        }
        return new Try.Beyond(little.limit(), little.left());
    }

    /** The owner can't pay this much, nor more; for a moment the store is not asked again. */
    void refuse(Cost estimate) {
        lock.lock();
        try {
            refused = Optional.of(new Refused(estimate, System.nanoTime()));
        } finally {
            lock.unlock();
        }
    }

    /** Whether the owner could not pay as much a moment ago. */
    boolean isRefused(Cost estimate) {
        lock.lock();
        try {
            return refused.filter(known -> estimate.compareTo(known.least) >= 0)
                    .filter(known -> System.nanoTime() - known.nanos < BELIEVED_NANOS)
                    .isPresent();
        } finally {
            lock.unlock();
        }
    }

    /** What wakes those who wait for money: a call has settled. */
    Wakeups settlements() {
        return settlements;
    }

    /** Gives back what was set aside in advance, if nothing is in flight. */
    void giveBack() {
        Cost back;
        lock.lock();
        try {
            back = unused();
            if (!limited || asking || !reserved.equals(Cost.ZERO) || back.equals(Cost.ZERO)) {
                return;
            }
            // First here, then there: the other way round it could be used twice.
            granted = granted.minus(back);
        } finally {
            lock.unlock();
        }
        worker.giveBack(back);
    }

    private boolean fits(Cost estimate) {
        return unused().compareTo(estimate) >= 0;
    }

    private Cost unused() {
        Cost free = granted.minus(settled).minus(reserved);
        return free.compareTo(Cost.ZERO) > 0 ? free : Cost.ZERO;
    }

    private Reservation reserved(Cost estimate) {
        reserved = reserved.plus(estimate);
        return new Reservation(estimate);
    }

    /** When nothing of the run is under way any more. */
    @Override
    public void close() {
        giveBack();
    }

    /** A part of the purse set aside for one call, by the thread that makes it. */
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

        @Override
        public void close() {
            if (!limited) {
                return;
            }
            lock.lock();
            try {
                reserved = reserved.minus(estimate);
                settled = settled.plus(real);
            } finally {
                lock.unlock();
            }
            settlements.all();
        }
    }
}
