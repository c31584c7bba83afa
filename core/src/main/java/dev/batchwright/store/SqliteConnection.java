package dev.batchwright.store;

import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;

import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * A connection to SQLite that keeps its statements: to parse and plan one takes about as long as to
 * run it, and a call that somebody waits for takes some twenty. What is closed is there for who
 * prepares the same text next, and goes when it was not asked for longest. For one thread at a
 * time.
 */
final class SqliteConnection extends JDBC4Connection {
    private static final int KEPT = 100;

    /** None of them is in use. */
    private final SequencedMap<String, Kept> kept = new LinkedHashMap<>();

    SqliteConnection(Path file, SQLiteConfig config) throws SQLException {
        super("jdbc:sqlite:" + file, file.toString(), config.toProperties());
    }

    @Override
    public PreparedStatement prepareStatement(
            String sql, int type, int concurrency, int holdability) throws SQLException {
        Kept known = kept.remove(sql);
        if (known != null) {
            return known;
        }
        checkOpen();
        checkCursor(type, concurrency, holdability);
        return new Kept(this, sql);
    }

    private void keep(String sql, Kept statement) throws SQLException {
        Kept same = kept.put(sql, statement);
        if (same != null && same != statement) {
            same.end();
        }
        if (kept.size() > KEPT) {
            kept.pollFirstEntry().getValue().end();
        }
    }

    /** Its end is that of the connection, if not before. */
    private final class Kept extends JDBC4PreparedStatement {
        private final String text;

        Kept(SQLiteConnection connection, String sql) throws SQLException {
            super(connection, sql);
            this.text = sql;
        }

        @Override
        public void close() throws SQLException {
            // A statement that is not reset holds its snapshot; its values may be large.
            rs.close();
            clearParameters();
            clearBatch();
            keep(text, this);
        }

        void end() throws SQLException {
            super.close();
        }
    }
}
