package dev.batchwright.engine;

import java.time.Instant;
import java.util.Optional;

/**
 * Whether a batch in state Creating certainly does not exist: only then may it be created. It
 * begins in doubt and is kept in memory alone, so whoever takes up a batch in that state looks for
 * it first. For the thread of one course.
 */
final class Absence {
    private boolean certain;
    private Optional<Instant> callEnded = Optional.empty();

    boolean isCertain() {
        return certain;
    }

    /** No call was made under its tag, or the provider certainly did nothing of it. */
    void prove() {
        certain = true;
        callEnded = Optional.empty();
    }

    /** A call goes out: whatever happens from here on, it may exist. */
    void doubt() {
        certain = false;
    }

    /** The call came to an end that says nothing. */
    void doubtSince(Instant ended) {
        callEnded = Optional.of(ended);
    }

    /**
     * Since when nothing can turn up any more that was sent before: the call has ended, or its
     * process has, at the latest when it is first looked for.
     */
    Instant doubtedSince(Instant now) {
        callEnded = Optional.of(callEnded.orElse(now));
        return callEnded.get();
    }
}
