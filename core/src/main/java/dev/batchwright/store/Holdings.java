package dev.batchwright.store;

import dev.batchwright.job.Lease;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The shards that a worker holds, and what it knows of them. Thread-safe. */
final class Holdings {
    private final Map<Long, Holding> byShard = new ConcurrentHashMap<>();

    /** What a worker knows of a shard: which of its items have an outcome. */
    static final class Holding {
        private final Lease lease;
        private final long items;
        private final long finishedBefore;
        // Of 64 neighbours a bit each: items are recorded by the million, and mostly neighbours.
        private final Map<Long, AtomicLong> recorded = new ConcurrentHashMap<>();
        private final AtomicLong recordedCount = new AtomicLong();
        private volatile boolean indexed;

        Holding(Lease lease, long items, long finishedBefore) {
            this.lease = lease;
            this.items = items;
            this.finishedBefore = finishedBefore;
            this.indexed = finishedBefore > 0;
        }

        Lease lease() {
            return lease;
        }

        /** An outcome of this item is on its way. */
        void record(long seq) {
            AtomicLong neighbours = recorded.computeIfAbsent(place(seq), place -> new AtomicLong());
            if ((neighbours.getAndAccumulate(bit(seq), (old, bit) -> old | bit) & bit(seq)) == 0) {
                recordedCount.incrementAndGet();
            }
        }

        boolean isRecorded(long seq) {
            AtomicLong neighbours = recorded.get(place(seq));
            return neighbours != null && (neighbours.get() & bit(seq)) != 0;
        }

        private static long place(long seq) {
            return seq / Long.SIZE;
        }

        private static long bit(long seq) {
            return 1L << seq;
        }

        /** The index has outcomes of this shard that were not recorded here, or may have. */
        void askIndex() {
            indexed = true;
        }

        boolean mustAskIndex() {
            return indexed;
        }

        /**
         * Whether all of its items are known to have an outcome. What a harvest counted is known to
         * the index alone.
         */
        boolean complete() {
            return finishedBefore + recordedCount.get() >= items;
        }
    }

    void add(Holding holding) {
        byShard.put(holding.lease.shard().id(), holding);
    }

    /**
     * @throws LeaseLostException if it is not held, or not under this epoch
     */
    Holding get(Lease lease) {
        return find(lease).orElseThrow(() -> new LeaseLostException(lease));
    }

    /** Forgets a holding; says if it was there. */
    boolean remove(Holding holding) {
        return byShard.remove(holding.lease.shard().id(), holding);
    }

    /** What is known of a lease; empty if it is not held. */
    Optional<Holding> find(Lease lease) {
        return Optional.ofNullable(byShard.get(lease.shard().id()))
                .filter(holding -> holding.lease.epoch() == lease.epoch());
    }

    List<Holding> all() {
        return List.copyOf(byShard.values());
    }

    void clear() {
        byShard.clear();
    }
}
