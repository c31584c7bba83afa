package dev.batchwright.store;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Session-level advisory locks: each is held on a connection of its own, and the server gives it up
 * when that connection ends. A connection that breaks makes us dead to others while we still run,
 * so holders check it before they renew anything.
 */
final class AdvisoryPresence implements Presence {
    private static final int CHECK_SECONDS = 5;

    private final PostgresDatabase database;

    AdvisoryPresence(PostgresDatabase database) {
        this.database = database;
    }

    @Override
    public Held hold(String id) {
        try {
            Connection connection = database.connect();
            Sql.list(connection, "select pg_advisory_lock(?)", row -> true, key(id));
            return new Session(database, connection);
        } catch (SQLException e) {
            throw database.problem(e);
        }
    }

    @Override
    public boolean isAlive(String id) {
        return database.read(
                connection ->
                        Sql.list(
                                        connection,
                                        "select pg_try_advisory_xact_lock_shared(?) as free",
                                        row -> !row.getBoolean("free"),
                                        key(id))
                                .getFirst());
    }

    // Ids are random: 64 bits of a digest are as good as the id.
    private static long key(String id) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(id.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.wrap(digest).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java has SHA-256", e);
        }
    }

    @Override
    public void forget(String id) {
        // Nothing is left of a lock whose session ended.
    }

    @Override
    public void close() {
        // Each lock belongs to its holder.
    }

    private record Session(PostgresDatabase database, Connection connection) implements Held {
        @Override
        public void check() {
            try {
                if (!connection.isValid(CHECK_SECONDS)) {
                    throw new StoreException(
                            "The connection to the database was lost, and with it the right to the"
                                + " leases. Run the same command again: what was acknowledged is"
                                + " safe.");
                }
            } catch (SQLException e) {
                throw database.problem(e);
            }
        }

        // Explicitly: the server ends a session some time after its connection, and until then its
        // holder would look alive.
        @Override
        public void close() {
            try (connection) {
                giveUp();
            } catch (SQLException e) {
                throw database.problem(e);
            }
        }

        private void giveUp() {
            try {
                Sql.list(connection, "select pg_advisory_unlock_all()", row -> true);
            } catch (SQLException lost) {
                // With the connection the lock is lost, too.
            }
        }
    }
}
