package dev.batchwright;

import dev.batchwright.input.Fingerprint;
import dev.batchwright.input.InputLoader;
import dev.batchwright.input.InputSource;
import dev.batchwright.input.RequestOptions;
import dev.batchwright.job.Cost;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * LLM requests in bulk: jobs are submitted, run in the background, and remembered in a store, so
 * that nothing is lost and nothing is paid twice, whatever happens to this process.
 *
 * <pre>{@code
 * try (var batchwright = Batchwright.open()) {
 *     Job<String> job = batchwright.submit(JobSpec.of("triage")
 *         .model("gpt-5-mini")
 *         .items(tickets, ticket -> Request.chat().id(ticket.id()).user("Classify: " + ticket.text())));
 *     for (Result<String> result : job.results()) {
 *         switch (result) {
 *             case Result.Succeeded<String> ok -> save(ok.customId(), ok.value());
 *             case Result.Failed<String> failed -> log.warn("{}: {}", failed.customId(), failed.error().message());
 *         }
 *     }
 * }
 * }</pre>
 *
 * <p>Keys come from the variables of the providers, as {@code OPENAI_API_KEY}, settings from {@code
 * batchwright.yaml} and {@code .env}, as for the command line. Jobs that are unfinished when it is
 * closed, or when the process dies, go on when they are submitted again, or when somebody asks for
 * their results; the command line sees them, too. Several processes may have one store open.
 *
 * <p>Thread-safe. To be opened once in a program, and kept: it holds connections to the store and
 * to the providers.
 */
