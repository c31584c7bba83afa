package dev.batchwright.store;

import static dev.batchwright.store.Samples.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;

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
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One server for all tests; a database of its own for each. */
class PostgresJobStoreTest extends JobStoreContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static @Nullable EmbeddedPostgres server;

    private String location = "";

    @BeforeAll
    static void startServer() throws IOException {
        try {
            server =
                    EmbeddedPostgres.builder()
                            .setServerConfig("max_connections", "200")
                            // No power is cut here; what a kill leaves behind is the same.
                            .setServerConfig("fsync", "off")
                            .setServerConfig("full_page_writes", "off")
                            .start();
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
        try (var database = new PostgresDatabase(place(), InstantSource.system())) {
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

    @Test
    void a_worker_whose_clock_is_wrong_takes_nothing_from_a_healthy_one() {
        InstantSource right = InstantSource.system();
        for (int wrong : new int[] {40, -40}) {
            InstantSource other = () -> right.instant().plusSeconds(wrong);
            try (JobStore here = on(right);
                    JobStore there = on(other)) {
                JobId job = load(here, "f" + wrong, 3).id();
                try (Worker healthy = here.openWorker(job);
                        Worker eager = there.openWorker(job)) {
                    Worker first = wrong > 0 ? healthy : eager;
                    Worker second = wrong > 0 ? eager : healthy;
                    assertThat(first.claim(Lane.LIVE, 9)).hasSize(1);
                    assertThat(second.claim(Lane.LIVE, 9)).isEmpty();
                    first.renew();
                    assertThat(second.claim(Lane.LIVE, 9)).isEmpty();
                    assertThat(here.workers(job)).hasSize(2);
                    assertThat(there.workers(job)).hasSize(2);
                }
            }
        }
    }

    private JobStore on(InstantSource machine) {
        var database = new PostgresDatabase(place(), machine);
        return new DatabaseJobStore(
                database,
                new TableSegments(database),
                new TableContents(database),
                new AdvisoryPresence(database),
                machine);
    }

    private StoreLocation.Postgres place() {
        return (StoreLocation.Postgres) StoreLocation.parse(location, Path.of("/"));
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
    void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection(location)) {
            Sql.update(connection, statement);
        }
    }

    @Override
    void createVersion(
            int version, JobId job, Map<String, byte[]> segments, Database.Work<Boolean> rows)
            throws SQLException {
        try (var connection = DriverManager.getConnection(location)) {
            Migrations.run(connection, "postgres", "v" + version, version);
            rows.on(connection);
            for (var segment : segments.entrySet()) {
                Sql.update(
                        connection,
                        "insert into segment_chunk values (?, ?, 0, ?)",
                        job.value(),
                        segment.getKey(),
                        segment.getValue());
            }
        }
    }
}
