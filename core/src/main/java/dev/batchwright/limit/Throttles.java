package dev.batchwright.limit;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.random.RandomGenerator;

/**
 * One {@link Throttle} for each provider and model, made when it is first asked for and kept: every
 * job of this process that calls the same account shares its limits.
 */
public final class Throttles {
    /**
     * Most calls at once where the user did not say. Each holds a connection, a file descriptor (of
     * which many systems give a process 1,024 to 20,000) and some 50 KB of buffers, which still
     * fits a heap of 256 MB; and a thousand answers of 2 s are 30,000 a minute, what the largest
     * accounts are given.
     */
    public static final int DEFAULT_CEILING = 1000;

    private static final int MOST_MODELS = 10_000;

    private final BiFunction<String, String, Limits> limits;
    private final Timer timer;
    private final RandomGenerator random;
    private final Map<String, Provider> providers = new ConcurrentHashMap<>();

    /**
     * @param limits what the user allows, by provider and model; the concurrency of the empty model
     *     counts for the provider as a whole
     * @param random used under one lock per provider
     */
    public Throttles(
            BiFunction<String, String, Limits> limits, Timer timer, RandomGenerator random) {
        this.limits = limits;
        this.timer = timer;
        this.random = random;
    }

    public Throttle of(String provider, String model) {
        return providers.computeIfAbsent(provider, this::open).throttle(model);
    }

    /** A provider's model that calls were made to, or wait for. */
    public record Known(String provider, String model, Throttle.Snapshot now) {}

    /** All of them, for people. */
    public List<Known> known() {
        var known = new ArrayList<Known>();
        providers.forEach(
                (name, provider) ->
                        provider.models.forEach(
                                (model, throttle) ->
                                        known.add(new Known(name, model, throttle.snapshot()))));
        return known;
    }

    private Provider open(String name) {
        Limits allowed = limits.apply(name, "");
        long now = timer.nanos();
        Concurrency concurrency =
                allowed.concurrency().isPresent()
                        ? Concurrency.toldToUse(allowed.concurrency().getAsInt(), now)
                        : Concurrency.searchingUpTo(DEFAULT_CEILING, now);
        return new Provider(name, new Account(concurrency));
    }

    private final class Provider {
        private final String name;
        private final Account account;
        private final ReentrantLock lock = new ReentrantLock();
        private final Map<String, Throttle> models = new ConcurrentHashMap<>();

        Provider(String name, Account account) {
            this.name = name;
            this.account = account;
        }

        Throttle throttle(String model) {
            // Names come from requests, which may be anybody's: memory is bounded.
            return models.size() < MOST_MODELS || models.containsKey(model)
                    ? open(model)
                    : open("");
        }

        private Throttle open(String model) {
            return models.computeIfAbsent(
                    model,
                    named ->
                            new Throttle(
                                    account,
                                    lock,
                                    new Lane(limits.apply(name, named), random, timer.nanos()),
                                    timer));
        }
    }
}
