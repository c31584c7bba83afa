package dev.batchwright.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;

/**
 * The numbered steps from an empty database to the schema of this version: the same numbers for
 * both databases. Runs inside the caller's write transaction, so that of two processes that open a
 * new store at once one migrates and the other finds it done.
 */
final class Migrations {
    private static final List<String> STEPS =
            List.of(
                    "001_jobs",
                    "002_batches",
                    "003_calls",
                    "004_owners",
                    "005_hosted",
                    "006_views",
                    "007_accounts",
                    "008_events_and_cancels",
                    "009_numbers");

    private Migrations() {}

    static int newest() {
        return STEPS.size();
    }

    static int version(Connection connection) throws SQLException {
        return Sql.first(
                        connection,
                        "select version from schema_version",
                        row -> row.getInt("version"))
                .orElse(0);
    }

    /** Refuses a store that a newer Batchwright wrote: an older one would misread it. */
    static void refuseNewer(int found, String store) {
        if (found > newest()) {
            throw new StoreException(
                    """
                    The store %s has schema version %d; this Batchwright knows versions up to %d. \
                    A newer Batchwright has written it: use that one, or name another store with \
                    --store.\
                    """
                            .formatted(store, found, newest()));
        }
    }

    static void run(Connection connection, String dialect, String store) throws SQLException {
        run(connection, dialect, store, newest());
    }

    /** As a Batchwright would that knows no version above this one. */
    static void run(Connection connection, String dialect, String store, int version)
            throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "create table if not exists schema_version (version integer not null)");
            int found = version(connection);
            refuseNewer(found, store);
            if (found == 0) {
                statement.execute("insert into schema_version (version) values (0)");
            }
            for (String step : STEPS.subList(found, version)) {
                for (String sql : read(dialect, step).split(";\\s*\\n", -1)) {
                    if (!sql.isBlank()) {
                        statement.execute(sql);
                    }
                }
            }
        }
        Sql.update(connection, "update schema_version set version = ?", version);
    }

    private static String read(String dialect, String step) {
        String name = "migrations/" + dialect + "/" + step + ".sql";
        try (InputStream in = Migrations.class.getResourceAsStream(name)) {
            return new String(
                    Objects.requireNonNull(in, name).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new StoreException("The migration %s can't be read.".formatted(name), e);
        }
    }
}
