package dev.batchwright.simulator.limit;

import dev.batchwright.simulator.wire.Work;

import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * Enforces {@link Limits} for each key and model. Requests are counted when they are let in, and
 * stay counted whatever becomes of them. Tokens are reserved then (prompt and the most that the
 * answer may have) and corrected by what was used. A refused request costs nothing. Thread-safe.
 */
public final class RateLimits {
    private final Limits limits;
    private final HeaderForm form;
    private final InstantSource clock;
    private final ConcurrentMap<Owner, Account> accounts = new ConcurrentHashMap<>();

    private record Owner(String key, String model) {}

    public RateLimits(Limits limits, HeaderForm form, InstantSource clock) {
        this.limits = limits;
        this.form = form;
        this.clock = clock;
    }

    public Verdict admit(String key, Work work, Instant now) {
        if (limits.isNone()) {
            return new Verdict.Admitted(Permit.FREE, List.of());
        }
        return accounts.computeIfAbsent(
                        new Owner(key, work.model()),
                        owner -> new Account(owner.model(), limits, form, clock, now))
                .admit(work.promptTokens() + work.maxOutputTokens(), now);
    }
}
