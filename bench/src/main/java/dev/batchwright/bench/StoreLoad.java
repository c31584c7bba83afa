package dev.batchwright.bench;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.store.Worker;

import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the store takes: outcomes of 2 KB in random order, each durable before its thread goes on,
 * and the index caught up; and claims of shards. Beside it, in turns, its limit: the same bytes
 * appended to a plain file with an fdatasync, or copied into a table of the same database with a
 * commit, for as many as there are threads, at most a thousand.
 *
 * <p>Arguments: a directory, a PostgreSQL database's address or nothing for a file, items, threads,
 * rounds. Prints a line of {@code name value} for each thing measured in each round.
 */
final class StoreLoad {
    private static final int MOST_IN_A_GROUP = 1000;
    private static final int ANSWER = 2000;
    // What a line of the journal has beside the answer.
    private static final int BESIDE_THE_ANSWER = 200;

    private final Path directory;
    private final StoreLocation store;
    private final int items;
    private final int threads;

    private StoreLoad(Path directory, StoreLocation store, int items, int threads) {
        this.directory = directory;
        this.store = store;
        this.items = items;
        this.threads = threads;
    }

    public static void main(String[] arguments) throws Exception {
        var directory = Path.of(arguments[0]);
        String store = arguments[1].isEmpty() ? "load.db" : arguments[1];
        var load =
                new StoreLoad(
                        directory,
                        StoreLocation.parse(store, directory, directory),
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]));
        for (int round = Integer.parseInt(arguments[4]); round > 0; round--) {
            load.measureLimit();
            load.measureStore(round);
        }
    }

    private static void print(String name, double value) {
        System.out.println(name + " " + value);
    }

    private void measureLimit() throws Exception {
        switch (store) {
            case StoreLocation.Sqlite file -> measureFile();
            case StoreLocation.Postgres database -> measureCopies(database);
        }
    }

    private void measureFile() throws IOException {
        byte[] answer = answer();
        int together = together();
        var group = ByteBuffer.allocateDirect(together * (answer.length + BESIDE_THE_ANSWER));
        Path file = directory.resolve("plain");
        long began = System.nanoTime();
        long used = cpu();
        try (var out =
                FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int i = 0; i < items; i += together) {
                group.clear();
                for (int j = 0; j < together; j++) {
                    group.put(answer).position(group.position() + BESIDE_THE_ANSWER);
                }
                out.write(group.flip());
                out.force(false);
            }
        }
        printLimit(began, used);
        Files.delete(file);
    }

    /** Of the database's CPU nothing is told: it works in processes of its own. */
    private void measureCopies(StoreLocation.Postgres database) throws Exception {
        var properties = new Properties();
        properties.putAll(database.properties());
        byte[] line = line();
        try (var connection = DriverManager.getConnection(database.url(), properties);
                var statement = connection.createStatement()) {
            statement.execute("create table plain (line text)");
            var copies = connection.unwrap(PGConnection.class).getCopyAPI();
            long began = System.nanoTime();
            long used = cpu();
            for (int i = 0; i < items; i += together()) {
                CopyIn copy = copies.copyIn("copy plain from stdin");
                for (int j = 0; j < together(); j++) {
                    copy.writeToCopy(line, 0, line.length);
                }
                copy.endCopy();
            }
            printLimit(began, used);
            statement.execute("drop table plain");
        }
    }

    private int together() {
        return Math.min(threads, MOST_IN_A_GROUP);
    }

    private void printLimit(long began, long used) {
        print("limit_lines_per_second", items / seconds(began));
        print("limit_line_cpu_us", (cpu() - used) / 1e3 / items);
    }

    private void measureStore(int round) throws Exception {
        try (JobStore open = JobStores.open(store, Clock.systemUTC())) {
            Job job = load(open, round);
            try (Worker worker = open.openWorker(job.id())) {
                List<Lease> leases = claim(worker);
                record(worker, leases);
            }
            open.delete(job.id());
        }
    }

    private Job load(JobStore open, int round) {
        long began = System.nanoTime();
        try (JobDraft draft = open.draft(Specs.of("load-" + round, Mode.LIVE))) {
            var body = RawJson.of("{\"model\":\"m\",\"messages\":[]}");
            for (long seq = 1; seq <= items; seq++) {
                var request = new Request("echo", "/v1/chat/completions", "m", body);
                draft.append(new Item(seq, "i" + seq, request, Optional.empty()));
            }
            Job job = draft.commit();
            print("loaded_items_per_second", items / seconds(began));
            return job;
        }
    }

    private static List<Lease> claim(Worker worker) {
        long began = System.nanoTime();
        var leases = new ArrayList<Lease>();
        for (List<Lease> some = worker.claim(Lane.LIVE, 1);
                !some.isEmpty();
                some = worker.claim(Lane.LIVE, 1)) {
            leases.addAll(some);
        }
        print("claims_per_second", leases.size() / seconds(began));
        return leases;
    }

    private record Work(Lease lease, Item item) {}

    private void record(Worker worker, List<Lease> leases) throws Exception {
        var all = new ArrayList<Work>(items);
        for (Lease lease : leases) {
            try (var pending = worker.pending(lease)) {
                pending.forEach(item -> all.add(new Work(lease, item)));
            }
        }
        Collections.shuffle(all, new Random(7));
        var reply = new Reply(200, "req", RawJson.of(answer()));
        var outcome = new Outcome.Succeeded(1, reply, new Usage(10, 2, 5), new Cost(3));
        var next = new AtomicInteger();
        long written = written();
        long began = System.nanoTime();
        long used = cpu();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var done = new ArrayList<Future<?>>();
            for (int i = 0; i < threads; i++) {
                done.add(
                        pool.submit(
                                () -> {
                                    for (int at = next.getAndIncrement();
                                            at < items;
                                            at = next.getAndIncrement()) {
                                        Work work = all.get(at);
                                        worker.record(work.lease(), work.item(), outcome);
                                    }
                                    return null;
                                }));
            }
            for (Future<?> each : done) {
                each.get();
            }
        }
        double acknowledged = seconds(began);
        worker.flush();
        print("acknowledged_per_second", items / acknowledged);
        print("outcomes_per_second", items / seconds(began));
        print("outcome_cpu_us", (cpu() - used) / 1e3 / items);
        if (store instanceof StoreLocation.Sqlite) {
            print("written_per_byte", (double) (written() - written) / items / ANSWER);
        }
    }

    /** As long as a line of the journal is, and ended. */
    private static byte[] line() {
        byte[] line = new byte[ANSWER + BESIDE_THE_ANSWER];
        Arrays.fill(line, (byte) 'a');
        line[line.length - 1] = '\n';
        return line;
    }

    private static byte[] answer() {
        byte[] text = new byte[ANSWER];
        Arrays.fill(text, (byte) 'a');
        text[0] = '"';
        text[ANSWER - 1] = '"';
        return text;
    }

    /** Bytes that this process has had written to disk, by the kernel's account. */
    private static long written() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/io"))) {
            if (line.startsWith("write_bytes: ")) {
                return Long.parseLong(line.substring("write_bytes: ".length()));
            }
        }
        throw new IOException("/proc/self/io does not tell what was written");
    }

    /** Nanoseconds of all threads of this process. */
    private static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos();
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }
}
