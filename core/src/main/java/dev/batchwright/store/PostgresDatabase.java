package dev.batchwright.store;

import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Function;

/**
 * PostgreSQL, for several workers on several machines. Transactions are read committed; where two
 * must not overlap, a row is locked by an update. One that the server ends as a deadlock's victim
 * runs again.
 */
final class PostgresDatabase implements Database {
    private static final long MIGRATION_LOCK = 0x6261746368777267L;
    private static final int TRIES = 5;

    private static final Duration SMALL = Duration.ofSeconds(1);

    private final StoreLocation.Postgres location;
    private final InstantSource machine;
    // Apart, because a transaction reads segments: with one pool, writers could wait for
    // themselves.
    private final ConnectionPool readers = new ConnectionPool(4, this::connect);
    private final ConnectionPool writers = new ConnectionPool(4, this::connectToWrite);

    /**
     * @param machine this machine's clock
     */
    PostgresDatabase(StoreLocation.Postgres location, InstantSource machine) {
        this.location = location;
        this.machine = machine;
        int version =
                read(connection -> hasSchema(connection) ? Migrations.version(connection) : 0);
        Migrations.refuseNewer(version, location.toString());
        if (version < Migrations.newest()) {
            write(
                    connection -> {
                        Sql.list(
                                connection,
                                "select pg_advisory_xact_lock(?)",
                                row -> true,
                                MIGRATION_LOCK);
                        Migrations.run(connection, "postgres", location.toString());
                        return true;
                    });
        }
    }

