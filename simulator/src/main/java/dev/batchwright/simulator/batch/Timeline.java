package dev.batchwright.simulator.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When what happens to a batch, as far as nobody interferes: decided when it is created.
 *
 * @param validated the end of validation
 * @param worked when the last row is done
 * @param completed when the result files are ready
 * @param expires the end of its window
 * @param cancelling how long a cancellation takes
 * @param target the share of the rows that gets done
 */
record Timeline(
        Instant created,
        Instant validated,
        Instant worked,
        Instant completed,
        Optional<Instant> expires,
        Duration cancelling,
        double target) {
    private static final Duration FOR_EVER = Duration.ofDays(36_500);
    private static final Duration USUAL_WINDOW = Duration.ofHours(24);
    private static final Duration LONGEST_CANCEL = Duration.ofMinutes(10);

    /**
     * Decides.
     *
     * @param work how long the rows take together
     * @param window when it expires; never if empty
     */
    static Timeline of(
            Instant created,
            Duration validation,
            Duration work,
            Optional<Duration> window,
            Fate fate) {
        Duration validating =
                fate.stuck().map(stuck -> stuck.span().orElse(FOR_EVER)).orElse(validation);
        Instant validated = created.plus(validating);
        Duration cancelling = work.dividedBy(10);
        Duration shortest = cancelling.compareTo(LONGEST_CANCEL) > 0 ? LONGEST_CANCEL : cancelling;
        if (fate.expire().isPresent()) {
            Instant expires = created.plus(window.orElse(USUAL_WINDOW));
            return new Timeline(
                    created,
                    validated,
                    expires,
                    expires.plusNanos(1),
                    Optional.of(expires),
                    shortest,
                    fate.expire().get().share());
        }
        Instant worked = validated.plus(work);
        return new Timeline(
                created,
                validated,
                worked,
                worked.plus(work.dividedBy(20)),
                // One that is stuck is stuck beyond its window.
                window.map(created::plus).filter(end -> end.isAfter(validated)),
                shortest,
                1);
    }

    /** The same, had all been done by now. */
    Timeline completedAt(Instant now) {
        Instant started = validated.isBefore(now) ? validated : now;
        return new Timeline(created, started, now, now, expires, cancelling, 1);
    }

    /** When half of the work is done. */
    Instant halfway() {
        return validated.plus(Duration.between(validated, worked).dividedBy(2));
    }

    /** The rows that are done at a time, of so many. */
    long done(long rows, Instant at) {
        if (!at.isAfter(validated)) {
            return at.isBefore(worked) ? 0 : (long) (rows * target);
        }
        if (!at.isBefore(worked)) {
            return (long) (rows * target);
        }
        double share =
                (double) Duration.between(validated, at).toNanos()
                        / Duration.between(validated, worked).toNanos();
        return (long) (rows * target * share);
    }

    /** When it ends by itself, if its input is right. */
    Instant end() {
        return expires.filter(end -> end.isBefore(completed)).orElse(completed);
    }

    /**
     * Where it stands.
     *
     * @param valid whether its input is right
     */
    BatchPhase phase(Instant at, boolean valid, Optional<Instant> cancelled) {
        if (cancelled.isPresent()) {
            return at.isBefore(cancelled.get().plus(cancelling))
                    ? BatchPhase.CANCELLING
                    : BatchPhase.CANCELLED;
        }
        if (at.isBefore(validated)) {
            return BatchPhase.VALIDATING;
        }
        if (!valid) {
            return BatchPhase.FAILED;
        }
        if (!at.isBefore(end())) {
            return end().equals(completed) ? BatchPhase.COMPLETED : BatchPhase.EXPIRED;
        }
        return at.isBefore(worked) ? BatchPhase.RUNNING : BatchPhase.FINALIZING;
    }
}
