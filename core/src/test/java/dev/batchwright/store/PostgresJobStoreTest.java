package dev.batchwright.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/** One server for all tests; a database of its own for each. */
class PostgresJobStoreTest extends JobStoreContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private String location = "";

    @BeforeAll
    static void startServer() throws IOException {
        try {
            server = EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
        } catch (IllegalStateException e) {
            abort("No PostgreSQL binaries for this platform: " + e.getMessage());
        }
    }

    @AfterAll
    static void stopServer() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    @BeforeEach
    void createDatabase() throws SQLException {
        if (server == null) {
            throw new IllegalStateException("The server did not start");
        }
        String name = "store" + DATABASES.incrementAndGet();
        String url = server.getJdbcUrl("postgres", "postgres");
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        location = server.getJdbcUrl("postgres", name);
    }

    @Test
    void a_transaction_that_stands_still_is_ended_when_its_leases_have_run_out() {
        try (var database =
                new PostgresDatabase(
                        (StoreLocation.Postgres) StoreLocation.parse(location, Path.of("/")))) {
            String limit =
                    database.write(
                            connection ->
                                    Sql.list(
                                                    connection,
                                                    "show idle_in_transaction_session_timeout",
                                                    row -> row.getString(1))
                                            .getFirst());

            assertThat(limit).isEqualTo(Worker.LEASE_TIME.toSeconds() + "s");
        }
    }

    @Override
    JobStore connect() {
        return JobStores.open(StoreLocation.parse(location, Path.of("/")), clock);
    }

    @Override
    String location() {
        return location;
    }

    @Override
    void setSchemaVersion(int version) throws SQLException {
        try (var connection = DriverManager.getConnection(location)) {
            Sql.update(connection, "update schema_version set version = ?", version);
        }
    }
}
