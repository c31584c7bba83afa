package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Usage;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * The index over the segments of a job that hold outcomes. A segment is applied up to an offset,
 * which moves in the same transaction that inserts what it passes: whoever continues, its writer
 * or, after a crash, somebody else, begins there, and nothing is counted twice.
 *
 * <p>An outcome counts if its line was written under the lease that its shard has now, and if the
 * item has none yet. Any other line becomes a stray: it stays where it is and is reported.
 *
 * <p>Cost: a transaction takes one statement an outcome and two a shard; sorted by seq, a million
 * outcomes take some seconds.
 */
final class OutcomeIndex {
    private static final int AT_ONCE = 20_000;
    private static final int WINDOW = 1 << 20;

    /** What is counted in these stretches of time is added up in {@code history}. */
    private static final long STRETCH_MILLIS = 10_000;

    private final Database database;
    private final Segments segments;
    private final JobId job;
    private final InstantSource clock;
    private final BiConsumer<JobId, List<IndexedOutcome>> listener;

    /**
     * A segment's row, locked.
     *
     * @param worker that writes it; nobody does where it was downloaded
     */
    private record Segment(
            long id, long jobNumber, String name, Optional<String> worker, long applied) {}

    /**
     * @param listener is told of outcomes that a living writer had indexed
     */
    OutcomeIndex(
            Database database,
            Segments segments,
            JobId job,
            InstantSource clock,
            BiConsumer<JobId, List<IndexedOutcome>> listener) {
        this.database = database;
        this.segments = segments;
        this.job = job;
        this.clock = clock;
        this.listener = listener;
    }

    /** Indexes outcomes that lie behind each other in a segment. */
    void apply(String segment, List<IndexedOutcome> outcomes) {
        long end = outcomes.getLast().end();
        database.writeDerived(
                connection -> {
                    apply(connection, lock(connection, segment), outcomes, end);
                    return true;
                });
        listener.accept(job, outcomes);
    }

    /**
     * Indexes, under a lease, what a stretch of a downloaded file counts as, and that it was read;
     * says how many of the outcomes came too late, because their items had one already.
     *
     * @throws LeaseLostException if the lease is lost; nothing was done then
     */
    int applyResults(
            Lease lease,
            String segment,
            long from,
            long to,
            List<IndexedOutcome> outcomes,
            List<Stray> strays) {
        var sorted = new ArrayList<>(outcomes);
        sorted.sort(Comparator.comparingLong(IndexedOutcome::seq));
        int late =
                database.write(
                        connection -> {
                            Segment row = lock(connection, segment);
                            Leases.require(connection, lease);
                            if (row.applied != from) {
                                throw new IllegalStateException(
                                        "%s was read by somebody else meanwhile"
                                                .formatted(segment));
                            }
                            var duplicates = insert(connection, row, sorted);
                            stray(connection, strays);
                            moveApplied(connection, row, to);
                            return duplicates;
                        });
        listener.accept(job, outcomes);
        return late;
    }

    /** Indexes what is left of a segment whose writer is gone, up to its last whole line. */
    void replay(String segment) {
        boolean more = true;
        while (more) {
            more = database.write(connection -> replaySome(connection, segment));
        }
    }

    /**
     * Indexes, within the caller's transaction, what is left of a segment; says if there may be
     * more.
     */
    boolean replaySome(Connection connection, String segment) throws SQLException {
        Segment row = lock(connection, segment);
        var outcomes = new ArrayList<IndexedOutcome>();
        var damaged = new ArrayList<Stray>();
        int damagedBeforeLastGood = 0;
        long end = row.applied;
        boolean more = true;
        try (var scanner =
                new SegmentScanner(
                        segments.open(job, segment), row.applied, Long.MAX_VALUE, WINDOW)) {
            while (outcomes.size() < AT_ONCE && (more = scanner.next())) {
                var outcome =
                        scanner.valid()
                                ? OutcomeLine.read(scanner.json(), scanner.offset())
                                : Optional.<IndexedOutcome>empty();
                if (outcome.isPresent()) {
                    outcomes.add(outcome.get());
                    end = outcome.get().end();
                    damagedBeforeLastGood = damaged.size();
                } else {
                    damaged.add(
                            new Stray(
                                    segment,
                                    scanner.offset(),
                                    scanner.length(),
                                    "damaged: it is no outcome, or does not match its checksum"));
                }
            }
        } catch (IOException e) {
            throw new StoreException(
                    "The outcomes of job %s in %s can't be read (%s). Check the disk, then run the same command again."
                            .formatted(job, segment, e.getMessage()),
                    e);
        }
        // Behind the last good line lies what a crash tore apart: never acknowledged, so no loss.
        stray(connection, damaged.subList(0, damagedBeforeLastGood));
        if (end > row.applied) {
            apply(connection, row, outcomes, end);
        }
        return more;
    }

