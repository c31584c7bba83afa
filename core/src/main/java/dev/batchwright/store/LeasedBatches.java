package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lease;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.store.Holdings.Holding;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The steps of the batch lane under the leases of one worker. */
final class LeasedBatches implements BatchWork {
    private static final int WINDOW = 1 << 20;

    private final JobId job;
    private final Database database;
    private final Segments segments;
    private final OutcomeIndex index;
    private final OutcomeIndexer indexer;
    private final OutcomeJournal journal;
    private final Holdings holdings;
    private final InstantSource clock;

    LeasedBatches(
            JobId job,
            Database database,
            Segments segments,
            OutcomeIndex index,
            OutcomeIndexer indexer,
            OutcomeJournal journal,
            Holdings holdings,
            InstantSource clock) {
        this.job = job;
        this.database = database;
        this.segments = segments;
        this.index = index;
        this.indexer = indexer;
        this.journal = journal;
        this.holdings = holdings;
        this.clock = clock;
    }

    @Override
    public BatchShard read(Lease lease) {
        return database.read(
                        connection ->
                                Sql.first(
                                        connection,
                                        "select * from batch where shard_id = ?",
                                        BatchRow::read,
                                        lease.shard().id()))
                .orElseThrow(() -> new LeaseLostException(lease));
    }

    @Override
    public void advance(Lease lease, BatchShard next) {
        database.write(
                connection -> {
                    Leases.require(connection, lease);
                    BatchRow.update(connection, lease.shard().id(), next);
                    return true;
                });
    }

    @Override
    public boolean enqueue(Lease lease, BatchShard next, long tokens, int batches) {
        return database.write(
                connection -> {
                    database.exclude(connection, "queue " + next.account() + " " + next.model());
                    Leases.require(connection, lease);
                    if (!hasRoom(connection, next, tokens, batches)) {
                        return false;
                    }
                    BatchRow.update(connection, lease.shard().id(), next);
                    return true;
                });
    }

    private boolean hasRoom(Connection connection, BatchShard next, long tokens, int batches)
            throws SQLException {
        long enqueued = 0;
        int created = 0;
        for (BatchQueue.Share share :
                StoredBatches.shares(connection, next.account(), next.model(), clock.millis())) {
            enqueued += share.enqueuedTokens();
            created += share.batches();
        }
        return created == 0 || (enqueued <= tokens - next.tokens() && created < batches);
    }

    @Override
    public Funding fund(Lease lease, Optional<Cost> cap, Cost cost) {
        return database.write(
                connection -> {
                    Leases.require(connection, lease);
                    return new Spending(database, job)
                            .fund(connection, lease.shard().id(), cap, cost, clock.instant());
                });
    }

    @Override
    public void settle(Lease lease, Cost presumed) {
        database.write(
                connection -> {
                    Leases.require(connection, lease);
                    new Spending(database, job)
                            .settle(connection, lease.shard().id(), presumed, clock.instant());
                    return true;
                });
    }

    @Override
    public void note(Lease lease, String note) {
        database.write(
                connection -> {
                    Leases.require(connection, lease);
                    return Sql.update(
                            connection,
                            "update batch set note = ? where shard_id = ?",
                            note,
                            lease.shard().id());
                });
    }

    /**
     * {@inheritDoc}
     *
     * <p>What was recorded under the leases is indexed first: afterwards it would be late. A
     * renewal that runs at the same time must not find the leases gone and call them lost, so the
     * worker forgets them before they end, and remembers them again if nothing came of it.
     */
    @Override
    public void replace(List<Lease> sources, List<ShardDraft> next) {
        indexer.flush();
        journal.check();
        var ending = new ArrayList<Holding>();
        for (Lease source : sources) {
            holdings.find(source).filter(holdings::remove).ifPresent(ending::add);
        }
        boolean replaced = false;
        try {
            database.write(
                    connection -> {
                        new Replacement(connection, job).run(sources, next);
                        return true;
                    });
            replaced = true;
        } finally {
            if (!replaced) {
                ending.forEach(holdings::add);
            }
        }
    }

    @Override
    public SeqRanges left(Lease lease) {
        SeqRanges members = lease.shard().members();
        return members.minus(
                database.read(
                        connection -> Finished.of(connection, job, lease.shard().id(), members)));
    }

    @Override
    public boolean isDownloaded(Lease lease, String name) {
        return ResultSegment.find(database, lease, name).isPresent();
    }

    @Override
    public long lines(Lease lease, String name) {
        String segment = downloaded(lease, name).name();
        try (var lines =
                new SegmentScanner(segments.open(job, segment), 0, Long.MAX_VALUE, WINDOW)) {
            long count = 0;
            while (lines.nextOrLast()) {
                count++;
            }
            return count;
        } catch (IOException e) {
            throw new StoreException(
                    "The results of job %s in %s can't be read (%s). Check the disk, then run the same command again."
                            .formatted(job, segment, e.getMessage()),
                    e);
        }
    }

    private ResultSegment downloaded(Lease lease, String name) {
        return ResultSegment.find(database, lease, name)
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "%s of shard %d is not downloaded"
                                                .formatted(name, lease.shard().id())));
    }

    @Override
    public Download download(Lease lease, String name) {
        if (isDownloaded(lease, name)) {
            throw new IllegalStateException(
                    "%s of shard %d is downloaded already".formatted(name, lease.shard().id()));
        }
        return ResultDownload.begin(database, segments, lease, name);
    }

    @Override
    public Harvest harvest(Lease lease, String name, Judge judge) throws InterruptedException {
        ResultSegment segment = downloaded(lease, name);
        // From here on the index knows of outcomes that were not recorded.
        holdings.find(lease).ifPresent(Holding::askIndex);
        return new ResultHarvest(database, segments, index, indexer, journal, lease, segment, judge)
                .run();
    }
}
