package dev.batchwright.simulator.quirk;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Decides which quirks strike. Chance is a function of the seed, the rule, and what is struck: the
 * number of the call or batch, or the row itself. Thread-safe.
 */
public final class Quirks {
    private final List<Counted> rules;
    private final long seed;
    private final ReentrantLock lock = new ReentrantLock();

    /** A rule with what it has met so far; under the lock. */
    private static final class Counted {
        final QuirkRule rule;
        final int index;
        long met;
        long struck;
        Optional<Instant> since = Optional.empty();

        Counted(QuirkRule rule, int index) {
            this.rule = rule;
            this.index = index;
        }
    }

    public Quirks(List<QuirkRule> rules, long seed) {
        this.rules =
                IntStream.range(0, rules.size())
                        .mapToObj(i -> new Counted(rules.get(i), i))
                        .toList();
        this.seed = seed;
    }

    /** The first quirk of a kind that strikes now. */
    public <T extends Quirk> Optional<T> strike(Class<T> kind) {
        return strike(kind, quirk -> true, Instant.MIN);
    }

    /** The first quirk of a kind that strikes at a time, of those that fit. */
    public <T extends Quirk> Optional<T> strike(Class<T> kind, Predicate<T> fits, Instant now) {
        for (Counted counted : rules) {
            if (!kind.isInstance(counted.rule.quirk())) {
                continue;
            }
            T quirk = kind.cast(counted.rule.quirk());
            if (fits.test(quirk) && strikes(counted, now)) {
                return Optional.of(quirk);
            }
        }
        return Optional.empty();
    }

    /** The first quirk that strikes a row. */
    public Optional<Quirk.OfRow> strikeRow(long id) {
        for (Counted counted : rules) {
            if (counted.rule.quirk() instanceof Quirk.OfRow quirk && strikes(counted, id)) {
                return Optional.of(quirk);
            }
        }
        return Optional.empty();
    }

    private boolean strikes(Counted counted, Instant now) {
        lock.lock();
        try {
            if (counted.rule.quirk() instanceof Quirk.CallFails fails
                    && fails.span().isPresent()
                    && counted.since.isPresent()) {
                Duration span = fails.span().get();
                return now.isBefore(counted.since.get().plus(span));
            }
            boolean strikes = strikes(counted, counted.met);
            if (strikes) {
                counted.since = Optional.of(now);
            }
            return strikes;
        } finally {
            lock.unlock();
        }
    }

    private boolean strikes(Counted counted, long salt) {
        lock.lock();
        try {
            QuirkRule rule = counted.rule;
            counted.met++;
            if (counted.met <= rule.after() || counted.struck >= rule.first()) {
                return false;
            }
            long mixed = seed ^ salt * 0x9E3779B97F4A7C15L ^ (counted.index + 1L) << 48;
            if (new SplittableRandom(mixed).nextDouble() >= rule.share()) {
                return false;
            }
            counted.struck++;
            return true;
        } finally {
            lock.unlock();
        }
    }
}
