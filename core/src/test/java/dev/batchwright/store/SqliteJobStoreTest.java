package dev.batchwright.store;

import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

class SqliteJobStoreTest extends JobStoreContract {
    @TempDir Path directory;

    private Path file() {
        return directory.resolve("home/batchwright.db");
    }

    @Override
    JobStore connect() {
        return JobStores.sqlite(file(), Duration.ofSeconds(2), clock);
    }

    @Override
    String location() {
        return file().toString();
    }

    @Override
    void sql(String statement) throws SQLException {
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            Sql.update(connection, statement);
        }
    }

    @Override
    void createVersion(
            int version, JobId job, Map<String, byte[]> segments, Database.Work<Boolean> rows)
            throws Exception {
        Path home = directory.resolve("home");
        Path kept = home.resolve("batchwright.db-segments").resolve(job.value());
        Files.createDirectories(kept);
        for (var segment : segments.entrySet()) {
            Files.write(kept.resolve(segment.getKey()), segment.getValue());
        }
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file())) {
            Migrations.run(connection, "sqlite", "v" + version, version);
            rows.on(connection);
        }
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void nobody_else_can_read_its_files() throws Exception {
        JobStore store = open();
        Job job = load(store, "f1", 3);
        try (Worker worker = store.openWorker(job.id())) {
            recordAll(worker, worker.claim(Lane.LIVE, 1).getFirst());
            try (var all = Files.walk(directory.resolve("home"))) {
                for (Path path : (Iterable<Path>) all::iterator) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                            .as(path.toString())
                            .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
                }
            }
        }
    }

    @Test
    void deleting_a_job_removes_its_files() throws Exception {
        JobStore store = open();
        Job job = load(store, "f1", 3);
        Path segments = directory.resolve("home/batchwright.db-segments/" + job.id());
        assertThat(segments).isDirectoryContaining("glob:**input.jsonl");
        store.delete(job.id());
        assertThat(segments).doesNotExist();
    }

    @Test
    void segments_without_a_job_go_with_the_next_draft() throws Exception {
        JobStore store = open();
        Path orphan = directory.resolve("home/batchwright.db-segments/job_orphan");
        Files.createDirectories(orphan);
        Files.writeString(orphan.resolve("input.jsonl"), "{}");
        load(store, "f1", 1);
        assertThat(orphan).doesNotExist();
    }

    @Test
    void a_locked_database_is_reported_with_what_to_do() throws Exception {
        JobStore store = JobStores.sqlite(file(), Duration.ofMillis(50), clock);
        Job job = load(store, "f1", 1);
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                var statement = connection.createStatement()) {
            statement.execute("begin immediate");
            assertThatThrownBy(() -> store.addEvent(job.id(), "resumed", ""))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("locked by another process")
                    .hasMessageContaining("run the same command again");
            assertThat(store.progress(job.id()).items()).isEqualTo(1);
            statement.execute("rollback");
        }
        store.addEvent(job.id(), "resumed", "");
        store.close();
    }

    @Test
    void a_file_that_is_no_store_is_refused() throws Exception {
        Path notes = directory.resolve("notes.txt");
        Files.writeString(
                notes, "Dear diary, today I wrote a file that is not a database. ".repeat(20));
        assertThatThrownBy(() -> JobStores.open(new StoreLocation.Sqlite(notes), clock))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("not a Batchwright store");
    }

    /** A store whose workers die when a test says so, and whose disk is full when it says so. */
    private final class Fragile implements AutoCloseable {
        private final Set<String> dead = ConcurrentHashMap.newKeySet();
        private volatile boolean diskFull;
        private final JobStore store;

        Fragile() {
            connect().close();
            Path root = directory.resolve("home/batchwright.db-segments");
            var presence = new FilePresence(root.resolve("workers"));
            var files = new FileSegments(root);
            store =
                    new DatabaseJobStore(
                            new SqliteDatabase(file(), Duration.ofSeconds(2)),
                            new FullDisk(files),
                            new FileContents(root.resolve("files")),
                            new Mortal(presence),
                            clock);
        }

        @Override
        public void close() {
            store.close();
        }

        private final class Mortal implements Presence {
            private final Presence presence;

            Mortal(Presence presence) {
                this.presence = presence;
            }

            @Override
            public Held hold(String id) {
                return presence.hold(id);
            }

            @Override
            public boolean isAlive(String id) {
                return !dead.contains(id) && presence.isAlive(id);
            }

            @Override
            public void forget(String id) {
                presence.forget(id);
            }

            @Override
            public void close() {
                presence.close();
            }
        }

        private final class FullDisk implements Segments {
            private final Segments segments;

            FullDisk(Segments segments) {
                this.segments = segments;
            }

            @Override
            public Writer create(JobId job, String name) {
                return filling(segments.create(job, name));
            }

            @Override
            public Writer grow(JobId job, String name) {
                return filling(segments.grow(job, name));
            }

            private Writer filling(Writer writer) {
                return new Writer() {
                    @Override
                    public long position() {
                        return writer.position();
                    }

                    @Override
                    public void append(byte[] bytes, int offset, int length) throws IOException {
                        // Half a line fits.
                        writer.append(bytes, offset, diskFull ? length / 2 : length);
                    }

                    @Override
                    public void sync() throws IOException {
                        writer.sync();
                        if (diskFull) {
                            throw new IOException("No space left on device");
                        }
                    }

                    @Override
                    public void close() throws IOException {
                        writer.close();
                    }
                };
            }

            @Override
            public Reader open(JobId job, String name) {
                return segments.open(job, name);
            }

            @Override
            public void discard(JobId job, String name) {
                segments.discard(job, name);
            }

            @Override
            public void delete(JobId job) {
                segments.delete(job);
            }

            @Override
            public Set<JobId> jobs() {
                return segments.jobs();
            }

            @Override
            public void close() {
                segments.close();
            }
        }
    }

    @Test
    @Timeout(60)
    void a_full_disk_ends_the_worker_for_all_who_wait_and_loses_nothing_acknowledged()
            throws Exception {
        JobId id;
        try (var fragile = new Fragile()) {
            id = load(fragile.store, "f1", 50).id();
            Worker worker = fragile.store.openWorker(id);
            Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
            List<Item> items = pending(worker, lease);
            worker.record(lease, items.get(0), ok(1));
            fragile.diskFull = true;
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var calls = new ArrayList<Future<?>>();
                for (Item item : items.subList(1, 50)) {
                    calls.add(
                            threads.submit(
                                    () -> {
                                        worker.record(lease, item, ok(item.seq()));
                                        return true;
                                    }));
                }
                for (Future<?> call : calls) {
                    assertThatThrownBy(call::get)
                            .isInstanceOf(ExecutionException.class)
                            .cause()
                            .isInstanceOf(StoreException.class)
                            .hasMessageContaining("No space left on device")
                            .hasMessageContaining("Free some space");
                }
            }
            assertThatThrownBy(worker::renew).hasMessageContaining("No space left");
            assertThatThrownBy(worker::flush).hasMessageContaining("No space left");
            worker.close();
        }
        JobStore store = open();
        assertThat(store.progress(id).succeeded()).isEqualTo(1);
        try (Worker worker = store.openWorker(id)) {
            Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
            assertThat(pending(worker, lease)).hasSize(49);
            recordAll(worker, lease);
        }
        assertThat(store.progress(id).succeeded()).isEqualTo(50);
        assertThat(store.strays(id, 9)).isEmpty();
    }

    @Test
    void a_full_disk_refuses_calls_and_loses_none_that_was_accepted() throws Exception {
        try (var fragile = new Fragile();
                Gatherer gatherer = fragile.store.gatherer()) {
            Instant until = clock.instant().plus(Duration.ofHours(1));
            CallKey first = CallKey.first(new byte[] {1});
            CallKey second = CallKey.first(new byte[] {2});
            GrowingJob growing = gatherer.begin(spec("calls"));
            growing.add(first, 0, "call-1", item(1).request(), until);
            gatherer.accept();

            fragile.diskFull = true;
            growing.add(second, 0, "call-2", item(2).request(), until);
            assertThatThrownBy(gatherer::accept)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("No space left on device")
                    .hasMessageContaining("what was accepted before is safe");
            assertThat(growing.isBroken()).isTrue();
            assertThat(open().calls().find(List.of(first, second), clock.instant()))
                    .containsOnlyKeys(first);

            fragile.diskFull = false;
            Job job = growing.finish().orElseThrow();
            assertThat(job.items()).isEqualTo(1);
            try (Worker worker = fragile.store.openWorker(job.id())) {
                assertThat(pending(worker, worker.claim(Lane.LIVE, 1).getFirst())).hasSize(1);
            }
        }
    }

    @Test
    void a_torn_last_line_is_ignored_and_a_damaged_one_is_a_stray() throws Exception {
        try (var fragile = new Fragile()) {
            JobStore store = fragile.store;
            Job job = load(store, "f1", 5);
            Worker dead = store.openWorker(job.id());
            Lease lease = dead.claim(Lane.LIVE, 1).getFirst();
            dead.record(lease, item(1), ok(1));
            dead.flush();
            fragile.dead.add(dead.id());

            Path segment =
                    directory.resolve(
                            "home/batchwright.db-segments/%s/outcomes-%s.jsonl"
                                    .formatted(job.id(), dead.id()));
            long damagedAt = Files.size(segment);
            var line = new JsonLine(10).raw("{\"seq\":2}").seal();
            String good = Files.readString(segment).replace("\"seq\":1", "\"seq\":3");
            String json = good.substring(0, good.indexOf('\t'));
            var third = new JsonLine(10).raw(json).seal();
            append(segment, "{\"seq\":4}\t00000000\n");
            append(segment, new String(line.bytes(), 0, line.length(), StandardCharsets.UTF_8));
            append(segment, new String(third.bytes(), 0, third.length(), StandardCharsets.UTF_8));
            append(segment, "{\"seq\":5}\t00000000\n{\"seq\":5,\"sha");

            try (Worker worker = store.openWorker(job.id())) {
                assertThat(seqs(pending(worker, worker.claim(Lane.LIVE, 1).getFirst())))
                        .containsExactly(2L, 4L, 5L);
            }
            assertThat(store.strays(job.id(), 9))
                    .hasSize(2)
                    .allMatch(stray -> stray.reason().startsWith("damaged"))
                    .first()
                    .satisfies(stray -> assertThat(stray.offset()).isEqualTo(damagedAt));
            assertThat(results(store, job.id(), Selection.SUCCEEDED)).hasSize(2);
            dead.close();
        }
    }

    private static void append(Path file, String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.APPEND);
    }
}
