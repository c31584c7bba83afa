package dev.batchwright.server.access;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How much of its requests and tokens a minute a key has left. A request is let in when both are
 * there; what it takes is taken then. Thread-safe.
 */
public final class Allowance {
    private @Nullable Meter requests;
    private @Nullable Meter tokens;

    /** What becomes of a request. */
    public sealed interface Verdict {
        /** It may go on. */
        record Taken() implements Verdict {}

        /**
         * It must wait.
         *
         * @param what it has to wait for: {@code requests} or {@code tokens}
         */
        record Wait(String what, long perMinute, Duration span) implements Verdict {}
    }

    /**
     * How a limit stands, as headers tell it.
     *
     * @param reset until all of it is there again
     */
    public record Standing(long limit, long left, Duration reset) {}

    Allowance(Caller.Limits limits, long now) {
        change(limits, now);
    }

    /** From now on these limits count; what was used stays used. */
    synchronized void change(Caller.Limits limits, long now) {
        requests = changed(requests, limits.requestsPerMinute(), now);
        tokens = changed(tokens, limits.tokensPerMinute(), now);
    }

    private static @Nullable Meter changed(@Nullable Meter old, OptionalLong limit, long now) {
        if (limit.isEmpty()) {
            return null;
        }
        if (old == null) {
            return new Meter(limit.getAsLong(), now);
        }
        return old.perMinute() == limit.getAsLong() ? old : old.changedTo(limit.getAsLong(), now);
    }

    /**
     * Takes a request and its tokens, if they are there.
     *
     * @param now in nanoseconds, as of {@link System#nanoTime}
     */
    public synchronized Verdict take(int requestCount, long tokenCount, long now) {
        Optional<Verdict> wait =
                wait("requests", requests, requestCount, now)
                        .or(() -> wait("tokens", tokens, tokenCount, now));
        if (wait.isPresent()) {
            return wait.get();
        }
        if (requests != null) {
            requests.take(requestCount);
        }
        if (tokens != null) {
            tokens.take(tokenCount);
        }
        return new Verdict.Taken();
    }

    /** Takes tokens that are used already, whether they are there or not. */
    public synchronized void owe(long tokenCount) {
        if (tokens != null) {
            tokens.take(tokenCount);
        }
    }

    private static Optional<Verdict> wait(
            String what, @Nullable Meter meter, long amount, long now) {
        if (meter == null || amount == 0) {
            return Optional.empty();
        }
        Duration span = meter.until(amount, now);
        return span.isZero()
                ? Optional.empty()
                : Optional.of(new Verdict.Wait(what, meter.perMinute(), span));
    }

    /** How its requests stand; empty where they have no limit. */
    public synchronized Optional<Standing> requests() {
        return standing(requests);
    }

    /** How its tokens stand; empty where they have no limit. */
    public synchronized Optional<Standing> tokens() {
        return standing(tokens);
    }

    private static Optional<Standing> standing(@Nullable Meter meter) {
        return meter == null
                ? Optional.empty()
                : Optional.of(new Standing(meter.perMinute(), meter.left(), meter.reset()));
    }
}
