package dev.batchwright.simulator.fault;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.RequestHash;

import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Decides which fault strikes a call, if any.
 *
 * <p>Chance is a function of the seed, the request, and the number of its attempt. So the same seed
 * gives the same request the same fate, in whatever order concurrent requests come in. Shares are
 * shares of all calls: of {@code 429:5%} and {@code 500:2%} together seven in a hundred calls fail.
 * Where rules overlap to more than the whole, the earlier ones win. Thread-safe.
 */
public final class Faults {
    private final List<FaultRule> rules;
    private final long seed;
    private final AtomicLongArray matched; // calls so far that a rule's restriction matches

    public Faults(List<FaultRule> rules, long seed) {
        this.rules = List.copyOf(rules);
        this.seed = seed;
        this.matched = new AtomicLongArray(rules.size());
    }

    /** The source of everything that is left to chance about one call. */
    public SplittableRandom chance(RequestHash request, int attempt) {
        return new SplittableRandom(seed ^ request.id() ^ (attempt * 0x9E3779B97F4A7C15L));
    }

    /**
     * Counts the call, and decides.
     *
     * @param attempt the how manieth attempt of this request it is, from 1
     */
    public Optional<Fault> strike(
            String path, String model, Arrival arrival, int attempt, SplittableRandom chance) {
        double left = chance.nextDouble();
        Optional<Fault> fault = Optional.empty();
        for (int i = 0; i < rules.size(); i++) {
            FaultRule rule = rules.get(i);
            if (!rule.when().matches(path, model, arrival)) {
                continue;
            }
            boolean due = matched.incrementAndGet(i) > rule.after() && attempt <= rule.first();
            if (due && fault.isEmpty()) {
                if (left < rule.share()) {
                    fault = Optional.of(rule.fault());
                }
                left -= rule.share();
            }
        }
        return fault;
    }
}
