package dev.batchwright;

import dev.batchwright.job.Progress;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a job is at one moment.
 *
 * @param problem why it is blocked or stopped, and what to do
 * @param progress items, tokens and cost so far; what was asked again counts in tokens and cost
 */
public record JobStatus(
        State state, Optional<String> problem, Progress progress, Instant createdAt) {
    /** The states of a job. */
    public enum State {
        /** It goes on, here or in another process, or when somebody goes on with it. */
        RUNNING,
        /** Every item has its outcome. */
        FINISHED,
        /** The account or the provider refuses; nothing was lost, and it can go on. */
        BLOCKED,
        /** Its deadline or budget was reached with items left; it can go on with other ones. */
        STOPPED,
        CANCELLED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Whether nobody goes on with it by itself. */
    public boolean isOver() {
        return state != State.RUNNING;
    }
}
