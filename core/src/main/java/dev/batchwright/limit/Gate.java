package dev.batchwright.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/**
 * Closes for everyone when the server says "too fast". States: open; closed until the server's time
 * or, where it gave none, for a time that doubles with each closing in a row; opening, when calls
 * pass one by one, spread over a while that doubles too, so that those who waited don't all arrive
 * at once.
 *
 * <p>The calls that were under way when it closed say nothing new: their refusals don't lengthen
 * the doubling, only a call that was sent after the last closing does. An answer to a call that was
 * sent when the gate was fully open again ends the row.
 *
 * <p>A refusal without a time, of which there are only a few in a hundred, is a server's way to
 * shed load and no limit of ours: its item waits, the others don't. At a real limit the next calls
 * are refused too, and then the gate closes.
 *
 * <p>Not thread-safe: time comes in, and the owner's lock protects it.
 */
final class Gate {
    private static final long FIRST = Duration.ofMillis(250).toNanos();
    private static final long CAP = Duration.ofMinutes(1).toNanos();
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final long SHORTEST_OPENING = Duration.ofMillis(250).toNanos();
    private static final long LONGEST_OPENING = Duration.ofSeconds(4).toNanos();
    private static final int MOST_DOUBLINGS = 10;
    private static final int ENOUGH_ANSWERS = 16;
    private static final int ENOUGH_CALLS = 64;
    private static final int FEWEST_REFUSALS = 2;
    private static final double TOLERATED = 0.05;
    private static final double KEPT = 1 - 1 / 256.0;

    private final RandomGenerator random;
    private long closedAt = -1;
    private long opensAt = -1;
    private long openedAt = -1;
    private long nextSlot = -1;
    private int closingsInARow;
    private int answeredSince;

    // Of the last few hundred calls, the older the less. Those sent, not those answered: a refusal
    // is told at once, an answer takes its time.
    private double sentLately;
    private double refusedLately;

    Gate(RandomGenerator random) {
        this.random = random;
    }

    /**
     * A call was refused as too fast.
     *
     * @return whether this closed the gate anew: the call was sent after the last closing
     */
    boolean refused(long sentAt, Optional<Duration> retryAfter, long now) {
        Optional<Duration> told = retryAfter.filter(Duration::isPositive);
        boolean news = sentAt > closedAt;
        refusedLately++;
        if (told.isEmpty() && isStray()) {
            return false;
        }
        if (news) {
            closingsInARow++;
            closedAt = now;
            answeredSince = 0;
        }
        if (news || told.isPresent()) {
            closeUntil(now + told.map(Gate::nanos).orElseGet(this::backoff));
        }
        return news;
    }

    private boolean isStray() {
        double normal = TOLERATED * sentLately;
        return sentLately >= ENOUGH_CALLS
                && refusedLately <= FEWEST_REFUSALS + normal + 2 * Math.sqrt(normal);
    }

    private void closeUntil(long until) {
        if (until > opensAt) {
            opensAt = until;
            openedAt = until + doubled(SHORTEST_OPENING, LONGEST_OPENING);
            nextSlot = until;
        }
    }

    void answered(long sentAt) {
        if (sentAt > closedAt) {
            answeredSince++;
        }
        if (sentAt > openedAt || answeredSince >= ENOUGH_ANSWERS) {
            closingsInARow = 0;
        }
    }

    /** When the next call may pass; in the past: at once. */
    long readyAt() {
        return nextSlot;
    }

    /**
     * A call passes.
     *
     * @param most how many calls could go at once if there were no gate
     */
    void pass(int most, long now) {
        sentLately = KEPT * sentLately + 1;
        refusedLately *= KEPT;
        if (now < openedAt) {
            nextSlot = Math.max(nextSlot, now) + (openedAt - opensAt) / most;
        }
    }

    /** When it opens, if it is closed. */
    OptionalLong closedUntil(long now) {
        return opensAt > now ? OptionalLong.of(opensAt) : OptionalLong.empty();
    }

    private static long nanos(Duration told) {
        return told.compareTo(LONGEST) < 0 ? told.toNanos() : LONGEST.toNanos();
    }

    private long backoff() {
        long longest = doubled(FIRST, CAP);
        return longest / 2 + (long) (longest / 2.0 * random.nextDouble());
    }

    private long doubled(long first, long cap) {
        return Math.min(cap, first << Math.clamp(closingsInARow - 1, 0, MOST_DOUBLINGS));
    }
}
