package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Shard;
import dev.batchwright.store.Holdings.Holding;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
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
    private static final Comparator<Lease> BY_SHARD =
            Comparator.comparingLong(lease -> lease.shard().id());

    private final String id;
    private final JobId job;
    private final Database database;
    private final Segments segments;
    private final InstantSource clock;
    private final LeaseClock leaseClock;
    private final Presence.Held held;
    private final Takeover takeover;
    private final OutcomeIndexer indexer;
    private final OutcomeJournal journal;
    private final LeasedBatches batches;
    private final Holdings holdings = new Holdings();

    LeasingWorker(
            String id,
            JobId job,
            Database database,
            Segments segments,
            InstantSource clock,
            LeaseClock leaseClock,
            Presence.Held held,
            Takeover takeover,
            OutcomeIndex index,
            OutcomeIndexer indexer,
            Segments.Writer writer) {
        this.id = id;
        this.job = job;
        this.database = database;
        this.segments = segments;
        this.clock = clock;
        this.leaseClock = leaseClock;
        this.held = held;
        this.takeover = takeover;
        this.indexer = indexer;
        this.journal = new OutcomeJournal(id, writer, indexer);
        this.batches =
                new LeasedBatches(
                        job, database, segments, index, indexer, journal, holdings, clock);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public List<Lease> claim(Lane lane, int atMost) {
        List<Lease> claims = new ArrayList<>(claimFree(lane, atMost));
        if (claims.size() < atMost) {
            takeover.freeShards(id, leaseClock.millis());
            claims.addAll(claimFree(lane, atMost - claims.size()));
            claims.sort(BY_SHARD);
        }
        return claims;
    }

    @Override
    public List<Lease> claimFree(Lane lane, int atMost) {
        long leaseEnd = leaseEnd();
        List<Holding> claims =
                database.write(
                        connection ->
                                Sql.list(
                                        connection,
                                        database.claimShards(),
                                        row -> claimed(lane, row),
                                        id,
                                        leaseEnd,
                                        job.value(),
                                        LaneName.of(lane),
                                        atMost));
        claims.forEach(holdings::add);
        // The rows of an update come in any order.
        return claims.stream().map(Holding::lease).sorted(BY_SHARD).toList();
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
        return leaseClock.instant().plus(LEASE_TIME).toEpochMilli();
    }

    @Override
    public BatchWork batches() {
        return batches;
    }

    @Override
    public Stream<Item> pending(Lease lease) {
        Holding holding = holdings.get(lease);
        Shard shard = lease.shard();
        SeqRanges pending =
                holding.mustAskIndex()
                        ? shard.members()
                                .minus(
                                        database.read(
                                                connection ->
                                                        Finished.of(
                                                                connection,
                                                                job,
                                                                shard.id(),
                                                                shard.members())))
                        : shard.members();
        var blocks = new Blocks(database, segments, job);
        // Not by a flat map, which would read a whole range of items ahead.
        return StreamSupport.longStream(
                        Spliterators.spliteratorUnknownSize(pending.places(), Spliterator.ORDERED),
                        false)
                .filter(seq -> !holding.isRecorded(seq))
                .mapToObj(blocks::read)
                .onClose(blocks::close);
    }

    @Override
    public Set<Long> unwanted() {
        return Set.copyOf(
                database.read(
                        connection ->
                                Sql.list(
                                        connection,
                                        "select seq from unwanted where job_id = ?",
                                        row -> row.getLong("seq"),
                                        job.value())));
    }

    @Override
    public void record(Lease lease, Item item, Outcome outcome) {
        mark(lease, item.seq());
        journal.append(lease, item.seq(), outcome);
    }

    @Override
    public void record(Lease lease, Map<Long, Outcome> outcomes) {
        if (outcomes.isEmpty()) {
            return;
        }
        var entries = new ArrayList<OutcomeJournal.Entry>(outcomes.size());
        outcomes.forEach(
                (seq, outcome) -> {
                    mark(lease, seq);
                    OutcomeLine line = OutcomeLine.of(lease, seq, outcome);
                    entries.add(OutcomeJournal.entry(lease, seq, line, outcome));
                });
        journal.append(entries);
    }

    // Before it is written: the index may end the lease before the writer is awake again, and a
    // renewal must then know that the shard is complete, not lost.
    private void mark(Lease lease, long seq) {
        Holding holding = holdings.get(lease);
        if (!lease.shard().members().contains(seq)) {
            throw new IllegalArgumentException(
                    "Item %d is not in shard %d".formatted(seq, lease.shard().id()));
        }
        holding.record(seq);
    }

    @Override
    public Pulse renew() {
        held.check();
        journal.check();
        indexer.check();
        List<Holding> before = holdings.all();
        // By the caller's own clock, while the database gets it by its own.
        Instant leasedUntil = clock.instant().plus(LEASE_TIME);
        long leaseEnd = leaseEnd();
        record Renewal(JobState state, List<Holding> ended, Set<Holding> lost) {}
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
                                    leaseEnd,
                                    job.value(),
                                    id);
                            List<Holding> ended =
                                    before.stream()
                                            .filter(holding -> !isKept(holding, epochs))
                                            .toList();
                            return new Renewal(state(connection), ended, lost(connection, ended));
                        });
        // What is known of a shard goes with its lease, or memory would grow with the job. What was
        // given back meanwhile is not here any more, and not lost.
        List<Lease> lost =
                renewal.ended.stream()
                        .filter(holdings::remove)
                        .filter(renewal.lost::contains)
                        .map(Holding::lease)
                        .toList();
        return new Pulse(renewal.state, lost, leasedUntil);
    }

    @Override
    public Funding draw(Optional<Cost> cap, Cost least) {
        return database.write(
                connection ->
                        new Spending(database, job)
                                .draw(connection, id, cap, least, clock.instant()));
    }

    @Override
    public void giveBack(Cost unused) {
        database.write(
                connection -> {
                    Spending.release(connection, id, unused);
                    return true;
                });
    }

    private static boolean isKept(Holding holding, Map<Long, Long> epochs) {
        Lease lease = holding.lease();
        return epochs.getOrDefault(lease.shard().id(), -1L) == lease.epoch();
    }

    // The lease of a shard that is all done ends with its last outcome: that is no loss. Only what
    // a harvest counted must be asked for.
    private static Set<Holding> lost(Connection connection, List<Holding> ended)
            throws SQLException {
        var lost = new HashSet<Holding>();
        for (Holding holding : ended) {
            if (!holding.complete() && !Leases.holds(connection, holding.lease())) {
                lost.add(holding);
            }
        }
        return lost;
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
        Optional<Holding> holding = holdings.find(lease);
        if (holding.isEmpty() || !holdings.remove(holding.get()) || holding.get().complete()) {
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
