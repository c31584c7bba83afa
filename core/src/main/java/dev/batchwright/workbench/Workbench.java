package dev.batchwright.workbench;

import dev.batchwright.config.Configuration;
import dev.batchwright.config.Environment;
import dev.batchwright.engine.JobRun;
import dev.batchwright.input.InputException;
import dev.batchwright.input.LoadReport;
import dev.batchwright.input.Warning;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.Limits;
import dev.batchwright.limit.Throttle;
import dev.batchwright.limit.Throttles;
import dev.batchwright.limit.Timer;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.price.PriceTable;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.provider.Provider;
import dev.batchwright.provider.Providers;
import dev.batchwright.provider.openai.OpenAiApi;
import dev.batchwright.retry.Backoff;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoreLocation;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;

/**
 * What jobs are run with, wired here and nowhere else: the store, the providers, the prices. Each
 * is opened when it is first needed, so that quick commands stay quick. Thread-safe; holds no job:
 * what runs must be over before it is closed.
 */
public final class Workbench implements AutoCloseable {
    private static final Backoff BACKOFF =
            new Backoff.Exponential(Duration.ofSeconds(1), Duration.ofSeconds(60));

    /** Safe for many threads. */
    private static final RandomGenerator CHANCE = () -> ThreadLocalRandom.current().nextLong();

    private final Settings settings;
    private final Environment environment;
    private final Configuration configuration;
    private final StoreLocation location;
    private final Map<Account, Throttles> throttles = new ConcurrentHashMap<>();
    private @Nullable JobStore store;
    private @Nullable Providers providers;
    private @Nullable PriceTable prices;

    /**
     * What a process finds around it, and was told.
     *
     * @param variables of the environment
     * @param directory where relative names start, and where {@code batchwright.yaml} and {@code
     *     .env} may lie
     * @param home of the user
     * @param store what the user said about where jobs are kept: a path or a PostgreSQL URL
     * @param watch what a store is put behind when it was opened, by those who look on
     */
    public record Settings(
            Map<String, String> variables,
            Path directory,
            Path home,
            Optional<String> store,
            Clock clock,
            UnaryOperator<JobStore> watch) {
        public Settings {
            variables = Map.copyOf(variables);
        }
    }

    /** Whose limits are counted together, and what was said about them. */
    private record Account(
            String provider,
            String name,
            OptionalInt concurrency,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute) {}

    private Workbench(
            Settings settings,
            Environment environment,
            Configuration configuration,
            StoreLocation location) {
        this.settings = settings;
        this.environment = environment;
        this.configuration = configuration;
        this.location = location;
    }

