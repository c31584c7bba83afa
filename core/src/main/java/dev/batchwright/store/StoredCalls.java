package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls of all jobs, a row each. A lookup costs a query by primary key for each call. */
final class StoredCalls implements Calls {
    private static final Comparator<Pending> BY_KEY =
            Comparator.comparingLong((Pending call) -> call.key.hashHigh())
                    .thenComparingLong(call -> call.key.hashLow())
                    .thenComparingInt(call -> call.key.number());

    private final Database database;

    /**
     * @param standing whether its item may still answer it
     */
    private record Row(CallKey key, CallPlace place, boolean standing) {}

    /** A call that an item will answer. */
    record Pending(JobId job, CallKey key, long asked, long seq, Instant until) {}

    StoredCalls(Database database) {
        this.database = database;
    }

    @Override
    public Map<CallKey, CallPlace> find(Collection<CallKey> keys, Instant now) {
        List<Row> rows = database.read(connection -> rows(connection, keys, now));
        var found = new HashMap<CallKey, CallPlace>();
        var stale = new ArrayList<Row>();
        for (Row row : rows) {
            if (row.standing) {
                found.put(row.key, row.place);
            } else {
                stale.add(row);
            }
        }
        if (!stale.isEmpty()) {
            database.write(connection -> forget(connection, stale));
        }
        return found;
    }

    private static List<Row> rows(Connection connection, Collection<CallKey> keys, Instant now)
            throws SQLException {
        var rows = new ArrayList<Row>();
        try (PreparedStatement select =
                connection.prepareStatement(
                        """
                        select call.job_id, call.seq, call.asked, call.kept_until, job.state,
                               job.gathered, outcome.failed, unwanted.seq as dropped
                          from call
                          left join job on job.id = call.job_id
                          left join outcome on outcome.job_number = job.number
                                           and outcome.seq = call.seq
                          left join unwanted on unwanted.job_id = call.job_id
                                            and unwanted.seq = call.seq
                         where hash_high = ? and hash_low = ? and call.number = ?
                        """)) {
            for (CallKey key : keys) {
                Sql.bind(select, key.hashHigh(), key.hashLow(), (long) key.number());
                try (ResultSet row = select.executeQuery()) {
                    if (row.next()) {
                        rows.add(
                                new Row(
                                        key,
                                        new CallPlace(
                                                new JobId(row.getString("job_id")),
                                                row.getLong("seq"),
                                                row.getLong("asked")),
                                        stands(row, now)));
                    }
                }
            }
        }
        return rows;
    }

    private static boolean stands(ResultSet row, Instant now) throws SQLException {
        String state = row.getString("state");
        String failed = row.getString("failed");
        if (state == null) {
            return false;
        }
        boolean dropped = row.getString("dropped") != null;
        boolean underWay = failed == null && !state.equals("cancelled") && !dropped;
        boolean inTime = row.getLong("kept_until") > now.toEpochMilli();
        // Who is waited for may take longer than its answer is kept.
        return underWay ? inTime || row.getLong("gathered") == 1 : inTime && "0".equals(failed);
    }

    private static boolean forget(Connection connection, List<Row> rows) throws SQLException {
        try (PreparedStatement delete =
                connection.prepareStatement(
                        """
                        delete from call
                         where hash_high = ? and hash_low = ? and number = ?
                           and job_id = ? and seq = ?
                        """)) {
            for (Row row : rows) {
                Sql.bind(
                        delete,
                        row.key.hashHigh(),
                        row.key.hashLow(),
                        (long) row.key.number(),
                        row.place.job().value(),
                        row.place.seq());
                delete.addBatch();
            }
            delete.executeBatch();
        }
        return true;
    }

    /**
     * Writes down what items answer.
     *
     * @throws CallsTakenException if another job answers one of them
     */
    static void insert(Connection connection, List<Pending> calls) throws SQLException {
        int inserted = 0;
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into call (hash_high, hash_low, number, job_id, seq, asked, kept_until)
                        values (?, ?, ?, ?, ?, ?, ?)
                        on conflict do nothing
                        """)) {
            // In one order for all: two programs that wait for each other's rows would block.
            for (Pending call : calls.stream().sorted(BY_KEY).toList()) {
                Sql.bind(
                        insert,
                        call.key.hashHigh(),
                        call.key.hashLow(),
                        (long) call.key.number(),
                        call.job.value(),
                        call.seq,
                        call.asked,
                        call.until.toEpochMilli());
                insert.addBatch();
            }
            for (int count : insert.executeBatch()) {
                inserted += count;
            }
        }
        if (inserted < calls.size()) {
            throw new CallsTakenException(calls.size() - inserted);
        }
    }

    @Override
    public int sweep(Instant now) {
        return database.write(
                connection ->
                        Sql.update(
                                connection,
                                """
                                delete from call
                                 where kept_until <= ?
                                   and not exists (select 1 from job
                                                    where job.id = call.job_id and gathered = 1
                                                      and state not in ('finished', 'cancelled'))
                                """,
                                now.toEpochMilli()));
    }

    @Override
    public Optional<CallPlace> place(CallKey key) {
        return database.read(
                connection ->
                        Sql.first(
                                connection,
                                """
                                select job_id, seq, asked from call
                                 where hash_high = ? and hash_low = ? and number = ?
                                """,
                                row ->
                                        new CallPlace(
                                                new JobId(row.getString("job_id")),
                                                row.getLong("seq"),
                                                row.getLong("asked")),
                                key.hashHigh(),
                                key.hashLow(),
                                (long) key.number()));
    }

    @Override
    public boolean drop(JobId job, long seq) {
        return database.write(
                connection -> {
                    Sql.update(
                            connection,
                            "insert into unwanted (job_id, seq) values (?, ?) on conflict do"
                                    + " nothing",
                            job.value(),
                            seq);
                    return Sql.first(
                                    connection,
                                    """
                                    select 1 from job
                                     where id = ? and state = 'active' and gatherer is null
                                       and items = (select count(*) from unwanted
                                                     where job_id = job.id)
                                    """,
                                    row -> true,
                                    job.value())
                            .isPresent();
                });
    }

    @Override
    public boolean isDropped(JobId job, long seq) {
        return database.read(
                        connection ->
                                Sql.first(
                                        connection,
                                        "select 1 from unwanted where job_id = ? and seq = ?",
                                        row -> true,
                                        job.value(),
                                        seq))
                .isPresent();
    }

    @Override
    public void keep(JobId job, Instant until) {
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                "update call set kept_until = ? where job_id = ? and kept_until <"
                                        + " ?",
                                until.toEpochMilli(),
                                job.value(),
                                until.toEpochMilli()));
    }

    @Override
    public List<JobId> underWay() {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select id from job where gathered = 1 and state = 'active'
                                 order by created_at
                                """,
                                row -> new JobId(row.getString("id"))));
    }

    @Override
    public List<JobId> forgotten(Instant before, int limit) {
        return database.read(
                connection ->
                        Sql.list(
                                connection,
                                """
                                select id from job
                                 where gathered = 1 and state in ('finished', 'cancelled')
                                   and created_at < ?
                                   and not exists (select 1 from call where job_id = job.id)
                                 order by created_at limit ?
                                """,
                                row -> new JobId(row.getString("id")),
                                before.toEpochMilli(),
                                limit));
    }
}
