package dev.batchwright.provider;

import dev.batchwright.job.ItemError;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What one call of a batch API came to. */
public sealed interface BatchAnswer<T> {
    /** The code of the error where no connection was made. */
    String UNREACHABLE = "unreachable";

    /** The provider did it and says so. */
    record Given<T>(T value) implements BatchAnswer<T> {}

    /**
     * The provider certainly did nothing: too fast, not reachable, its queue is full, or a file
     * that it just took is not visible yet. Ask again.
     *
     * @param error for people and logs
     * @param retryAfter how long the provider wants us to wait, where it says
     * @param queueFull whether batches that run must end before it takes another
     */
    record Later<T>(ItemError error, Optional<Duration> retryAfter, boolean queueFull)
            implements BatchAnswer<T> {}

    /** Broken off, timed out or a server error: it may have been done. */
    record Unknown<T>(ItemError error, Optional<Duration> retryAfter) implements BatchAnswer<T> {}

    /** There is no such thing, as far as this answer knows; it may not be visible yet. */
    record Missing<T>(ItemError error) implements BatchAnswer<T> {}

    /**
     * The input as a whole is refused and nothing was done; asking again would not help.
     *
     * @param problems the lines that are to blame, where they are told
     */
    record Refused<T>(ItemError error, List<InputProblem> problems) implements BatchAnswer<T> {
        public Refused {
            problems = List.copyOf(problems);
        }
    }

    /**
     * The account or the provider as a whole refuses: every other batch would meet the same.
     *
     * @param problem what happened and what to do, for the user
     */
    record Blocked<T>(String problem) implements BatchAnswer<T> {}
}
