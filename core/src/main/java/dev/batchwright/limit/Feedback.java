package dev.batchwright.limit;

import java.time.Duration;
import java.util.Optional;

/** What a call taught about the server's limits. */
public sealed interface Feedback {
    LimitReport report();

    /** Answered, well or with a refusal of the request itself; the tokens that it counted. */
    record Answered(long tokens, Duration latency, LimitReport report) implements Feedback {}

    /** Too fast: the gate closes for everyone until the server's time. */
    record Throttled(Optional<Duration> retryAfter, LimitReport report) implements Feedback {}

    /**
     * Too much at once: fewer calls from now on. The server's time is the item's own to keep; only
     * when nothing is answered any more does it close the gate for everyone.
     */
    record Overloaded(Optional<Duration> retryAfter, LimitReport report) implements Feedback {}

    /** A broken connection, a timeout, an answer that makes no sense; says nothing of capacity. */
    record Broken(LimitReport report) implements Feedback {}
}
