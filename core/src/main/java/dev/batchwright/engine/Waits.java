package dev.batchwright.engine;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Semaphore;

/**
 * How the thread of a {@link BatchCourse} waits, which is what it does most of the time. It counts
 * as busy but for the time in which it waits or transfers: an interrupt must not fall into a
 * commit. A wait ends early when the run ends, unless batches are to be called back before that.
 */
final class Waits {
    private static final Duration RECALL_LOOK = Duration.ofSeconds(5);
    private static final Duration DEPARTURE_LOOK = Duration.ofSeconds(2);

    private final BatchLane lane;
    private final RunControl control;
    private final InstantSource clock;
    private final PollPace pace;
    private final TaskScope.Mark mark;

    /** What is not done in a moment, and may be broken off. */
    interface Call<T> {
        T make() throws InterruptedException;
    }

    Waits(
            BatchLane lane,
            RunControl control,
            InstantSource clock,
            PollPace pace,
            TaskScope.Mark mark) {
        this.lane = lane;
        this.control = control;
        this.clock = clock;
        this.pace = pace;
        this.mark = mark;
    }

    /** How long to wait between two calls. */
    PollPace pace() {
        return pace;
    }

    /** Waits; not for long at once, so that a recall is heard of whatever the provider told us. */
    void pause(Duration span) throws InterruptedException {
        Instant until = clock.instant().plus(span);
        long recalls = lane.recalls().times();
        boolean recalled = lane.isRecalled();
        Duration left = recalled ? shorter(span, RECALL_LOOK) : span;
        while (left.isPositive() && lane.isRecalled() == recalled) {
            pause(lane.recalls(), recalls, shorter(left, RECALL_LOOK));
            left = recalled ? Duration.ZERO : Duration.between(clock.instant(), until);
        }
    }

    /**
     * Waits until a batch has left the provider's queue or was paid, but not for long.
     *
     * @param known how often that had happened when there was no room
     */
    void forDeparture(long known) throws InterruptedException {
        pause(lane.departures(), known, DEPARTURE_LOOK);
    }

    private void pause(Wakeups wakeups, long known, Duration span) throws InterruptedException {
        mark.waiting();
        wakeups.await(known, span);
        mark.busy();
        if (control.isEnding() && !lane.endsForGood()) {
            throw new InterruptedException("the run is ending");
        }
    }

    /** Takes a place that the caller gives back. */
    void place(Semaphore places) throws InterruptedException {
        mark.waiting();
        places.acquire();
        try {
            mark.busy();
        } catch (InterruptedException e) {
            places.release();
            throw e;
        }
    }

    /** Makes a call that costs nothing, and may take long. */
    <T> T away(Call<T> call) throws InterruptedException {
        mark.waiting();
        T answer = call.make();
        mark.busy();
        return answer;
    }

    /** The same for a call that moves a whole file: few of those are made at once. */
    <T> T transfer(Call<T> call) throws InterruptedException {
        place(lane.transfers());
        try {
            return away(call);
        } finally {
            lane.transfers().release();
        }
    }

    static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
