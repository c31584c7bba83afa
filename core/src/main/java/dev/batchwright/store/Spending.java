package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.SpendingCap;
import dev.batchwright.store.Funding.Limit;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/**
 * The books over what jobs and their owners may spend, within the caller's transactions.
 *
 * <p>What counts against a cap is what indexed outcomes have cost, what workers hold for calls
 * ({@code worker.held}), what batches reserve ({@code batch.reserved}), and what was paid, maybe,
 * without a known outcome ({@code job.presumed}). Money only ever moves from one of these to
 * another, in one transaction, or is given back by who knows that it was not spent. So a crash at
 * any point leaves a sum that is at least what was paid:
 *
 * <pre>
 * draw, fund     nothing      -> held, reserved      if it fits, before anything is sent
 * index          held, reserved -> cost              with the outcome
 * give back      held         -> nothing             what was set aside and not used
 * bury           held         -> presumed            the worker is gone, its outcomes are indexed
 * settle         reserved     -> presumed, nothing   a batch that did not say what it did
 * </pre>
 *
 * Who sets money aside for an owner waits for others that do, by a lock. Each sum is read by one
 * statement: between two, money could move from what was not read yet to what was.
 */
final class Spending {
    /** Of what is left, most that one worker sets aside in advance, and for so many calls. */
    private static final long SHARE = 64;

    private static final long CALLS = 256;

    private final Database database;
    private final JobId job;

    /**
     * How much may still be spent under a cap.
     *
     * @param held by all workers
     * @param batches reserved by batches that are under way
     */
    private record Standing(Limit limit, long left, long held, long batches) {
        Funding.Lacking tooLittle(long own) {
            return new Funding.Lacking(limit, new Cost(left), held > own, batches > 0);
        }
    }

    Spending(Database database, JobId job) {
        this.database = database;
        this.job = job;
    }

    /** Sets money aside for calls of a worker: at least this much, more where there is plenty. */
    Funding draw(Connection connection, String worker, Optional<Cost> cap, Cost least, Instant now)
            throws SQLException {
        Optional<Standing> tightest = tightest(connection, cap, now);
        long amount = least.picoUsd();
        if (tightest.isPresent()) {
            if (tightest.get().left < amount) {
                return tightest.get().tooLittle(held(connection, worker));
            }
            long plenty = Math.min(tightest.get().left / SHARE, Math.multiplyExact(amount, CALLS));
            amount = Math.max(amount, plenty);
        }
        int held =
                Sql.update(
                        connection,
                        "update worker set held = held + ? where id = ?",
                        amount,
                        worker);
        if (held == 0) {
            throw JobRow.unknown(job);
        }
        return new Funding.Granted(new Cost(amount));
    }

    private static long held(Connection connection, String worker) throws SQLException {
        return Sql.first(
                        connection,
                        "select held from worker where id = ?",
                        row -> row.getLong("held"),
                        worker)
                .orElse(0L);
    }

    /** Sets aside for a batch exactly this much, instead of what was before. */
    Funding fund(Connection connection, long shard, Optional<Cost> cap, Cost cost, Instant now)
            throws SQLException {
        Sql.update(connection, "update batch set reserved = 0 where shard_id = ?", shard);
        Optional<Standing> tightest = tightest(connection, cap, now);
        if (tightest.isPresent() && tightest.get().left < cost.picoUsd()) {
            return tightest.get().tooLittle(0);
        }
        Sql.update(
                connection,
                "update batch set reserved = ? where shard_id = ?",
                cost.picoUsd(),
                shard);
        return new Funding.Granted(cost);
    }

    private Optional<Standing> tightest(Connection connection, Optional<Cost> cap, Instant now)
            throws SQLException {
        String owner = owner(connection);
        database.exclude(connection, "spending " + (owner.isEmpty() ? job.value() : owner));
        Optional<Standing> account =
                find(connection, owner, now)
                        .map(
                                known ->
                                        new Standing(
                                                Limit.ACCOUNT,
                                                known.account.left().picoUsd(),
                                                known.held,
                                                known.batches));
        if (cap.isEmpty()) {
            return account;
        }
        Standing own = ofJob(connection, cap.get());
        return account.filter(other -> other.left < own.left).or(() -> Optional.of(own));
    }

