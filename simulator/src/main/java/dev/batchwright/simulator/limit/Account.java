package dev.batchwright.simulator.limit;

import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The state of the limits of one key and model. Its own lock guards everything. */
final class Account {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final String model;
    private final Limits limits;
    private final HeaderForm form;
    private final InstantSource clock;
    private final @Nullable TokenBucket minute;
    private final @Nullable TokenBucket day;
    private final @Nullable TokenBucket tokens;
    private int running;

    Account(String model, Limits limits, HeaderForm form, InstantSource clock, Instant now) {
        this.model = model;
        this.limits = limits;
        this.form = form;
        this.clock = clock;
        double share = limits.burst().share();
        this.minute = bucket(limits.requestsPerMinute(), MINUTE, share, now);
        this.day = bucket(limits.requestsPerDay(), Duration.ofDays(1), 1, now);
        this.tokens = bucket(limits.tokensPerMinute(), MINUTE, share, now);
    }

    private static @Nullable TokenBucket bucket(
            long limit, Duration per, double share, Instant now) {
        return limit == 0 ? null : new TokenBucket(limit, per, share, now);
    }

    synchronized Verdict admit(long reserved, Instant now) {
        if (limits.concurrency() > 0 && running >= limits.concurrency()) {
            return refused(overloaded(), Optional.empty(), now);
        }
        if (tokens != null && reserved > limits.tokensPerMinute()) {
            return refused(tooLarge(reserved), Optional.empty(), now);
        }
        if (day != null && !day.holds(1, now)) {
            return exhausted(Reason.REQUESTS, "requests per day (RPD)", day, 1, now);
        }
        if (minute != null && !minute.holds(1, now)) {
            return exhausted(Reason.REQUESTS, "requests per min (RPM)", minute, 1, now);
        }
        // A request larger than a small bucket may run when that is full, and leaves it in debt.
        if (tokens != null && !tokens.holds(Math.min(reserved, tokens.capacity()), now)) {
            long amount = Math.min(reserved, tokens.capacity());
            return exhausted(Reason.TOKENS, "tokens per min (TPM)", tokens, amount, now);
        }
        take(day, 1);
        take(minute, 1);
        take(tokens, reserved);
        running++;
        return new Verdict.Admitted(used -> over(reserved, used), headers(now));
    }

    private synchronized void over(long reserved, long used) {
        running--;
        if (tokens != null) {
            tokens.fill(clock.instant());
            tokens.take(used - reserved);
        }
    }

    private Verdict exhausted(
            Reason reason, String what, TokenBucket bucket, long amount, Instant now) {
        long nanos = bucket.nanosUntil(amount);
        long limit = bucket.capacity();
        String message =
                "Rate limit reached for %s in organization org-simulator on %s: Limit %d, Used %d, Requested %d. Please try again in %s."
                        .formatted(
                                model,
                                what,
                                limit,
                                limit - bucket.remaining(),
                                amount,
                                GoDuration.of(nanos));
        return refused(Refusal.of(reason, 429, message), Optional.of(Duration.ofNanos(nanos)), now);
    }

    private Refusal tooLarge(long reserved) {
        return Refusal.of(
                Reason.TOKENS,
                429,
                "Request too large for %s in organization org-simulator on tokens per min (TPM): Limit %d, Requested %d."
                        .formatted(model, limits.tokensPerMinute(), reserved));
    }

    private Refusal overloaded() {
        return limits.overloadStatus() >= 500
                ? Refusal.of(
                        Reason.OVERLOADED,
                        limits.overloadStatus(),
                        "The engine is currently overloaded, please try again later")
                : Refusal.of(
                        Reason.CONCURRENCY,
                        429,
                        "Too many concurrent requests for %s: limit %d."
                                .formatted(model, limits.concurrency()));
    }

    private Verdict refused(Refusal refusal, Optional<Duration> wait, Instant now) {
        return new Verdict.Refused(refusal, wait, headers(now));
    }

    private List<Header> headers(Instant now) {
        if (form == HeaderForm.NONE) {
            return List.of();
        }
        var headers = new ArrayList<Header>(6);
        if (form == HeaderForm.GROQ) {
            describe(headers, "requests", day, limits.requestsPerDay(), now);
        } else {
            describe(headers, "requests", minute, limits.requestsPerMinute(), now);
        }
        describe(headers, "tokens", tokens, limits.tokensPerMinute(), now);
        if (form == HeaderForm.ANTHROPIC) {
            describe(headers, "input-tokens", tokens, limits.tokensPerMinute(), now);
        }
        return headers;
    }

    private void describe(
            List<Header> headers,
            String what,
            @Nullable TokenBucket bucket,
            long limit,
            Instant now) {
        if (bucket == null) {
            return;
        }
        bucket.fill(now);
        if (form == HeaderForm.ANTHROPIC) {
            String name = "anthropic-ratelimit-" + what;
            Instant full = now.plusNanos(bucket.nanosUntilFull() + 999_999_999);
            headers.add(new Header(name + "-limit", "" + limit));
            headers.add(new Header(name + "-remaining", "" + rounded(what, bucket.remaining())));
            headers.add(new Header(name + "-reset", "" + full.truncatedTo(ChronoUnit.SECONDS)));
        } else {
            headers.add(new Header("x-ratelimit-limit-" + what, "" + limit));
            headers.add(new Header("x-ratelimit-remaining-" + what, "" + bucket.remaining()));
            headers.add(
                    new Header(
                            "x-ratelimit-reset-" + what, GoDuration.of(bucket.nanosUntilFull())));
        }
    }

    /** Anthropic tells remainders of tokens in thousands. */
    private static long rounded(String what, long remaining) {
        return what.endsWith("tokens") ? Math.round(remaining / 1000.0) * 1000 : remaining;
    }

    private static void take(@Nullable TokenBucket bucket, long amount) {
        if (bucket != null) {
            bucket.take(amount);
        }
    }
}
