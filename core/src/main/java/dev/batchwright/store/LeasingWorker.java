package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Shard;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A worker: it claims shards, appends outcomes to one segment of its own, and lets the index
 * follow.
 *
 * <p>A lease begins with a claim, is kept by {@link #renew} and ends by {@link #release}, by the
 * last outcome of its shard being indexed, or by expiry, when another worker takes the shard over
 * ({@link Takeover}). A crash leaves the segment, the leases and the worker's row behind; the lock
 * is gone, so that the next claim of anybody finds the worker dead and goes on from its segment.
 */
final class LeasingWorker implements Worker {
    private final String id;
    private final JobId job;
    private final Database database;
    private final Segments segments;
    private final InstantSource clock;
    private final Presence.Held held;
    private final Takeover takeover;
    private final OutcomeIndexer indexer;
    private final OutcomeJournal journal;
    private final Map<Long, Holding> holdings = new ConcurrentHashMap<>(); // by shard

    /** What this worker knows of a shard: which of its items have an outcome. */
    private static final class Holding {
        private final Lease lease;
        private final long items;
        private final long finishedBefore;
        private final Set<Long> recorded = ConcurrentHashMap.newKeySet();

        Holding(Lease lease, long items, long finishedBefore) {
            this.lease = lease;
            this.items = items;
            this.finishedBefore = finishedBefore;
        }

        boolean complete() {
            return finishedBefore + recorded.size() >= items;
        }
    }

    LeasingWorker(
            String id,
            JobId job,
            Database database,
            Segments segments,
            InstantSource clock,
            Presence.Held held,
            Takeover takeover,
            OutcomeIndexer indexer,
            Segments.Writer writer) {
        this.id = id;
        this.job = job;
        this.database = database;
        this.segments = segments;
        this.clock = clock;
        this.held = held;
        this.takeover = takeover;
        this.indexer = indexer;
        this.journal = new OutcomeJournal(id, writer, indexer);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public List<Lease> claim(Lane lane, int atMost) {
        List<Holding> claims = new ArrayList<>(claimFree(lane, atMost));
        if (claims.size() < atMost) {
            takeover.freeShards(id, clock.millis());
            claims.addAll(claimFree(lane, atMost - claims.size()));
        }
        claims.forEach(claim -> holdings.put(claim.lease.shard().id(), claim));
        return claims.stream().map(claim -> claim.lease).toList();
    }

    private List<Holding> claimFree(Lane lane, int atMost) {
        return database.write(
                connection ->
                        Sql.list(
                                connection,
                                database.claimShards(),
                                row -> claimed(lane, row),
                                id,
                                leaseEnd(),
                                job.value(),
                                LaneName.of(lane),
                                atMost));
    }

    private Holding claimed(Lane lane, ResultSet row) throws SQLException {
        var shard =
                new Shard(
                        row.getLong("id"),
                        job,
                        lane,
                        SeqRanges.parse(row.getString("members")),
                        row.getInt("round"));
        var lease = new Lease(shard, id, row.getLong("lease_epoch"));
        return new Holding(lease, row.getLong("items"), row.getLong("finished"));
    }

    private long leaseEnd() {
        return clock.instant().plus(LEASE_TIME).toEpochMilli();
    }

    @Override
    public Stream<Item> pending(Lease lease) {
        Holding holding = holding(lease);
        SeqRanges members = lease.shard().members();
        Set<Long> finished =
                holding.finishedBefore == 0
                        ? Set.of()
                        : database.read(connection -> finished(connection, members));
        var blocks = new Blocks(database, segments, job);
        // By way of an iterator of numbers: a flat map would read a whole range of items ahead.
        var places =
                members.ranges().stream()
                        .flatMapToLong(range -> LongStream.rangeClosed(range.first(), range.last()))
                        .iterator();
        return StreamSupport.longStream(
                        Spliterators.spliteratorUnknownSize(places, Spliterator.ORDERED), false)
                .filter(seq -> !finished.contains(seq) && !holding.recorded.contains(seq))
                .mapToObj(blocks::read)
                .onClose(blocks::close);
    }

    // A query a range, not an item; and only for a shard that somebody left half done.
    private Set<Long> finished(Connection connection, SeqRanges members) throws SQLException {
        var finished = new HashSet<Long>();
        for (SeqRanges.Range range : members.ranges()) {
            finished.addAll(
                    Sql.list(
                            connection,
                            "select seq from outcome where job_id = ? and seq between ? and ?",
                            row -> row.getLong("seq"),
                            job.value(),
                            range.first(),
                            range.last()));
        }
        return finished;
    }

    @Override
    public void record(Lease lease, Item item, Outcome outcome) {
        Holding holding = holding(lease);
        if (!lease.shard().members().contains(item.seq())) {
            throw new IllegalArgumentException(
                    "Item %d is not in shard %d".formatted(item.seq(), lease.shard().id()));
        }
        // Before it is written: the index may end the lease before the writer is awake again, and a
        // renewal must then know that the shard is complete, not lost.
        holding.recorded.add(item.seq());
        journal.append(lease, item.seq(), outcome);
    }

    private Holding holding(Lease lease) {
        Holding holding = holdings.get(lease.shard().id());
        if (holding == null || holding.lease.epoch() != lease.epoch()) {
            throw new LeaseLostException(lease);
        }
        return holding;
    }

    @Override
    public Pulse renew() {
        held.check();
        journal.check();
        indexer.check();
        var before = List.copyOf(holdings.values());
        Instant leasedUntil = clock.instant().plus(LEASE_TIME);
        record Renewal(JobState state, Map<Long, Long> epochs) {}
        Renewal renewal =
                database.write(
                        connection -> {
                            var epochs = new HashMap<Long, Long>();
                            Sql.list(
                                    connection,
                                    """
                                    update shard set lease_until = ?
                                     where job_id = ? and lease_owner = ?
                                    returning id, lease_epoch
                                    """,
                                    row ->
                                            epochs.put(
                                                    row.getLong("id"), row.getLong("lease_epoch")),
                                    leasedUntil.toEpochMilli(),
                                    job.value(),
                                    id);
                            return new Renewal(state(connection), epochs);
                        });
        var lost = new ArrayList<Lease>();
        for (Holding holding : before) {
            long shard = holding.lease.shard().id();
            boolean kept = renewal.epochs.getOrDefault(shard, -1L) == holding.lease.epoch();
            // The lease of a shard that is all done ends with its last outcome: that is no loss,
            // but what is known of it goes too, or memory would grow with the job.
            if (!kept && holdings.remove(shard, holding) && !holding.complete()) {
                lost.add(holding.lease);
            }
        }
        return new Pulse(renewal.state, lost, leasedUntil);
    }

    private JobState state(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        "select state, reason from job where id = ?",
                        JobRow::state,
                        job.value())
                .orElseThrow(() -> JobRow.unknown(job));
    }

    @Override
    public void flush() {
        indexer.flush();
        journal.check();
    }

    /**
     * {@inheritDoc}
     *
     * <p>A shard that is all recorded is not waited for: its lease ends in the transaction that
     * indexes its last outcome. Thus a million items do not cost a thousand small transactions.
     */
    @Override
    public void release(Lease lease) {
        Holding holding = holdings.get(lease.shard().id());
        if (holding == null || holding.lease.epoch() != lease.epoch()) {
            return;
        }
        holdings.remove(lease.shard().id(), holding);
        if (holding.complete()) {
            return;
        }
        flush();
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                """
                                update shard set lease_owner = null, lease_until = null
                                 where id = ? and lease_owner = ? and lease_epoch = ?
                                """,
                                lease.shard().id(),
                                id,
                                lease.epoch()));
    }

    @Override
    public void close() {
        holdings.clear();
        // From the last to the first: the journal's groups end, the index follows, the leases and
        // the row go, and then the lock. If one fails, the lock goes nevertheless, and the next
        // worker finds the rest in the segment.
        try (held) {
            try (indexer) {
                journal.close();
            }
            indexer.check();
            takeover.bury(id);
        }
    }
}
