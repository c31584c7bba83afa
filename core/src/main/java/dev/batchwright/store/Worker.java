package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * One process's part in a job: it holds leases on shards, reads their pending items and appends
 * outcomes. Thread-safe.
 *
 * <p>A worker is alive as long as it holds its lock (a file lock beside SQLite, a session lock in
 * PostgreSQL), which the operating system takes away when the process dies: its leases are then
 * void at once. A worker that hangs or is cut off loses them when they expire.
 */
public interface Worker extends AutoCloseable {
    Duration LEASE_TIME = Duration.ofSeconds(30);
    Duration HEARTBEAT = Duration.ofSeconds(2);

    String id();

    /**
     * Leases up to this many shards of a lane that have pending items and that nobody holds. A
     * shard of a dead or expired owner is taken over after that owner's outcomes were indexed to
     * their end. Empty when there is nothing to claim now; others may still hold some.
     */
    List<Lease> claim(Lane lane, int atMost);

    /** The same without a look at what dead and expired owners hold: for who asks very often. */
    List<Lease> claimFree(Lane lane, int atMost);

    /** The steps of the batch lane, under this worker's leases. */
    BatchWork batches();

    /** The items of a leased shard that have no outcome yet, in order, streamed; close it. */
    Stream<Item> pending(Lease lease);

    /** The items of the job that their callers gave up, sent or not. */
    Set<Long> unwanted();

    /**
     * Writes an item's outcome down; durable when it returns. The index follows within a second or
     * so, and before {@link #flush} returns. May be called by thousands of threads: they share one
     * sync.
     *
     * @throws LeaseLostException if the lease is known to be lost: the outcome was not stored
     */
    void record(Lease lease, Item item, Outcome outcome) throws InterruptedException;

    /** The same for several items of a shard, by their places, with one sync. */
    void record(Lease lease, Map<Long, Outcome> outcomes) throws InterruptedException;

    /**
     * Sets money aside for calls that are about to be made, durably, if it fits under the caps on
     * the job and on its owner. Indexed outcomes take from it; what is left when this worker is
     * gone, however it went, counts as spent.
     *
     * @param cap on the job
     * @param least that is needed; more is granted where there is plenty
     */
    Funding draw(Optional<Cost> cap, Cost least);

    /** Gives back what was set aside and not used. */
    void giveBack(Cost unused);

    /** Renews all leases; to be called every {@link #HEARTBEAT}. Says what changed. */
    Pulse renew();

    /** Indexes everything recorded so far. */
    void flush();

    /** Gives a lease back; what was recorded under it is indexed first. */
    void release(Lease lease);

    /** Flushes, gives all leases back and leaves. */
    @Override
    void close();

    /**
     * @param job the job's state now, which another process may have changed
     * @param lost leases that are gone since the last call
     * @param leasedUntil when all the others end unless they are renewed again
     */
    record Pulse(JobState job, List<Lease> lost, Instant leasedUntil) {}
}
