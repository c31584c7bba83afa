package dev.batchwright.retry;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Outcome.Failed;
import dev.batchwright.job.Outcome.Succeeded;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;
import dev.batchwright.provider.AttemptOutcome.Unreachable;
import dev.batchwright.retry.Next.Block;
import dev.batchwright.retry.Next.Done;
import dev.batchwright.retry.Next.RetryAt;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Decides what becomes of an item after an attempt. Nothing else in the engine decides this.
 *
 * <p>An item ends by success, by a refusal, or when {@code maxAttempts} attempts have failed; the
 * last error and reply are kept, and the usage and cost of every attempt that was paid for are
 * summed. A provider that can't be reached is not the item's fault: when its attempts are used up,
 * the job stops and the item stays pending. Being throttled is our pacing error, not the item's: it
 * costs no attempt and may go on for ever. The job's deadline ends it, and while it lasts the gate
 * of {@link dev.batchwright.limit.Throttle} keeps the calls from being made at all.
 *
 * <p>Safe for many threads if its random generator is.
 */
public final class RetryPolicy {
    /** A server's word is kept up to this; after it we ask again. */
    private static final Duration LONGEST_WAIT = Duration.ofDays(1);

    private final int maxAttempts;
    private final Backoff backoff;
    private final RandomGenerator random;

    public RetryPolicy(int maxAttempts, Backoff backoff, RandomGenerator random) {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    "max_attempts = %d: must be at least 1".formatted(maxAttempts));
        }
        this.maxAttempts = maxAttempts;
        this.backoff = backoff;
        this.random = random;
    }

    /**
     * @param before what was done for the item before this attempt
     * @param price what usage costs, by the item's model
     */
    public Next after(
            AttemptOutcome outcome, Attempts before, Instant now, Function<Usage, Cost> price) {
        return switch (outcome) {
            case Success(var reply, var usage, var limits) -> {
                Attempts all = before.with(usage);
                yield new Done(
                        new Succeeded(all.made(), reply, all.paid(), price.apply(all.paid())));
            }
            case Rejected(var error, var reply, var limits) -> {
                Attempts all = before.with(Usage.NONE);
                yield new Done(
                        new Failed(
                                all.made(),
                                error,
                                Optional.of(reply),
                                all.paid(),
                                price.apply(all.paid())));
            }
            case Unreachable(var problem, var limits) -> {
                Attempts all = before.with(Usage.NONE);
                yield all.made() < maxAttempts
                        ? new RetryAt(all, now.plus(delay(Optional.empty(), all.made())))
                        : new Block(problem);
            }
            case Transient failure -> afterFailure(failure, before, now, price);
            case Throttled(var retryAfter, var error, var limits) -> {
                Attempts all = before.refusedAsTooFast();
                yield new RetryAt(all, now.plus(delay(retryAfter, all.throttled())));
            }
            case Blocked(var problem, var limits) -> new Block(problem);
        };
    }

    private Next afterFailure(
            Transient failure, Attempts before, Instant now, Function<Usage, Cost> price) {
        Attempts all = before.with(failure.usage());
        if (all.made() < maxAttempts) {
            return new RetryAt(all, now.plus(delay(failure.retryAfter(), all.made())));
        }
        return new Done(
                new Failed(
                        all.made(),
                        failure.error(),
                        failure.reply(),
                        all.paid(),
                        price.apply(all.paid())));
    }

    private Duration delay(Optional<Duration> told, int failures) {
        Duration delay = told.orElseGet(() -> backoff.delay(failures, random));
        return delay.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : delay;
    }
}