    private String owner(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        "select owner from job where id = ?",
                        row -> row.getString("owner"),
                        job.value())
                .orElseThrow(() -> JobRow.unknown(job));
    }

    private Standing ofJob(Connection connection, Cost cap) throws SQLException {
        return Sql.first(
                        connection,
                        """
                        select presumed,
                               (select coalesce(sum(cost), 0) from shard
                                 where job_id = job.id) as cost,
                               (select coalesce(sum(held), 0) from worker
                                 where job_id = job.id) as held,
                               (select coalesce(sum(reserved), 0)
                                  from shard join batch on batch.shard_id = shard.id
                                 where shard.job_id = job.id and done = 0 and settled = 0
                                   and batch.state <> 'quarantined') as batches,
                               (select coalesce(sum(reserved), 0)
                                  from shard join batch on batch.shard_id = shard.id
                                 where shard.job_id = job.id and done = 0 and settled = 0
                                   and batch.state = 'quarantined') as lost
                          from job where id = ?
                        """,
                        row -> {
                            long held = row.getLong("held");
                            long batches = row.getLong("batches");
                            long spent =
                                    row.getLong("presumed")
                                            + row.getLong("cost")
                                            + row.getLong("lost");
                            return new Standing(
                                    Limit.JOB,
                                    cap.picoUsd() - spent - held - batches,
                                    held,
                                    batches);
                        },
                        job.value())
                .orElseThrow(() -> JobRow.unknown(job));
    }

    /**
     * An account, and what its reserve consists of.
     *
     * @param batches of those that are under way, not of those that nobody knows to exist
     */
    record Known(Account account, long held, long batches) {}

    /**
     * How an owner stands; empty where there is no cap. From the open batches on, which are few, to
     * their owners, who may have very many jobs: SQLite joins in this order where it says {@code
     * cross}.
     */
    static Optional<Known> find(Connection connection, String owner, Instant now)
            throws SQLException {
        return Sql.first(
                connection,
                """
                select owner, cap, per, since, spent,
                       (select coalesce(sum(held), 0)
                          from worker join job on job.id = worker.job_id
                         where job.owner = account.owner) as held,
                       (select coalesce(sum(reserved), 0)
                          from shard cross join batch cross join job
                         where shard.lane = 'batch' and shard.done = 0 and settled = 0
                           and batch.shard_id = shard.id and job.id = shard.job_id
                           and job.owner = account.owner
                           and batch.state <> 'quarantined') as batches,
                       (select coalesce(sum(reserved), 0)
                          from shard cross join batch cross join job
                         where shard.lane = 'batch' and shard.done = 0 and settled = 0
                           and batch.shard_id = shard.id and job.id = shard.job_id
                           and job.owner = account.owner
                           and batch.state = 'quarantined') as lost
                  from account where owner = ? and cap is not null
                """,
                row -> {
                    SpendingCap.Period per = period(row.getString("per"));
                    boolean lasts = row.getLong("since") >= per.start(now).toEpochMilli();
                    long held = row.getLong("held");
                    long batches = row.getLong("batches");
                    return new Known(
                            new Account(
                                    row.getString("owner"),
                                    new SpendingCap(new Cost(row.getLong("cap")), per),
                                    new Cost(lasts ? row.getLong("spent") : 0),
                                    new Cost(held + batches + row.getLong("lost"))),
                            held,
                            batches);
                },
                owner);
    }

    static SpendingCap.Period period(String word) {
        return SpendingCap.Period.named(word)
                .orElseThrow(() -> new StoreException("Unknown period of a cap: " + word));
    }

    /** Money of a batch that indexed outcomes of its shard have cost; says whether it is one. */
    static boolean indexedBatch(Connection connection, long shard, Cost cost) throws SQLException {
        return Sql.update(
                        connection,
                        """
                        update batch
                           set reserved = case when reserved > ? then reserved - ? else 0 end
                         where shard_id = ?
                        """,
                        cost.picoUsd(),
                        cost.picoUsd(),
                        shard)
                > 0;
    }

    /** What a worker held, or did not need to: it is given back, or was paid by now. */
    static void release(Connection connection, String worker, Cost cost) throws SQLException {
        Sql.update(
                connection,
                "update worker set held = case when held > ? then held - ? else 0 end where id = ?",
                cost.picoUsd(),
                cost.picoUsd(),
                worker);
    }

    /** Removes a worker that is gone: what it held may have been paid for. */
    void bury(Connection connection, String worker, Instant now) throws SQLException {
        long held =
                Sql.first(
                                connection,
                                "delete from worker where id = ? returning held",
                                row -> row.getLong("held"),
                                worker)
                        .orElse(0L);
        presume(connection, new Cost(held), now);
    }

    /** A batch is over that says nothing of requests which may have cost this much. */
    void settle(Connection connection, long shard, Cost most, Instant now) throws SQLException {
        long reserved =
                Sql.first(
                                connection,
                                "select reserved from batch where shard_id = ?",
                                row -> row.getLong("reserved"),
                                shard)
                        .orElse(0L);
        Sql.update(connection, "update batch set reserved = 0 where shard_id = ?", shard);
        presume(connection, new Cost(Math.min(reserved, most.picoUsd())), now);
    }

    private void presume(Connection connection, Cost cost, Instant now) throws SQLException {
        if (cost.equals(Cost.ZERO)) {
            return;
        }
        Sql.update(
                connection,
                "update job set presumed = presumed + ? where id = ?",
                cost.picoUsd(),
                job.value());
        spent(connection, cost, now);
    }

    /** A job goes that still has money set aside: nobody will know any more what became of it. */
    void leave(Connection connection, Instant now) throws SQLException {
        long left =
                Sql.first(
                                connection,
                                """
                                select (select coalesce(sum(held), 0) from worker
                                         where job_id = job.id)
                                       + (select coalesce(sum(reserved), 0)
                                            from shard join batch on batch.shard_id = shard.id
                                           where shard.job_id = job.id and done = 0
                                             and settled = 0
                                             and batch.state in ('ended', 'quarantined')) as left_over
                                  from job where id = ?
                                """,
                                row -> row.getLong("left_over"),
                                job.value())
                        .orElse(0L);
        spent(connection, new Cost(left), now);
    }

    /** The owner of the job has spent this much more; at the end of a transaction. */
    void spent(Connection connection, Cost cost, Instant now) throws SQLException {
        if (cost.equals(Cost.ZERO)) {
            return;
        }
        Optional<SpendingCap.Period> per =
                Sql.first(
                        connection,
                        """
                        select per from account
                         where owner = (select owner from job where id = ?)
                        """,
                        row -> period(row.getString("per")),
                        job.value());
        if (per.isEmpty()) {
            return;
        }
        long start = per.get().start(now).toEpochMilli();
        Sql.update(
                connection,
                """
                update account
                   set spent = case when since >= ? then spent + ? else ? end,
                       since = case when since >= ? then since else ? end
                 where owner = (select owner from job where id = ?)
                """,
                start,
                cost.picoUsd(),
                cost.picoUsd(),
                start,
                start,
                job.value());
    }
}