public final class Batchwright implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Batchwright.class);

    private final Workbench workbench;
    private final Crew crew;
    private volatile boolean closed;
    private final Map<JobId, Work> works = new ConcurrentHashMap<>();
    private final Map<JobId, Rounds> rounds = new ConcurrentHashMap<>();
    private final Map<JobId, CompletableFuture<JobStatus>> ends = new ConcurrentHashMap<>();
    private final List<Telling<?>> tellings = new CopyOnWriteArrayList<>();

    private Batchwright(Workbench workbench) {
        this.workbench = workbench;
        this.crew = new Crew(workbench);
    }

    /**
     * Opens the store of the environment: that of {@code BATCHWRIGHT_STORE} or of {@code
     * batchwright.yaml}, or else {@code ~/.batchwright/batchwright.db}.
     *
     * @return it, to be closed
     * @throws InvalidJobException if the configuration is wrong
     * @throws StoreFailedException if the store can't be opened
     */
    public static Batchwright open() {
        return builder().open();
    }

    /**
     * Says where the store is, and what else does not come from the environment.
     *
     * @return a builder that has what the environment says
     */
    public static Builder builder() {
        return new Builder();
    }

    /** How a {@link Batchwright} is to be opened. For one thread. */
    public static final class Builder {
        private final Map<String, String> variables = new HashMap<>(System.getenv());
        private Path directory = Path.of("");
        private Optional<String> store = Optional.empty();
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /**
         * Keeps jobs in a SQLite file, which is made if there is none.
         *
         * @param file its folder must be there or can be made
         * @return this builder
         */
        public Builder store(Path file) {
            return store(file.toString());
        }

        /**
         * Keeps jobs in a SQLite file or a PostgreSQL database.
         *
         * @param location a file name, or {@code jdbc:postgresql://...}
         * @return this builder
         */
        public Builder store(String location) {
            store = Optional.of(location);
            return this;
        }

        /**
         * Says where {@code batchwright.yaml} and {@code .env} may lie; without it, that is the
         * working directory.
         *
         * @param path a folder; neither file needs to be there
         * @return this builder
         */
        public Builder directory(Path path) {
            directory = path;
            return this;
        }

        /**
         * Stands for a variable of the environment, such as a key. It is not stored.
         *
         * @param name as in {@code OPENAI_API_KEY}
         * @param value goes before the environment's and that of {@code .env}
         * @return this builder
         */
        public Builder variable(String name, String value) {
            variables.put(name, value);
            return this;
        }

        /**
         * Says what time deadlines and leases go by; without it, that is the system's.
         *
         * @param value a clock
         * @return this builder
         */
        public Builder clock(Clock value) {
            clock = value;
            return this;
        }

        /**
         * Opens the store.
         *
         * @return it, to be closed
         * @throws InvalidJobException if the configuration is wrong
         * @throws StoreFailedException if the store can't be opened
         */
        public Batchwright open() {
            var home = Path.of(System.getProperty("user.home"));
            var settings =
                    new Workbench.Settings(
                            variables, directory, home, store, clock, opened -> opened);
            return Failures.translated(
                    () -> {
                        var workbench = Workbench.open(settings);
                        workbench.store();
                        return new Batchwright(workbench);
                    });
        }
    }

    /**
     * Makes a job of its requests, each checked, and begins with it. When this returns it is
     * durable; it does not wait for answers. The time it takes is that of reading the items.
     *
     * <p>If the same job is in the store (see {@link JobSpec}), that one goes on, with the pace,
     * deadline and caps of this submission; one that is finished has its results at once.
     *
     * @param <T> what answers are read as
     * @param spec what is to be done, and how
     * @return a handle on the job, new or found
     * @throws InvalidJobException if a request or a setting is wrong: nothing was sent
     * @throws StoreFailedException if the store fails: nothing was sent
     */
    public <T> Job<T> submit(JobSpec<T> spec) {
        return Failures.translated(
                () -> {
                    var stored = find(spec);
                    var job = new Job<>(this, stored.id(), stored.spec(), spec.reading);
                    CompletableFuture<JobStatus> unusedEnd = end(job);
                    tell(job, spec.listeners);
                    return job;
                });
    }

    private <T> dev.batchwright.job.Job find(JobSpec<T> spec) {
        JobSpec.Settings said = spec.said;
        var way = new Way(workbench, said.way());
        RequestOptions options = spec.requestOptions();
        try (InputSource source = said.open(workbench.scratch(), spec.binding(way.router()))) {
            String fingerprint = JobSpec.fingerprint(said.name, Fingerprint.of(source, options));
            var asked = said.stored(way, workbench.clock(), fingerprint, source.name());
            Optional<dev.batchwright.job.Job> before =
                    said.fresh ? Optional.empty() : store().findByFingerprint(fingerprint);
            if (before.isPresent()) {
                return resume(before.get(), asked);
            }
            var loader =
                    new InputLoader(
                            source, options, way.router(), way.check(), workbench.scratch());
            return workbench.submit(
                    asked,
                    said.fresh,
                    way,
                    loader::load,
                    warning -> LOG.warn("{}: {}", said.name, warning));
        }
    }

    private dev.batchwright.job.Job resume(
            dev.batchwright.job.Job job, dev.batchwright.job.JobSpec asked) {
        List<JobId> rounds = Rounds.all(store(), job.id());
        for (JobId id : rounds) {
            var round = store().find(id).orElse(job);
            if (!(round.state() instanceof JobState.Finished)) {
                if (store().workers(id).isEmpty()) {
                    Optional<Cost> left = asked.maxCost();
                    for (JobId other : rounds) {
                        Cost spent = other.equals(id) ? Cost.ZERO : store().progress(other).cost();
                        left = left.map(cost -> cost.minus(spent));
                    }
                    workbench.resume(round, asked.again(round.spec().fingerprint(), left));
                }
                workbench.activate(round);
            }
        }
        return store().find(job.id()).orElse(job);
    }

    /**
     * A job by its id, from this or any other program; its answers are read as text. Nobody begins
     * with it before it is waited for or its results are asked for.
     *
     * @param id as {@link Job#id} had it
     * @return empty if the store has no such job
     * @throws InvalidJobException if this can't be an id
     */
    public Optional<Job<String>> job(String id) {
        return Failures.translated(
                () -> {
                    JobId parsed;
                    try {
                        parsed = JobId.parse(id);
                    } catch (IllegalArgumentException e) {
                        throw new InvalidJobException(String.valueOf(e.getMessage()));
                    }
                    return store().find(parsed).map(this::handle);
                });
    }

    /**
     * {@return the newest jobs of the store, newest first}
     *
     * @param limit the most that are wanted
     */
    public List<Job<String>> jobs(int limit) {
        return Failures.translated(() -> store().jobs(limit).stream().map(this::handle).toList());
    }

    private Job<String> handle(dev.batchwright.job.Job stored) {
        return new Job<>(this, stored.id(), stored.spec(), new Reading.Text());
    }

    boolean isClosed() {
        return closed;
    }

    JobStore store() {
        return workbench.store();
    }

    Workbench workbench() {
        return workbench;
    }

    /** The work on a job, which begins now if it has not. */
    Work work(JobId id) {
        works.values().removeIf(Work::isOver);
        return works.computeIfAbsent(id, this::begin);
    }

    private Work begin(JobId id) {
        var job =
                store().find(id)
                        .orElseThrow(
                                () -> new InvalidJobException("Job %s was deleted.".formatted(id)));
        return new Work(store(), crew, job);
    }

    /**
     * The rounds of a job whose answers are read like this. While somebody here asks again for the
     * job, they are his for all: who reads as another type joins them.
     */
    <T> Rounds rounds(Job<T> job) {
        Rounds atWork = rounds.get(job.storedId());
        return atWork == null ? new Rounds(this, job.storedId(), job.reading()) : atWork;
    }

    /** The end of a job and of what is asked again for it; the work on both begins now. */
    <T> CompletableFuture<JobStatus> end(Job<T> job) {
        JobId id = job.storedId();
        if (!(job.reading() instanceof Reading.Typed<T>) && Rounds.all(store(), id).size() == 1) {
            return work(id).end();
        }
        ends.values().removeIf(CompletableFuture::isDone);
        return ends.computeIfAbsent(id, any -> endOfRounds(job));
    }

    /** A job that is finished, but may have to ask again, is still running. */
    JobStatus status(JobId id) {
        JobStatus stored = Work.status(store(), id);
        CompletableFuture<JobStatus> end = ends.get(id);
        return end != null && !end.isDone() && stored.state() == JobStatus.State.FINISHED
                ? stored.with(JobStatus.State.RUNNING)
                : stored;
    }

    private <T> CompletableFuture<JobStatus> endOfRounds(Job<T> job) {
        var end = new CompletableFuture<JobStatus>();
        var its = new Rounds(this, job.storedId(), job.reading());
        rounds.put(job.storedId(), its);
        Thread.ofVirtual()
                .name("rounds of " + job.id())
                .start(
                        () -> {
                            try {
                                its.toTheEnd();
                                rounds.remove(job.storedId(), its);
                                end.complete(Work.status(store(), job.storedId()));
                            } catch (InterruptedException | RuntimeException e) {
                                rounds.remove(job.storedId(), its);
                                end.completeExceptionally(e);
                            }
                        });
        return end;
    }

    private <T> void tell(Job<T> job, Listeners<T> listeners) {
        tellings.removeIf(Telling::isOver);
        if (listeners.anyone()) {
            tellings.add(new Telling<>(job, listeners));
        }
    }

    /**
     * Stops the work on all jobs, and waits until calls under way are over, ten seconds at most.
     * Unfinished jobs stay as they are, and go on later; their batches go on at the providers.
     */
    @Override
    public void close() {
        closed = true;
        crew.close();
        ends.values().forEach(end -> end.handle((status, problem) -> true).join());
        tellings.forEach(Telling::join);
        workbench.close();
    }
}
