package dev.batchwright.plan;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How the time stands before a deadline: whether the live lane can still do all in time, how long a
 * batch may run before that, and when its items must leave the batch lane.
 *
 * @param began when the job was made
 */
public record Timetable(Instant began, Optional<Instant> deadline) {
    /** Providers take up to ten minutes to end a batch that is cancelled. */
    private static final Duration CANCELLING = Duration.ofMinutes(10);

    private static final int PART_FOR_CANCELLING = 6;

    /**
     * How long the live lane would need for what is left.
     *
     * @param live for what only it will do
     * @param open for what no lane was chosen for
     * @param batches for what rides in batches
     */
    public record LiveTime(Duration live, Duration open, Duration batches) {
        public Duration all() {
            return live.plus(open).plus(batches);
        }

        /** The same, where this part of what is open can travel in no batch. */
        public LiveTime withLiveOnly(double part) {
            Duration only = Timetable.part(open, part);
            return new LiveTime(live.plus(only), open.minus(only), batches);
        }
    }

    /**
     * What a deadline leaves for a group of requests.
     *
     * @param untilDeadline the whole time
     * @param forBatch for how long a batch may run, so that all can still be done live after it;
     *     may be negative
     * @param liveShare the part of what is open that the live lane can do until the deadline,
     *     beside all that it has already: from 0 to 1
     */
    public record Outlook(Duration untilDeadline, Duration forBatch, double liveShare) {
        /** Whether the live lane can do all in time. */
        boolean isAllPossibleLive() {
            return liveShare >= 1;
        }
    }

    /** How it stands for what is to be planned now; empty without a deadline. */
    public Optional<Outlook> outlook(Instant now, LiveTime needed) {
        return deadline.map(
                end -> {
                    Duration left = Duration.between(now, end);
                    return new Outlook(
                            left, Duration.between(now, due(end, needed)), share(left, needed));
                });
    }

    private static double share(Duration left, LiveTime needed) {
        if (needed.all().compareTo(left) <= 0 || needed.open().isZero()) {
            return 1;
        }
        double free = left.minus(needed.live()).toNanos();
        return Math.clamp(free / needed.open().toNanos(), 0, 1);
    }

    /**
     * When the last batches must be cancelled, so that their items can be run live: the time that
     * the live lane needs for all that is left, half as much again, and the time that cancelling
     * takes, which is never more than a sixth of the whole.
     *
     * <p>Empty if that shall not be: without a deadline, and where the live lane, which has its own
     * items to do, could not do even half of what rides in batches. To cancel them would then end
     * more requests than it saves; they may run until the deadline.
     */
    public Optional<Instant> crossing(Instant now, LiveTime needed) {
        return deadline.filter(end -> !now.isAfter(lastUse(end, needed)))
                .map(end -> due(end, needed));
    }

    private Instant due(Instant end, LiveTime needed) {
        return end.minus(needed.all().multipliedBy(3).dividedBy(2)).minus(cancelling(end));
    }

    private Instant lastUse(Instant end, LiveTime needed) {
        return end.minus(needed.live())
                .minus(cancelling(end))
                .minus(needed.open().plus(needed.batches()).dividedBy(2));
    }

    private Duration cancelling(Instant end) {
        Duration part = Duration.between(began, end).dividedBy(PART_FOR_CANCELLING);
        return part.compareTo(CANCELLING) < 0 ? part : CANCELLING;
    }

    private static Duration part(Duration whole, double part) {
        return Duration.ofNanos((long) (whole.toNanos() * part));
    }
}
