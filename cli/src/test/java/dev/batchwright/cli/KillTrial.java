package dev.batchwright.cli;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.Progress;
import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.BatchEntry;
import dev.batchwright.simulator.bill.Bill;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.store.StoredBatch;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/**
 * One job, in processes of its own that are killed as told and started again with the same command,
 * against a simulator of its own, until it has ended; and then the checks.
 *
 * <p>The job has batches of two models. Those of the first must wait for each other, because their
 * queue is small; those of the second go beside them. Some rows fail in a way that may pass, so
 * that there are batches of a second round, and all results come back in another order.
 */
final class KillTrial implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int MOST_STARTS = 40;
    private static final JsonMapper JSON = new JsonMapper();

    // An id of a provider: part of a path that has a digit, but for the version in front.
    private static final Pattern ID = Pattern.compile("(?<=/)(?!v1(beta)?/)[^/:?]*\\d[^/:?]*");

    private final QuickStart java;
    private final Format format;
    private final int items;
    private final Path folder;
    private final Simulator simulator;
    private final AtomicReference<Process> process = new AtomicReference<>();
    private final AtomicReference<Optional<KillPoint>> onWire =
            new AtomicReference<>(Optional.empty());
    private final List<String> kills = new ArrayList<>();
    private int starts;

    /** Whose batch API, with two of its models; the first has a small queue. */
    record Format(String provider, String keyVariable, String model, String otherModel) {
        static final List<Format> ALL =
                List.of(
                        new Format("openai", "OPENAI_API_KEY", "gpt-4o-mini", "gpt-4o"),
                        new Format(
                                "anthropic",
                                "ANTHROPIC_API_KEY",
                                "claude-haiku-4-5",
                                "claude-sonnet-4-5"),
                        new Format(
                                "gemini", "GEMINI_API_KEY", "gemini-2.5-flash", "gemini-2.5-pro"),
                        new Format(
                                "mistral",
                                "MISTRAL_API_KEY",
                                "mistral-small-latest",
                                "mistral-large-latest"));

        static Format named(String provider) {
            return ALL.stream()
                    .filter(format -> format.provider.equals(provider))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("no format: " + provider));
        }

        @Override
        public String toString() {
            return provider;
        }
    }

    /** When a process is killed. */
    sealed interface Death {
        /** Exactly there. */
        record At(KillPoint point) implements Death {
            @Override
            public String toString() {
                return point.toString();
            }
        }

        /** So long after its start. */
        record After(long millis) implements Death {
            @Override
            public String toString() {
                return "after " + millis + " ms";
            }
        }
    }

    /** Something that was promised does not hold. */
    static final class Broken extends Exception {
        Broken(String message) {
            super(message);
        }
    }

    KillTrial(QuickStart java, Format format, int items, long seed, Path folder)
            throws IOException {
        this.java = java;
        this.format = format;
        this.items = items;
        this.folder = Files.createDirectories(folder);
        writeInput();
        // The first third of the items is of the other model.
        Files.writeString(
                folder.resolve("batchwright.yaml"),
                """
                providers:
                  %s:
                    batch_lag: 1s
                    models:
                      %s:
                        enqueued_tokens: %d
                """
                        .formatted(format.provider, format.model, items * 6));
        simulator =
                Simulator.start(
                        SimulatorOptions.builder()
                                .eventLoops(1)
                                .provider(format.provider)
                                .seed(seed)
                                .batchTime("60ms")
                                .validationTime("20ms")
                                .quirk("row-fails=500:3% first=" + Math.max(1, items / 55))
                                .quirk("reorder")
                                .build());
    }

    private void writeInput() throws IOException {
        try (var out = Files.newBufferedWriter(folder.resolve("in.jsonl"))) {
            for (int i = 0; i < items; i++) {
                String model = i % 3 == 0 ? format.otherModel : format.model;
                out.write(
                        "{\"custom_id\":\"item-%d\",\"model\":\"%s\",\"prompt\":\"item %d.\"}\n"
                                .formatted(i, model, i));
            }
        }
    }

    /** The kills that have hit, in order. */
    List<String> kills() {
        return List.copyOf(kills);
    }

    /** Runs the job without a kill; gives the points that it came by, in order. */
    List<KillPoint> points() throws Exception {
        List<KillPoint> ofWire = new CopyOnWriteArrayList<>();
        listen(ofWire::add);
        Path file = folder.resolve("points");
        int code = runToItsEnd(List.of("-D" + MortalMain.POINTS + "=" + file.toAbsolutePath()));
        if (code != 0) {
            throw new Broken("Without a kill it ended with " + code + ":\n" + said());
        }
        check();
        var points = new ArrayList<KillPoint>();
        try (var lines = Files.lines(file)) {
            lines.map(KillPoint::parse).forEach(points::add);
        }
        points.addAll(ofWire);
        return points;
    }

    /**
     * Runs the job and kills its first processes like this, one after the other, and then to its
     * end; a death that does not come to pass is none.
     */
    void run(List<Death> deaths) throws Exception {
        listen(point -> {});
        for (Death death : deaths) {
            if (runTo(death)) {
                check();
                return;
            }
        }
        int code = runToItsEnd(List.of());
        if (code != 0) {
            throw new Broken("After its kills it ended with " + code + ":\n" + said());
        }
        check();
    }

    /** Whether it ended by itself. */
    private boolean runTo(Death death) throws Exception {
        int code =
                switch (death) {
                    case Death.At(KillPoint point) when point.isOfWire() -> {
                        onWire.set(Optional.of(point));
                        listen(any -> {});
                        yield runToItsEnd(List.of());
                    }
                    case Death.At(KillPoint point) ->
                            runToItsEnd(List.of("-D" + MortalMain.KILL_AT + "=" + point));
                    case Death.After(long millis) -> runFor(Duration.ofMillis(millis));
                };
        onWire.set(Optional.empty());
        return switch (code) {
            case 0 -> true;
            case MortalMain.KILLED -> {
                kills.add(death.toString());
                yield false;
            }
            default ->
                    throw new Broken("Start %d ended with %d:%n%s".formatted(starts, code, said()));
        };
    }

    private void listen(Consumer<KillPoint> observer) {
        var times = new KillPoint.Counter();
        simulator.onCall(
                new CallListener() {
                    @Override
                    public void before(String method, String path) {
                        pass("request " + name(method, path));
                    }

                    @Override
                    public void answered(String method, String path) {
                        pass("answer " + name(method, path));
                    }

                    private void pass(String place) {
                        KillPoint point = times.next(place);
                        observer.accept(point);
                        if (onWire.get().equals(Optional.of(point))) {
                            kill();
                        }
                    }
                });
    }

    private static String name(String method, String path) {
        return method + " " + ID.matcher(path).replaceAll("*");
    }

    private void kill() {
        Process running = process.get();
        running.destroyForcibly();
        try {
            running.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private int runToItsEnd(List<String> properties) throws Exception {
        start(properties);
        if (!process.get().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            throw new Broken("Start %d did not end:%n%s".formatted(starts, said()));
        }
        return process.get().exitValue();
    }

    private int runFor(Duration span) throws Exception {
        start(List.of());
        if (!process.get().waitFor(span.toMillis(), TimeUnit.MILLISECONDS)) {
            kill();
        }
        return process.get().exitValue();
    }

    private void start(List<String> properties) throws IOException, Broken {
        if (++starts > MOST_STARTS) {
            throw new Broken("It was started " + MOST_STARTS + " times.");
        }
        var command = new ArrayList<String>();
        command.addAll(java.command());
        command.add("-Duser.home=" + folder.toAbsolutePath());
        command.addAll(properties);
        command.add(MortalMain.class.getName());
        command.addAll(List.of("run", "in.jsonl", "-o", "out.jsonl", "--store", "store.db"));
        command.addAll(List.of("-p", format.provider, "--base-url", simulator.baseUrl()));
        command.addAll(List.of("--mode", "batch", "--poll-interval", "50ms"));
        var builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put(format.keyVariable, "key");
        builder.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
                .redirectOutput(log("out"))
                .redirectError(log("err"));
        process.set(builder.start());
    }

    private ProcessBuilder.Redirect log(String kind) {
        return ProcessBuilder.Redirect.to(folder.resolve("start-" + starts + "." + kind).toFile());
    }

    private String said() {
        try {
            return Files.readString(folder.resolve("start-" + starts + ".err"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- The checks

    private void check() throws IOException, Broken {
        checkResults();
        checkBill();
    }

    private void checkResults() throws IOException, Broken {
        int count = 0;
        try (BufferedReader lines = Files.newBufferedReader(folder.resolve("out.jsonl"))) {
            String line;
            while ((line = lines.readLine()) != null) {
                JsonNode result = JSON.readTree(line);
                same(
                        "the item of line " + count,
                        "item-" + count,
                        result.at("/custom_id").asString());
                same(
                        "the answer of item " + count,
                        "echo: item " + count + ".",
                        result.at("/response/body/choices/0/message/content").asString(""));
                count++;
            }
        }
        same("results", items, count);
    }

    private void checkBill() throws Broken {
        Bill bill = simulator.bill();
        same("executions in batches", Map.of(1, (long) items), bill.batchHistogram());
        same("live calls", 0L, bill.executed());
        List<BatchEntry> paid = bill.batches();
        try (JobStore store =
                JobStores.open(
                        new StoreLocation.Sqlite(folder.resolve("store.db")),
                        InstantSource.system())) {
            List<Job> jobs = store.jobs(10);
            same("jobs", 1, jobs.size());
            Job job = jobs.getFirst();
            List<StoredBatch> known = store.batches(job.id());
            same("batches", ids(known), paid.stream().map(BatchEntry::id).collect(sorted()));
            same(
                    "requests in batches of the first round",
                    (long) items,
                    requestsOfFirstRound(known, paid));
            same("unsettled batches", 0L, known.stream().filter(batch -> !batch.settled()).count());
            same("strays", List.of(), store.strays(job.id(), 10));
            Progress progress = store.progress(job.id());
            same("items with an answer", (long) items, progress.succeeded());
            same("tokens read", bill.batchPromptTokens(), progress.usage().inputTokens());
            same("tokens written", bill.batchCompletionTokens(), progress.usage().outputTokens());
            same("still reserved", Cost.ZERO, store.reserved(job.id()));
        }
    }

    private static Set<String> ids(List<StoredBatch> known) {
        return known.stream()
                .map(batch -> batch.batch().state())
                .map(
                        state ->
                                state instanceof BatchState.Ended ended
                                        ? ended.batchId().replace("batches/", "")
                                        : state.toString())
                .collect(sorted());
    }

    private static Collector<String, ?, ? extends Set<String>> sorted() {
        return Collectors.toCollection(TreeSet::new);
    }

    private static long requestsOfFirstRound(List<StoredBatch> known, List<BatchEntry> paid) {
        Set<String> first = ids(known.stream().filter(batch -> batch.round() == 1).toList());
        return paid.stream()
                .filter(batch -> first.contains(batch.id()))
                .mapToLong(BatchEntry::requests)
                .sum();
    }

    private static void same(String what, Object expected, Object found) throws Broken {
        if (!expected.equals(found)) {
            throw new Broken("%s: %s, not %s".formatted(what, found, expected));
        }
    }

    @Override
    public void close() {
        Process last = process.get();
        if (last != null && last.isAlive()) {
            kill();
        }
        simulator.close();
    }
}
