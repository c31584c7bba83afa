package dev.batchwright.cli;

import dev.batchwright.config.Configuration;
import dev.batchwright.config.Environment;
import dev.batchwright.engine.JobRun;
import dev.batchwright.input.InputSource;
import dev.batchwright.input.LoadReport;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.Limits;
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
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreException;
import dev.batchwright.store.StoreLocation;

import org.jspecify.annotations.Nullable;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a command works with, wired here and nowhere else. The store and the providers are opened
 * when they are first needed, so that quick commands stay quick.
 */
final class Workbench implements AutoCloseable {
    private static final Backoff BACKOFF =
            new Backoff.Exponential(Duration.ofSeconds(1), Duration.ofSeconds(60));

    /** Safe for many threads. */
    private static final RandomGenerator CHANCE = () -> ThreadLocalRandom.current().nextLong();

    private final Surroundings around;
    private final Environment environment;
    private final Configuration configuration;
    private final StoreLocation location;
    private final Clock clock = Clock.systemUTC();
    private @Nullable JobStore store;
    private @Nullable Providers providers;
    private @Nullable PriceTable prices;

    private Workbench(
            Surroundings around,
            Environment environment,
            Configuration configuration,
            StoreLocation location) {
        this.around = around;
        this.environment = environment;
        this.configuration = configuration;
        this.location = location;
    }

    static Workbench open(GlobalOptions options) {
        Surroundings around = options.surroundings();
        Path directory = around.directory().toAbsolutePath();
        Path home = around.home();
        var environment = Environment.of(around.variables(), directory);
        var configuration = Configuration.load(environment, directory, home, Providers.builtIn());
        Optional<String> said =
                options.store()
                        .or(() -> environment.get("BATCHWRIGHT_STORE"))
                        .or(configuration.defaults()::store);
        try {
            StoreLocation location =
                    said.map(text -> StoreLocation.parse(text, directory, home))
                            .orElseGet(() -> StoreLocation.standard(home));
            return new Workbench(around, environment, configuration, location);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(e);
        }
    }

    Clock clock() {
        return clock;
    }

    Configuration configuration() {
        return configuration;
    }

    StoreLocation location() {
        return location;
    }

    JobStore store() {
        JobStore opened = store;
        if (opened == null) {
            opened = around.watch().apply(usable(() -> JobStores.open(location, clock)));
            store = opened;
        }
        return opened;
    }

    Providers providers() {
        Providers opened = providers;
        if (opened == null) {
            opened = Providers.open(configuration.providers(), environment, clock);
            providers = opened;
        }
        return opened;
    }

    PriceTable prices() {
        PriceTable known = prices;
        if (known == null) {
            known = PriceTable.builtIn().with(configuration.prices());
            prices = known;
        }
        return known;
    }

    /** The input that was named; standard input is kept in a temporary file. */
    InputSource source(String input) {
        return input.equals("-")
                ? InputSource.spool(around.terminal().in(), "standard input", scratch())
                : InputSource.of(RunOptions.path(around, "INPUT", input));
    }

    /** A directory for temporary files: beside a SQLite store, where there is room for jobs. */
    Path scratch() {
        return usable(() -> JobStores.scratch(location));
    }

    /** A store that can't be opened is the wrong one: nothing was begun. */
    private static <T> T usable(Supplier<T> opening) {
        try {
            return opening.get();
        } catch (StoreException e) {
            throw CommandFailure.usage(e);
        }
    }

    /** Refuses a job whose providers can't be called: an unknown one, no base URL, no key. */
    void checkReachable(JobSpec spec) {
        spec.endpoints().keySet().forEach(name -> provider(spec, name));
    }

    /** Refuses a cap on the cost of a model that has no known price: it could not be kept. */
    void checkPrices(JobSpec spec, LoadReport report) {
        if (spec.maxCost().isPresent()) {
            report.targets().keySet().forEach(target -> price(target.provider(), target.model()));
        }
    }

    /** Refuses a batch where there is none. */
    void checkLanes(JobSpec spec, LoadReport report) {
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
                throw CommandFailure.usage(
                        "--mode batch: %s. Leave it out, or use --mode live.", reason);
            }
        }
    }

    /**
     * What the batch lane can do for requests of this kind.
     *
     * @param provider empty where it can't be reached
     */
    BatchOffer offer(
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
    boolean isOwnServer(String name) {
        return providers().config(name).compatible() || name.equals(OpenAiApi.COMPATIBLE.name());
    }

    /** A provider as the user wants it reached, if it can be. */
    Optional<Provider> provider(String name, Optional<JobSpec.Endpoint> said) {
        return providers().find(name, said.filter(Workbench::saysSomething))
                        instanceof Providers.Lookup.Found(Provider found)
                ? Optional.of(found)
                : Optional.empty();
    }

    private static boolean saysSomething(JobSpec.Endpoint endpoint) {
        return endpoint.baseUrl().isPresent() || endpoint.apiKeyEnv().isPresent();
    }

    Function<Usage, Cost> price(String provider, String model) {
        if (prices().live(provider, model, Usage.NONE).isEmpty()) {
            throw CommandFailure.usage(
                    "--max-cost can't be kept: the price of %s at %s is not known. Add it under"
                            + " `prices` in batchwright.yaml, or leave --max-cost out.",
                    model.isEmpty() ? "a request without a model" : model, provider);
        }
        return usage -> prices().live(provider, model, usage).orElseThrow();
    }

    Provider provider(JobSpec spec, String name) {
        Optional<JobSpec.Endpoint> endpoint =
                Optional.ofNullable(spec.endpoints().get(name)).filter(Workbench::saysSomething);
        return switch (providers().find(name, endpoint)) {
            case Providers.Lookup.Found(Provider found) -> found;
            case Providers.Lookup.Refused(String problem) ->
                    throw new CommandFailure(ExitCode.USAGE, problem);
        };
    }

    /** Makes a job that stopped early Active again, and gives it as it is now. */
    Job activate(Job job) {
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
    JobRun newRun(Job job, Consumer<String> announce) {
        JobSpec spec = job.spec();
        var throttles =
                new Throttles((name, model) -> limits(spec, name, model), Timer.system(), CHANCE);
        return new JobRun(
                store(),
                job,
                mostCalls(spec),
                new JobRoutes(this, spec, throttles),
                new TokenEstimator(),
                new RetryPolicy(spec.live().maxAttempts(), BACKOFF, CHANCE),
                lanePolicy(),
                clock,
                CHANCE,
                scratch(),
                announce);
    }

    LanePolicy lanePolicy() {
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
    public void close() {
        if (providers != null) {
            providers.close();
        }
        if (store != null) {
            store.close();
        }
    }
}
