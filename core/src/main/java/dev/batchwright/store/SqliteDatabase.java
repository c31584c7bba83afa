package dev.batchwright.store;

import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * SQLite in WAL mode: one connection writes, others read beside it. Every write transaction begins
 * immediate, so that two processes queue for the lock instead of failing when a reader turns into a
 * writer. It syncs each transaction (synchronous=FULL): there are a few of them a second, and a
 * lease or a state that a power cut takes back would be paid for twice. What is derived from
 * segments is not: a power cut takes it back in the order in which it came, and it is derived
 * again.
 */
final class SqliteDatabase implements Database {
    private static final int ROWS = 50;

    private final Path file;
    private final Duration patience;
    private final ConnectionPool readers = new ConnectionPool(4, () -> connect(true));
    private final ConnectionPool writer = new ConnectionPool(1, () -> connect(false));

    /**
     * @param file exists; SQLite gives its companions the same permissions
     * @param patience how long to wait for another process's transaction
     */
    SqliteDatabase(Path file, Duration patience) {
        this.file = file;
        this.patience = patience;
        int version =
                read(connection -> hasSchema(connection) ? Migrations.version(connection) : 0);
        Migrations.refuseNewer(version, file.toString());
        if (version < Migrations.newest()) {
            enterWalMode();
            write(
                    connection -> {
                        Migrations.run(connection, "sqlite", file.toString());
                        return true;
                    });
        }
    }