    // The update locks the row: of two who index the same segment, one waits for the other.
    private Segment lock(Connection connection, String name) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        update segment set applied = applied
                         where job_id = ? and name = ?
                        returning id, worker, applied,
                                  (select number from job where id = job_id) as job_number
                        """,
                        row ->
                                new Segment(
                                        row.getLong("id"),
                                        row.getLong("job_number"),
                                        name,
                                        Optional.ofNullable(row.getString("worker")),
                                        row.getLong("applied")),
                        job.value(),
                        name)
                .orElseThrow(() -> new StoreException(gone()));
    }

    private String gone() {
        return "Job %s was deleted while it was being worked on.".formatted(job);
    }

    private void apply(
            Connection connection, Segment segment, List<IndexedOutcome> outcomes, long end)
            throws SQLException {
        String writer = segment.worker.orElseThrow();
        var inForce = new HashMap<Long, Long>();
        var counted = new ArrayList<IndexedOutcome>(outcomes.size());
        var late = new ArrayList<Stray>();
        for (IndexedOutcome outcome : outcomes) {
            if (outcome.lineOffset() < segment.applied) {
                continue;
            }
            Long epoch = inForce.get(outcome.shard());
            if (epoch == null) {
                epoch = epochOf(connection, outcome.shard(), writer);
                inForce.put(outcome.shard(), epoch);
            }
            if (epoch == outcome.epoch()) {
                counted.add(outcome);
            } else {
                late.add(
                        strayed(
                                segment.name,
                                outcome,
                                "late: item %d was recorded under epoch %d of shard %d, whose lease was lost"
                                        .formatted(
                                                outcome.seq(), outcome.epoch(), outcome.shard())));
            }
        }
        stray(connection, late);
        counted.sort(Comparator.comparingLong(IndexedOutcome::seq));
        insert(connection, segment, counted);
        moveApplied(connection, segment, end);
    }

    // Returns how many had an outcome already.
    private int insert(Connection connection, Segment segment, List<IndexedOutcome> outcomes)
            throws SQLException {
        var duplicates =
                database.insertOutcomes(connection, segment.jobNumber, segment.id, outcomes);
        stray(
                connection,
                duplicates.stream()
                        .map(
                                outcome ->
                                        strayed(
                                                segment.name,
                                                outcome,
                                                Stray.duplicate(outcome.seq())))
                        .toList());
        addToShards(connection, segment.worker, outcomes, duplicates);
        return duplicates.size();
    }

    private static void moveApplied(Connection connection, Segment segment, long end)
            throws SQLException {
        Sql.update(
                connection,
                "update segment set applied = ? where id = ? and applied < ?",
                end,
                segment.id,
                end);
    }

    // The epoch under which this worker holds the shard, or one that nobody writes under. The
    // update locks the row until the counters have moved.
    private static long epochOf(Connection connection, long shard, String worker)
            throws SQLException {
        return Sql.first(
                        connection,
                        """
                        update shard set lease_epoch = lease_epoch
                         where id = ? and lease_owner = ? returning lease_epoch
                        """,
                        row -> row.getLong("lease_epoch"),
                        shard,
                        worker)
                .orElse(-1L);
    }

    private void addToShards(
            Connection connection,
            Optional<String> writer,
            List<IndexedOutcome> counted,
            List<IndexedOutcome> duplicates)
            throws SQLException {
        Map<Long, Tally> tallies = new TreeMap<>();
        for (IndexedOutcome outcome : counted) {
            tallies.computeIfAbsent(outcome.shard(), shard -> new Tally()).add(outcome, 1);
        }
        for (IndexedOutcome outcome : duplicates) {
            tallies.computeIfAbsent(outcome.shard(), shard -> new Tally()).add(outcome, -1);
        }
        for (var entry : tallies.entrySet()) {
            Tally tally = entry.getValue();
            Sql.update(
                    connection,
                    """
                    update shard
                       set succeeded = succeeded + ?, failed = failed + ?,
                           input_tokens = input_tokens + ?, cached_tokens = cached_tokens + ?,
                           output_tokens = output_tokens + ?, cost = cost + ?,
                           done = case when succeeded + failed + ? = items then 1 else 0 end
                     where id = ?
                    """,
                    tally.succeeded,
                    tally.failed,
                    tally.usage.inputTokens(),
                    tally.usage.cachedTokens(),
                    tally.usage.outputTokens(),
                    tally.cost.picoUsd(),
                    tally.succeeded + tally.failed,
                    entry.getKey());
            Sql.update(
                    connection,
                    """
                    update shard set lease_owner = null, lease_until = null
                     where id = ? and done = 1
                    """,
                    entry.getKey());
            addToFailures(connection, entry.getKey(), tally.failures);
        }
        // At the end: workers of one job share these rows, and wait for each other no longer than a
        // commit takes.
        for (var entry : tallies.entrySet()) {
            addToHistory(connection, entry.getKey(), entry.getValue());
        }
        addToBooks(connection, writer, tallies);
    }

    /** What was set aside for these items was spent, in so far as they have cost something. */
    private void addToBooks(
            Connection connection, Optional<String> writer, Map<Long, Tally> tallies)
            throws SQLException {
        Cost all = Cost.ZERO;
        Cost called = Cost.ZERO;
        for (var entry : tallies.entrySet()) {
            Cost cost = entry.getValue().cost;
            all = all.plus(cost);
            if (!cost.equals(Cost.ZERO)
                    && !Spending.indexedBatch(connection, entry.getKey(), cost)) {
                called = called.plus(cost);
            }
        }
        if (writer.isPresent() && !called.equals(Cost.ZERO)) {
            Spending.release(connection, writer.get(), called);
        }
        new Spending(database, job).spent(connection, all, clock.instant());
    }

    private void addToFailures(Connection connection, long shard, Map<Failure, Long> failures)
            throws SQLException {
        for (var entry : failures.entrySet()) {
            Sql.update(
                    connection,
                    """
                    insert into failure (job_id, shard_id, status, cause, items)
                    values (?, ?, ?, ?, ?)
                    on conflict (job_id, shard_id, status, cause)
                    do update set items = failure.items + excluded.items
                    """,
                    job.value(),
                    shard,
                    entry.getKey().status,
                    entry.getKey().cause,
                    entry.getValue());
        }
    }

    private void addToHistory(Connection connection, long shard, Tally tally) throws SQLException {
        long now = clock.millis();
        Sql.update(
                connection,
                """
                insert into history (job_id, at, lane, provider, model, succeeded, failed,
                                     input_tokens, cached_tokens, output_tokens, cost)
                select shard.job_id, ?, shard.lane, coalesce(batch.provider, ''),
                       coalesce(batch.model, ''), ?, ?, ?, ?, ?, ?
                  from shard left join batch on batch.shard_id = shard.id
                 where shard.id = ?
                on conflict (job_id, at, lane, provider, model)
                do update set succeeded = history.succeeded + excluded.succeeded,
                              failed = history.failed + excluded.failed,
                              input_tokens = history.input_tokens + excluded.input_tokens,
                              cached_tokens = history.cached_tokens + excluded.cached_tokens,
                              output_tokens = history.output_tokens + excluded.output_tokens,
                              cost = history.cost + excluded.cost
                """,
                now - now % STRETCH_MILLIS,
                tally.succeeded,
                tally.failed,
                tally.usage.inputTokens(),
                tally.usage.cachedTokens(),
                tally.usage.outputTokens(),
                tally.cost.picoUsd(),
                shard);
    }

    private record Failure(int status, String cause) implements Comparable<Failure> {
        private static final Comparator<Failure> ORDER =
                Comparator.comparingInt(Failure::status).thenComparing(Failure::cause);

        @Override
        public int compareTo(Failure other) {
            return ORDER.compare(this, other);
        }
    }

    private static Stray strayed(String segment, IndexedOutcome outcome, String reason) {
        return new Stray(segment, outcome.lineOffset(), outcome.lineLength(), reason);
    }

    private void stray(Connection connection, List<Stray> strays) throws SQLException {
        if (strays.isEmpty()) {
            return;
        }
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into stray (job_id, segment, start_offset, length, reason)
                        values (?, ?, ?, ?, ?) on conflict do nothing
                        """)) {
            for (Stray stray : strays) {
                Sql.bind(
                        insert,
                        job.value(),
                        stray.segment(),
                        stray.offset(),
                        stray.length(),
                        stray.reason());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private static final class Tally {
        private long succeeded;
        private long failed;
        private Usage usage = Usage.NONE;
        private Cost cost = Cost.ZERO;
        private final Map<Failure, Long> failures = new TreeMap<>();

        void add(IndexedOutcome outcome, int sign) {
            if (outcome.succeeded()) {
                succeeded += sign;
            } else {
                failed += sign;
                failures.merge(
                        new Failure(outcome.status(), outcome.cause()), (long) sign, Tally::sum);
            }
            Usage more = outcome.usage();
            usage =
                    usage.plus(
                            new Usage(
                                    sign * more.inputTokens(),
                                    sign * more.cachedTokens(),
                                    sign * more.outputTokens()));
            cost = cost.plus(new Cost(sign * outcome.cost().picoUsd()));
        }

        // Nothing is left where all of them had an outcome already.
        private static @Nullable Long sum(Long before, Long more) {
            return before + more == 0 ? null : before + more;
        }
    }
}
