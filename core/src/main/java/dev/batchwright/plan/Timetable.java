package dev.batchwright.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When items must leave the batch lane so that they can still be run live before the deadline.
 *
 * @param began when the job was made
 */
public record Timetable(Instant began, Optional<Instant> deadline) {
    /** Providers take up to ten minutes to end a batch that is cancelled. */
    private static final Duration CANCELLING = Duration.ofMinutes(10);

    private static final int PART_FOR_CANCELLING = 6;

    /**
     * When the last batches must be cancelled: the time that the live lane needs for what is left,
     * half as much again, and the time that cancelling takes, which is never more than a sixth of
     * the whole.
     *
     * @param liveTime that the live lane needs for all items that are left
     */
    public Optional<Instant> crossing(Duration liveTime) {
        return deadline.map(
                end -> end.minus(liveTime.multipliedBy(3).dividedBy(2)).minus(cancelling(end)));
    }

    private Duration cancelling(Instant end) {
        Duration part = Duration.between(began, end).dividedBy(PART_FOR_CANCELLING);
        return part.compareTo(CANCELLING) < 0 ? part : CANCELLING;
    }

    /** How long a batch that is made now may run; empty: as long as it likes. */
    public Optional<Duration> timeForBatch(Instant now, Duration liveTime) {
        return crossing(liveTime).map(crossing -> Duration.between(now, crossing));
    }
}
