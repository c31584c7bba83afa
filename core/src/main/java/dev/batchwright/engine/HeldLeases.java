package dev.batchwright.engine;

import dev.batchwright.job.Lease;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.Worker;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a run knows of its leases: which are lost, and until when the others are sure. Thousands of
 * items wait for their turn under one lease; a process that was suspended, or could not reach its
 * store, wakes up with all of them ready to be sent, while another may have done them. So each asks
 * here right before its call: a lost lease is refused, an unsure one waits for the next renewal.
 */
final class HeldLeases {
    private final InstantSource clock;
    private final Set<Lease> lost = ConcurrentHashMap.newKeySet();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition renewed = lock.newCondition();
    private volatile Instant sureUntil;

    /** To be made before the first claim. */
    HeldLeases(InstantSource clock) {
        this.clock = clock;
        this.sureUntil = clock.instant().plus(Worker.LEASE_TIME);
    }

    /**
     * Returns when this lease surely holds.
     *
     * @throws LeaseLostException if it is lost
     */
    void await(Lease lease) throws InterruptedException {
        if (isUnsure()) {
            awaitRenewal();
        }
        if (lost.contains(lease)) {
            throw new LeaseLostException(lease);
        }
    }

    private boolean isUnsure() {
        return !clock.instant().isBefore(sureUntil);
    }

    private void awaitRenewal() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (isUnsure()) {
                renewed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The store refused this one. */
    void lost(Lease lease) {
        lost.add(lease);
    }

    void renewed(Worker.Pulse pulse) {
        lost.addAll(pulse.lost());
        lock.lock();
        try {
            sureUntil = pulse.leasedUntil();
            renewed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
