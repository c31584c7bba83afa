package dev.batchwright.provider;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;

import java.time.Duration;
import java.util.Optional;

/** What one attempt came to. Every attempt carries what the provider said of its limits. */
public sealed interface AttemptOutcome {
    LimitReport limits();

    /** A 2xx answer whose body is of the expected kind. */
    record Success(Reply reply, Usage usage, LimitReport limits) implements AttemptOutcome {}

    /** Too fast: our pacing error, not the item's. */
    record Throttled(Optional<Duration> retryAfter, ItemError error, LimitReport limits)
            implements AttemptOutcome {}

    /**
     * May go better another time: a connection that broke, a timeout, a 5xx, an answer that is no
     * JSON.
     *
     * @param overloaded the server says, or seems, that it has too much to do
     * @param usage what was paid for nevertheless, where the answer tells
     */
    record Transient(
            ItemError error,
            Optional<Reply> reply,
            boolean overloaded,
            Optional<Duration> retryAfter,
            Usage usage,
            LimitReport limits)
            implements AttemptOutcome {}

    /**
     * No connection was made, so nothing was sent: the provider's trouble, not the item's.
     *
     * @param problem what happened and what to do, for the user
     */
    record Unreachable(String problem, LimitReport limits) implements AttemptOutcome {}

    /** Refused for what it asks: another attempt would be refused too. */
    record Rejected(ItemError error, Reply reply, LimitReport limits) implements AttemptOutcome {}

    /**
     * The account or the provider as a whole refuses: bad key, exhausted quota, a redirect to
     * another host. Every other item would meet the same.
     *
     * @param problem what happened and what to do, for the user
     */
    record Blocked(String problem, LimitReport limits) implements AttemptOutcome {}
}
