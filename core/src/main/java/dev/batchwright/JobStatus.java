package dev.batchwright;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Progress;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a job is at one moment.
 *
 * @param state of the job or, where items were asked again, of the last that was asked
 * @param problem why it is blocked or stopped, and what to do
 * @param progress items, tokens and cost so far; an item has succeeded when it was answered, in
 *     whatever way; tokens and cost are with what was asked again
 * @param asked what was asked again because an answer did not fit its type
 * @param createdAt when the job was submitted for the first time
 */
public record JobStatus(
        State state, Optional<String> problem, Progress progress, Asked asked, Instant createdAt) {
    /**
     * What was asked again because an answer did not fit its type.
     *
     * @param requests how many there were, in all rounds
     * @param cost of them
     */
    public record Asked(long requests, Cost cost) {}

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
        /** Somebody cancelled it; it can go on when it is resumed or submitted again. */
        CANCELLED;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    JobStatus with(State other) {
        return new JobStatus(other, problem, progress, asked, createdAt);
    }

    /** {@return whether nobody goes on with it by itself} */
    public boolean isOver() {
        return state != State.RUNNING;
    }
}