    /**
     * Reads the configuration; opens nothing yet.
     *
     * @throws dev.batchwright.config.ConfigurationException with all that is wrong with it
     * @throws RefusedException if the store's location makes no sense
     */
    public static Workbench open(Settings settings) {
        Path directory = settings.directory().toAbsolutePath();
        Path home = settings.home();
        Reading reading = Reading.of(settings);
        Environment environment = reading.environment();
        Configuration configuration = reading.configuration();
        Optional<String> said =
                settings.store()
                        .or(() -> environment.get("BATCHWRIGHT_STORE"))
                        .or(configuration.defaults()::store);
        try {
            StoreLocation location =
                    said.map(text -> StoreLocation.parse(text, directory, home))
                            .orElseGet(() -> StoreLocation.standard(home));
            return new Workbench(settings, environment, configuration, location);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    public Clock clock() {
        return settings.clock();
    }

    public Configuration configuration() {
        return configuration;
    }

    /**
     * Reads variables and configuration once more, as they are now, for what may change while a
     * process runs; what this workbench works with stays as it is.
     *
     * @throws dev.batchwright.config.ConfigurationException with all that is wrong with them
     */
    public Reading readAgain() {
        return Reading.of(settings);
    }

    /** What the configuration and its variables say. */
    public record Reading(Environment environment, Configuration configuration) {
        static Reading of(Settings settings) {
            Path directory = settings.directory().toAbsolutePath();
            var environment = Environment.of(settings.variables(), directory);
            return new Reading(
                    environment,
                    Configuration.load(
                            environment, directory, settings.home(), Providers.builtIn()));
        }
    }

    public StoreLocation location() {
        return location;
    }

    public synchronized JobStore store() {
        JobStore opened = store;
        if (opened == null) {
            opened = settings.watch().apply(usable(() -> JobStores.open(location, clock())));
            store = opened;
        }
        return opened;
    }

    public synchronized Providers providers() {
        Providers opened = providers;
        if (opened == null) {
            opened = Providers.open(configuration.providers(), environment, clock());
            providers = opened;
        }
        return opened;
    }

    public synchronized PriceTable prices() {
        PriceTable known = prices;
        if (known == null) {
            known = PriceTable.builtIn().with(configuration.prices());
            prices = known;
        }
        return known;
    }

    /** A directory for temporary files: beside a SQLite store, where there is room for jobs. */
    public Path scratch() {
        return usable(() -> JobStores.scratch(location));
    }

    /** A store that can't be opened is the wrong one: nothing was begun. */
    private static <T> T usable(Supplier<T> opening) {
        try {
            return opening.get();
        } catch (StoreException e) {
            throw new RefusedException(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses a job whose providers can't be called: an unknown one, no base URL, no key. */
    public void checkReachable(JobSpec spec) {
        spec.endpoints().keySet().forEach(name -> provider(spec, name));
    }

    /**
     * Reads requests into a new job, which is durable when this returns. With a problem anywhere,
     * nothing is kept.
     *
     * @param fresh whether it is to be a new job also if its fingerprint is known by now; otherwise
     *     the job that another process has made of it meanwhile is returned
     * @param read passes the requests on as items and reports
     * @param warn gets what is doubtful about them
     * @throws InputException with what is wrong with the requests
     * @throws RefusedException if they can't be run as asked
     */
    public Job submit(
            JobSpec spec,
            boolean fresh,
            Way way,
            Function<Consumer<Item>, LoadReport> read,
            Consumer<Warning> warn) {
        return submitDraft(spec, fresh, way, draft -> read.apply(draft::append), warn);
    }

    /**
     * The same for requests that are more than items: those that answer calls.
     *
     * @param fill appends items and reports
     * @throws dev.batchwright.store.CallsTakenException if another job answers one of the calls
     */
    public Job submitDraft(
            JobSpec spec,
            boolean fresh,
            Way way,
            Function<JobDraft, LoadReport> fill,
            Consumer<Warning> warn) {
        try (JobDraft draft = store().draft(spec)) {
            LoadReport report = fill.apply(draft);
            if (!report.valid()) {
                throw new InputException(report.problemText());
            }
            report.warnings().forEach(warn);
            JobSpec loaded =
                    spec.loaded(report.columns(), way.endpoints(report.providers().keySet()));
            checkReachable(loaded);
            checkLanes(loaded, report);
            checkPrices(loaded, report);
            store().updateSpec(draft.id(), loaded);
            Optional<Job> job = fresh ? Optional.of(draft.commit()) : draft.commitUnlessKnown();
            job.ifPresent(
                    made ->
                            store().addEvent(
                                            made.id(),
                                            "created",
                                            "%,d items".formatted(report.items())));
            return job.or(() -> store().findByFingerprint(spec.fingerprint())).orElseThrow();
        }
    }

    /**
     * Makes a job that is there already go on with the pace, patience and caps of another
     * submission.
     *
     * @throws RefusedException if its providers can't be reached
     */
    public void resume(Job job, JobSpec spec) {
        JobSpec merged = job.spec().resumedBy(spec);
        checkReachable(merged);
        store().updateSpec(job.id(), merged);
    }

    /** Refuses a cap on the cost of a model that has no known price: it could not be kept. */
    private void checkPrices(JobSpec spec, LoadReport report) {
        if (isCapped(spec)) {
            report.targets().keySet().forEach(target -> price(target.provider(), target.model()));
        }
    }

    /** Refuses a batch where there is none. */
    private void checkLanes(JobSpec spec, LoadReport report) {
        if (spec.mode() != Mode.BATCH) {
            return;
        }
        for (LoadReport.Target target : report.targets().keySet()) {
            BatchOffer offer =
                    offer(
                            spec.mode(),
                            Optional.of(provider(spec, target.provider())),
                            target.provider(),
                            target.endpoint(),
                            target.model());
            if (offer instanceof BatchOffer.NotOffered(String reason)) {
                throw new RefusedException(
                        "Batches alone were asked for, and %s. Leave the mode out, or use live."
                                .formatted(reason));
            }
        }
    }

    /**
     * What the batch lane can do for requests of this kind.
     *
     * @param provider empty where it can't be reached
     */
    public BatchOffer offer(
            Mode mode, Optional<Provider> provider, String name, String endpoint, String model) {
        Optional<String> reserve = reserve(mode, name);
        if (reserve.isPresent()) {
            return new BatchOffer.NotOffered(reserve.get());
        }
        return provider.flatMap(Provider::batch)
                .map(api -> api.offer(endpoint, model))
                .orElseGet(() -> new BatchOffer.NotOffered(name + " has no batch API"));
    }

    /** Why no batches are to be made there, whatever it offers; a clause. */
    Optional<String> reserve(Mode mode, String name) {
        return mode != Mode.BATCH && isOwnServer(name)
                ? Optional.of(
                        "whether %s takes batches is not known (--mode batch tries)"
                                .formatted(name))
                : Optional.empty();
    }

    /**
     * Whether it is a server of the user's own. It may copy the live API alone, so batches are
     * tried there only if the user says so.
     */
    public boolean isOwnServer(String name) {
        return providers().config(name).compatible() || name.equals(OpenAiApi.COMPATIBLE.name());
    }

    /** A provider as the user wants it reached, if it can be. */
    public Optional<Provider> provider(String name, Optional<JobSpec.Endpoint> said) {
        return providers().find(name, said.filter(Workbench::saysSomething))
                        instanceof Providers.Lookup.Found(Provider found)
                ? Optional.of(found)
                : Optional.empty();
    }

    private static boolean saysSomething(JobSpec.Endpoint endpoint) {
        return endpoint.baseUrl().isPresent() || endpoint.apiKeyEnv().isPresent();
    }

    /** Whether a job's cost is held down, by a cap of its own or one on its owner. */
    boolean isCapped(JobSpec spec) {
        return spec.maxCost().isPresent() || store().accounts().find(spec.owner()).isPresent();
    }

    /** Whether it is known what a model costs: where there is a cap, it must be. */
    public boolean isPriced(String provider, String model) {
        return prices().live(provider, model, Usage.NONE).isPresent();
    }

    Function<Usage, Cost> price(String provider, String model) {
        if (!isPriced(provider, model)) {
            throw new RefusedException(
                    "A cap on the cost can't be kept: the price of %s at %s is not known. Add it under `prices` in batchwright.yaml, or leave the cap out."
                            .formatted(
                                    model.isEmpty() ? "a request without a model" : model,
                                    provider));
        }
        return usage -> prices().live(provider, model, usage).orElseThrow();
    }

    public Provider provider(JobSpec spec, String name) {
        Optional<JobSpec.Endpoint> endpoint =
                Optional.ofNullable(spec.endpoints().get(name)).filter(Workbench::saysSomething);
        return switch (providers().find(name, endpoint)) {
            case Providers.Lookup.Found(Provider found) -> found;
            case Providers.Lookup.Refused(String problem) -> throw new RefusedException(problem);
        };
    }

    /** Makes a job that stopped early Active again, and gives it as it is now. */
    public Job activate(Job job) {
        JobState state = job.state();
        if (!(state instanceof JobState.Active)
                && store().transition(job.id(), state, new JobState.Active())) {
            store().addEvent(job.id(), "resumed", "");
        }
        return store().find(job.id()).orElse(job);
    }

    /**
     * @param announce gets what the run decides, in words
     */
    public JobRun newRun(Job job, Consumer<String> announce) {
        JobSpec spec = job.spec();
        return new JobRun(
                store(),
                job,
                mostCalls(spec),
                new JobRoutes(this, spec),
                new TokenEstimator(),
                new RetryPolicy(spec.live().maxAttempts(), BACKOFF, CHANCE),
                lanePolicy(),
                clock(),
                CHANCE,
                scratch(),
                announce);
    }

    public LanePolicy lanePolicy() {
        return configuration
                .defaults()
                .shortestBatch()
                .map(LanePolicy::new)
                .orElse(LanePolicy.STANDARD);
    }

    private int mostCalls(JobSpec spec) {
        return spec.endpoints().keySet().stream()
                .mapToInt(name -> concurrency(spec, name).orElse(Throttles.DEFAULT_CEILING))
                .sum();
    }

    private OptionalInt concurrency(JobSpec spec, String provider) {
        OptionalInt said = spec.live().concurrency();
        OptionalInt configured = providers().config(provider).pace("").concurrency();
        if (said.isPresent()) {
            return said;
        }
        return configured.isPresent() ? configured : provider(spec, provider).concurrency();
    }

    /**
     * What all calls of this process to one model of an account share, of however many jobs: what
     * the provider allows is counted once. A job that was given a pace of its own keeps that one,
     * with those that were given the same.
     */
    Throttle throttle(JobSpec spec, String provider, String model) {
        JobSpec.LiveSettings live = spec.live();
        var account =
                new Account(
                        provider,
                        provider(spec, provider).account(),
                        live.concurrency(),
                        live.requestsPerMinute(),
                        live.tokensPerMinute());
        return throttles
                .computeIfAbsent(
                        account,
                        any ->
                                new Throttles(
                                        (name, named) -> limits(spec, name, named),
                                        Timer.system(),
                                        CHANCE))
                .of(provider, model);
    }

    /** How the limits stand that calls of this process keep: those in use first, by their names. */
    public List<Throttles.Known> limiters() {
        return throttles.values().stream()
                .flatMap(account -> account.known().stream())
                .sorted(
                        Comparator.comparing(
                                        (Throttles.Known known) ->
                                                known.now().ofModel() + known.now().waiting() == 0)
                                .thenComparing(Throttles.Known::provider)
                                .thenComparing(Throttles.Known::model))
                .toList();
    }

    /** The command's word, completed by the configuration's. */
    private Limits limits(JobSpec spec, String provider, String model) {
        JobSpec.LiveSettings said = spec.live();
        var pace = providers().config(provider).pace(model);
        return new Limits(
                concurrency(spec, provider),
                said.requestsPerMinute().isPresent()
                        ? said.requestsPerMinute()
                        : pace.requestsPerMinute(),
                said.tokensPerMinute().isPresent()
                        ? said.tokensPerMinute()
                        : pace.tokensPerMinute());
    }

    @Override
    public synchronized void close() {
        if (providers != null) {
            providers.close();
        }
        if (store != null) {
            store.close();
        }
    }
}