    private static boolean hasSchema(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        "select 1 from sqlite_master where name = 'schema_version'",
                        row -> true)
                .isPresent();
    }

    // The switch needs the file for itself, and SQLite does not wait for that by busy_timeout.
    private void enterWalMode() {
        long end = System.nanoTime() + patience.toNanos();
        while (true) {
            try {
                writer.with(
                        connection ->
                                Sql.first(connection, "pragma journal_mode = wal", row -> true));
                return;
            } catch (SQLException e) {
                if (!isBusy(e) || System.nanoTime() > end) {
                    throw problem(e);
                }
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
        }
    }

    private Connection connect(boolean readOnly) throws SQLException {
        var config = new SQLiteConfig();
        config.setBusyTimeout((int) patience.toMillis());
        config.enforceForeignKeys(true);
        config.setPragma(SQLiteConfig.Pragma.SYNCHRONOUS, "FULL");
        Connection connection = new SqliteConnection(file, config);
        try (Statement statement = connection.createStatement()) {
            statement.execute("pragma wal_autocheckpoint = 16384");
            if (readOnly) {
                statement.execute("pragma query_only = on");
            }
        }
        return connection;
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
        try {
            return writer.with(connection -> inTransaction(connection, work));
        } catch (SQLException e) {
            throw problem(e);
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>The log is synced by the next durable transaction, from its beginning, and never later
     * than a checkpoint. A failure closes the connection, and with it what was set here.
     */
    @Override
    public <T> T writeDerived(Work<T> work) {
        try {
            return writer.with(
                    connection -> {
                        sync(connection, "normal");
                        T result = inTransaction(connection, work);
                        sync(connection, "full");
                        return result;
                    });
        } catch (SQLException e) {
            throw problem(e);
        }
    }

    private static void sync(Connection connection, String mode) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("pragma synchronous = " + mode);
        }
    }

    // A failure closes the connection, and that rolls back.
    private static <T> T inTransaction(Connection connection, Work<T> work) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("begin immediate");
            T result = work.on(connection);
            statement.execute("commit");
            return result;
        }
    }

    @Override
    public void exclude(Connection connection, String key) {
        // Only one transaction writes at a time.
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
                       order by id limit ?)
        returning id, members, round, lease_epoch, items, succeeded + failed as finished
        """;
    }

    /**
     * {@inheritDoc}
     *
     * <p>Many rows a statement: binding and stepping cost more than the insert, and so it is almost
     * four times as fast.
     */
    @Override
    public List<IndexedOutcome> insertOutcomes(
            Connection connection, long job, long segment, List<IndexedOutcome> outcomes)
            throws SQLException {
        int whole = outcomes.size() - outcomes.size() % ROWS;
        var duplicates = new ArrayList<IndexedOutcome>();
        insertOutcomes(connection, job, segment, outcomes.subList(0, whole), ROWS, duplicates);
        insertOutcomes(
                connection, job, segment, outcomes.subList(whole, outcomes.size()), 1, duplicates);
        return duplicates;
    }

    // The job and the segment are the same in all rows and bound once: a question mark without a
    // number follows the highest before it.
    private static void insertOutcomes(
            Connection connection,
            long job,
            long segment,
            List<IndexedOutcome> outcomes,
            int rows,
            List<IndexedOutcome> duplicates)
            throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into outcome (job_number, segment_id, seq, failed, status,
                                             cause, attempts, input_tokens, cached_tokens,
                                             output_tokens, cost,
                                             shard_id, form, answer_offset, answer_length)
                        values (?1, ?2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)%s
                        on conflict do nothing
                        """
                                .formatted(
                                        ", (?1, ?2, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                                .repeat(rows - 1)))) {
            for (int from = 0; from < outcomes.size(); from += rows) {
                List<IndexedOutcome> together = outcomes.subList(from, from + rows);
                insert.setLong(1, job);
                insert.setLong(2, segment);
                int next = 3;
                for (IndexedOutcome outcome : together) {
                    next = bind(insert, next, outcome);
                }
                if (insert.executeUpdate() < rows) {
                    duplicates.addAll(notInserted(connection, job, segment, together));
                }
            }
        }
    }

    private static int bind(PreparedStatement insert, int first, IndexedOutcome outcome)
            throws SQLException {
        int next = first;
        insert.setLong(next++, outcome.seq());
        insert.setInt(next++, outcome.succeeded() ? 0 : 1);
        insert.setInt(next++, outcome.status());
        insert.setString(next++, outcome.cause());
        insert.setInt(next++, outcome.attempts());
        insert.setLong(next++, outcome.usage().inputTokens());
        insert.setLong(next++, outcome.usage().cachedTokens());
        insert.setLong(next++, outcome.usage().outputTokens());
        insert.setLong(next++, outcome.cost().picoUsd());
        insert.setLong(next++, outcome.shard());
        insert.setInt(next++, AnswerFormCode.of(outcome.form()));
        insert.setLong(next++, outcome.answerOffset());
        insert.setInt(next++, outcome.answerLength());
        return next;
    }

    // Those whose answers are not the ones that the index has.
    private static List<IndexedOutcome> notInserted(
            Connection connection, long job, long segment, List<IndexedOutcome> outcomes)
            throws SQLException {
        var others = new ArrayList<IndexedOutcome>();
        for (IndexedOutcome outcome : outcomes) {
            boolean inserted =
                    Sql.first(
                                    connection,
                                    """
                                    select 1 from outcome
                                     where job_number = ? and seq = ? and segment_id = ?
                                       and answer_offset = ?
                                    """,
                                    row -> true,
                                    job,
                                    outcome.seq(),
                                    segment,
                                    outcome.answerOffset())
                            .isPresent();
            if (!inserted) {
                others.add(outcome);
            }
        }
        return others;
    }

    @Override
    public Duration ahead() {
        return Duration.ZERO;
    }

    private static boolean isBusy(SQLException e) {
        return e instanceof SQLiteException sqlite
                && (sqlite.getResultCode().code & 0xff) == SQLiteErrorCode.SQLITE_BUSY.code;
    }

    @Override
    public StoreException problem(SQLException cause) {
        int code =
                cause instanceof SQLiteException sqlite
                        ? sqlite.getResultCode().code & 0xff
                        : cause.getErrorCode();
        String what =
                switch (SQLiteErrorCode.getErrorCode(code)) {
                    case SQLITE_BUSY, SQLITE_LOCKED ->
                            "is locked by another process for more than %d s. Close what holds it (a database browser, a backup), then run the same command again."
                                    .formatted(patience.toSeconds());
                    case SQLITE_FULL ->
                            "can't grow: the disk is full. Free some space, then run the same"
                                    + " command again.";
                    case SQLITE_READONLY, SQLITE_PERM ->
                            "can't be written. Give this user write permission for the file and its"
                                    + " directory, or name another store with --store.";
                    case SQLITE_CANTOPEN ->
                            "can't be opened. Check that the path names a file and that this user"
                                    + " may read and write it.";
                    case SQLITE_CORRUPT, SQLITE_NOTADB ->
                            "is damaged or not a Batchwright store. Restore it from a backup, or"
                                    + " name another store with --store.";
                    case SQLITE_IOERR ->
                            "can't be read or written: the disk reports an error. Check the disk"
                                    + " and its free space, then run the same command again.";
                    default ->
                            "refused a statement (SQLite code %d: %s). Run the same command again; if it repeats, report it."
                                    .formatted(code, cause.getMessage());
                };
        return new StoreException("The store " + file + " " + what, cause);
    }

    @Override
    public void close() {
        try (writer) {
            readers.close();
        } catch (SQLException e) {
            throw problem(e);
        }
    }
}