    private static boolean hasSchema(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        "select 1 where to_regclass('schema_version') is not null",
                        row -> true)
                .isPresent();
    }

    /** A connection of the caller's own. */
    Connection connect() throws SQLException {
        var properties = new Properties();
        properties.setProperty("ApplicationName", "batchwright");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "10");
        // So that a network that is cut in the middle of a statement hangs nobody for ever. Not
        // even a migration or the removal of a job of many gigabytes takes half an hour.
        properties.setProperty("socketTimeout", "1800");
        properties.putAll(location.properties());
        return DriverManager.getConnection(location.url(), properties);
    }

    // A worker that is stopped in the middle of a transaction (SIGSTOP, a suspended machine) holds
    // its row locks as long as its session lives, and nobody could take its shards over. The server
    // ends such a session when its leases have run out too.
    private Connection connectToWrite() throws SQLException {
        Connection connection = connect();
        try {
            Sql.update(
                    connection,
                    "set idle_in_transaction_session_timeout = " + Worker.LEASE_TIME.toMillis());
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public <T> T read(Work<T> work) {
        try {
            return readers.with(work);
        } catch (SQLException e) {
            throw problem(e);
        }
    }

    @Override
    public <T> T write(Work<T> work) {
        for (int attempt = 1; ; attempt++) {
            try {
                return writers.with(connection -> inTransaction(connection, work));
            } catch (SQLException e) {
                if (!isVictim(e) || attempt == TRIES) {
                    throw problem(e);
                }
            }
        }
    }

    // A failure closes the connection, and that rolls back.
    private static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
        connection.setAutoCommit(false);
        T result = work.on(connection);
        connection.commit();
        connection.setAutoCommit(true);
        return result;
    }

    private static boolean isVictim(SQLException e) {
        return "40P01".equals(e.getSQLState()) || "40001".equals(e.getSQLState());
    }

    @Override
    public void exclude(Connection connection, String key) throws SQLException {
        Sql.list(
                connection,
                "select pg_advisory_xact_lock(hashtextextended(?, 0))",
                row -> true,
                key);
    }

    @Override
    public String claimShards() {
        return """
        update shard
           set lease_owner = ?, lease_until = ?, lease_epoch = lease_epoch + 1
         where id in (select id from shard
                       where job_id = ? and lane = ? and done = 0 and lease_owner is null
                         and not exists (select 1 from batch
                                          where shard_id = shard.id and state = 'quarantined')
                       order by id limit ? for update skip locked)
        returning id, members, round, lease_epoch, items, succeeded + failed as finished
        """;
    }

    @Override
    public List<IndexedOutcome> insertOutcomes(
            Connection connection, long job, long segment, List<IndexedOutcome> outcomes)
            throws SQLException {
        if (outcomes.isEmpty()) {
            return List.of();
        }
        var inserted = new HashSet<Long>();
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into outcome (job_number, seq, failed, status, cause, attempts,
                                             input_tokens, cached_tokens, output_tokens, cost,
                                             shard_id, segment_id, form, answer_offset,
                                             answer_length)
                        select ?, seq, failed, status, cause, attempts, input_tokens,
                               cached_tokens, output_tokens, cost, shard_id, ?, form,
                               answer_offset, answer_length
                          from unnest(?::bigint[], ?::bigint[], ?::bigint[], ?::text[], ?::bigint[],
                                      ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[],
                                      ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                               as new (seq, failed, status, cause, attempts, input_tokens, cached_tokens,
                                       output_tokens, cost, shard_id, form, answer_offset,
                                       answer_length)
                        on conflict do nothing
                        returning seq
                        """)) {
            insert.setLong(1, job);
            insert.setLong(2, segment);
            insert.setArray(3, numbers(connection, outcomes, IndexedOutcome::seq));
            insert.setArray(4, numbers(connection, outcomes, o -> o.succeeded() ? 0 : 1));
            insert.setArray(5, numbers(connection, outcomes, IndexedOutcome::status));
            insert.setArray(6, words(connection, outcomes, IndexedOutcome::cause));
            insert.setArray(7, numbers(connection, outcomes, IndexedOutcome::attempts));
            insert.setArray(8, numbers(connection, outcomes, o -> o.usage().inputTokens()));
            insert.setArray(9, numbers(connection, outcomes, o -> o.usage().cachedTokens()));
            insert.setArray(10, numbers(connection, outcomes, o -> o.usage().outputTokens()));
            insert.setArray(11, numbers(connection, outcomes, o -> o.cost().picoUsd()));
            insert.setArray(12, numbers(connection, outcomes, IndexedOutcome::shard));
            insert.setArray(13, numbers(connection, outcomes, o -> AnswerFormCode.of(o.form())));
            insert.setArray(14, numbers(connection, outcomes, IndexedOutcome::answerOffset));
            insert.setArray(15, numbers(connection, outcomes, IndexedOutcome::answerLength));
            try (var rows = insert.executeQuery()) {
                while (rows.next()) {
                    inserted.add(rows.getLong(1));
                }
            }
        }
        var duplicates = new ArrayList<IndexedOutcome>();
        for (IndexedOutcome outcome : outcomes) {
            // The first of two lines of one item went in, the second finds its seq taken away.
            if (!inserted.remove(outcome.seq())) {
                duplicates.add(outcome);
            }
        }
        return duplicates;
    }

    private static Array words(
            Connection connection,
            List<IndexedOutcome> outcomes,
            Function<IndexedOutcome, String> column)
            throws SQLException {
        return connection.createArrayOf("text", outcomes.stream().map(column).toArray());
    }

    private interface Column {
        long of(IndexedOutcome outcome);
    }

    private static Array numbers(
            Connection connection, List<IndexedOutcome> outcomes, Column column)
            throws SQLException {
        var values = new Object[outcomes.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = column.of(outcomes.get(i));
        }
        return connection.createArrayOf("bigint", values);
    }

    @Override
    public Duration ahead() {
        return read(
                connection -> {
                    Instant asked = machine.instant();
                    long there =
                            Sql.list(
                                            connection,
                                            """
                                            select (extract(epoch from clock_timestamp()) * 1000)::bigint
                                            """,
                                            row -> row.getLong(1))
                                    .getFirst();
                    Duration trip = Duration.between(asked, machine.instant());
                    Instant here = asked.plus(trip.dividedBy(2));
                    Duration ahead = Duration.between(here, Instant.ofEpochMilli(there));
                    return ahead.abs().compareTo(SMALL.plus(trip)) < 0 ? Duration.ZERO : ahead;
                });
    }

    @Override
    public StoreException problem(SQLException cause) {
        String state = Objects.requireNonNullElse(cause.getSQLState(), "");
        String what;
        if (state.startsWith("08") || state.startsWith("57P")) {
            what =
                    "can't be reached, or the connection was lost. Check that the server runs and"
                            + " that this machine may connect, then run the same command again.";
        } else if (state.startsWith("28")) {
            what = "refuses the login. Check user and password of the store's URL.";
        } else if (state.equals("3D000")) {
            what = "does not exist. Create the database, or correct the store's URL.";
        } else if (state.equals("42501")) {
            what =
                    "refuses the permission. Grant this user create, select, insert, update and"
                            + " delete.";
        } else if (state.startsWith("53")) {
            what =
                    "is out of resources (SQLSTATE %s: disk, memory or connections). Free some, then run the same command again."
                            .formatted(state);
        } else {
            what =
                    "refused a statement (SQLSTATE %s). Run the same command again; if it repeats, report it."
                            .formatted(state);
        }
        return new StoreException("The store " + location + " " + what, cause);
    }

    @Override
    public void close() {
        try (writers) {
            readers.close();
        } catch (SQLException e) {
            throw problem(e);
        }
    }
}
