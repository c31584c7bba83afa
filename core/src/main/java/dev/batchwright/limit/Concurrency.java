package dev.batchwright.limit;

import java.time.Duration;

/**
 * How many calls at once: finds the capacity of a server that does not tell it, by trial.
 *
 * <p>Time is cut into epochs. Each begins with a change of the limit, lets one round trip pass so
 * that the change can show, and then measures completions per second until enough calls are in to
 * tell a real difference from the noise of answers whose latencies differ a hundredfold (relative
 * error about 1.2 / &radic;n). The phases:
 *
 * <pre>
 * DOUBLING  twice as many per epoch, until twice as many twice bring no 30 % more
 * STEADY    measures what the limit brings; after a while tries more, then less
 * MORE      keeps the higher limit, and goes on, if it brings a fair part of what was added
 * LESS      keeps the lower limit, and goes on, if nothing is lost: what is gone was a queue
 * RECOVERING  after a cut, back to just below the limit that was refused
 * </pre>
 *
 * <p>Only a limit that is really used says anything: while calls are held back by something else
 * (pace, gate, no more items) it neither grows nor shrinks.
 *
 * <p>Refusals ("overloaded", "too many") cut the limit to 0.7 of itself, at most once per round
 * trip: only calls that were sent after the last cut count. A few in a hundred are no reason: they
 * cost less than the room that would be given up. Nor are refusals that come just as often after
 * the cut as before: these are not about our concurrency, unless they are more than half of all.
 *
 * <p>A ceiling that the user told is taken at its word: the limit doubles up to it without asking
 * what it brings, and only refusals lower it.
 *
 * <p>Pure: time comes in as nanoseconds; not thread-safe, the owner's lock protects it. Constant
 * cost per call and in memory.
 */
final class Concurrency {
    private enum Phase {
        DOUBLING,
        STEADY,
        MORE,
        LESS,
        RECOVERING
    }

    private static final int FIRST = 16;
    private static final int FIRST_WHEN_TOLD = 128;
    private static final long HOLD = Duration.ofSeconds(10).toNanos();
    private static final int HOLD_ROUND_TRIPS = 20;
    private static final double SHORTEST_EPOCH = Duration.ofMillis(1).toNanos();
    private static final double BUSY = 0.8;

    private static final int SAMPLES_DOUBLING = 64;
    private static final int SAMPLES_STEADY = 400;
    private static final double GAIN_DOUBLING = 0.3;
    private static final double GAIN_MORE = 0.3;
    private static final double LOSS_LESS = 0.05;
    private static final double STEP_LESS = 0.8;
    private static final double STEP_MORE = 1.25;
    private static final double STEP_MORE_AFTER_CUT = 1.05;
    private static final double STEP_MOST = 2;

    private static final double CUT = 0.7;
    private static final double BELOW_REFUSED = 0.95;
    private static final double STEP_RECOVERING = 1.25;
    private static final double TOLERATED = 0.03;
    private static final int FEWEST_REFUSALS = 2;
    private static final int GATE_CLOSINGS_TO_LIMIT = 8;
    private static final int SAMPLES_JUDGING = 48;
    private static final double SAME_AS_BEFORE = 0.25;
    private static final double BACKGROUND_WEIGHT = 0.2;
    private static final double MOST_BACKGROUND = 0.5;
    private static final double LATENCY_WEIGHT = 0.05;

    private final int ceiling;
    private final boolean told;

    private Phase phase = Phase.DOUBLING;
    private int limit;
    private int inFlight;

    /** The last limit that proved its worth, and what it brought. */
    private int proven;

    private double provenRate;
    private int missed;
    private double step = STEP_MORE;
    private long steadyUntil;

    private long lastCut = -1;
    private int refusedAt;
    private double shareBeforeCut;
    private boolean judging;
    private boolean wasDoubling;
    private double background;

    private double roundTrip;
    private long measureFrom;
    private boolean measuring;
    private int completed;
    private int refused;
    private double inFlightNanos;
    private double slotNanos;
    private long lastChange;

    private Concurrency(int ceiling, boolean told, int first, long now) {
        this.ceiling = ceiling;
        this.told = told;
        this.limit = Math.min(first, ceiling);
        this.proven = limit;
        beginEpoch(now);
    }

    /** Searches below a ceiling of ours. */
    static Concurrency searchingUpTo(int ceiling, long now) {
        return new Concurrency(ceiling, false, FIRST, now);
    }

    /** Goes up to the user's ceiling unless the server refuses. */
    static Concurrency toldToUse(int ceiling, long now) {
        return new Concurrency(ceiling, true, FIRST_WHEN_TOLD, now);
    }

    int limit() {
        return limit;
    }

    int inFlight() {
        return inFlight;
    }

    boolean full() {
        return inFlight >= limit;
    }

    void sent(long now) {
        tally(now);
        inFlight++;
    }

    /** The call was not made, or came to nothing that says anything of the server's capacity. */
    void gaveBack(long sentAt, long now) {
        tally(now);
        inFlight--;
        slotNanos += now - sentAt;
    }

    void answered(long sentAt, long now) {
        gaveBack(sentAt, now);
        double latency = now - sentAt;
        roundTrip = roundTrip == 0 ? latency : roundTrip + LATENCY_WEIGHT * (latency - roundTrip);
        completed++;
        endEpochIfDue(now);
    }

    /**
     * The server said that it has too much to do.
     *
     * @param closedGate whether this stopped all calls for a while, which costs as much as many
     *     refusals
     */
    void refused(long sentAt, boolean closedGate, long now) {
        gaveBack(sentAt, now);
        if (sentAt <= lastCut) {
            return;
        }
        refused += closedGate ? Math.max(1, limit / GATE_CLOSINGS_TO_LIMIT) : 1;
        double heard = completed + refused + inFlight;
        double normal = heard * (judging ? MOST_BACKGROUND : TOLERATED + background);
        if (refused > FEWEST_REFUSALS + normal + 2 * Math.sqrt(normal)) {
            cut(refused / heard, now);
        } else {
            endEpochIfDue(now);
        }
    }

    private void cut(double share, long now) {
        wasDoubling = phase == Phase.DOUBLING || (judging && wasDoubling);
        refusedAt = limit;
        shareBeforeCut = share;
        judging = true;
        lastCut = now;
        turnTo(Phase.RECOVERING, (int) (CUT * limit), now);
    }

    private void endEpochIfDue(long now) {
        if (!measuring) {
            if (now < measureFrom) {
                return;
            }
            measuring = true;
            measureFrom = now;
            completed = 0;
            refused = 0;
            inFlightNanos = 0;
            slotNanos = 0;
            return;
        }
        long span = now - measureFrom;
        if (span < Math.max(roundTrip, SHORTEST_EPOCH) || completed + refused < samples()) {
            return;
        }
        if (judging) {
            judge(now);
        } else if (inFlightNanos < BUSY * limit * span) {
            startOver(now);
        } else {
            decide(rate(span), now);
        }
    }

    // Counted, the rate is too high where answers come in clumps; by Little's law it is too high
    // while a growing queue has not yet shown in the latencies. Both are right otherwise.
    private double rate(long span) {
        double counted = completed / (double) span;
        double byLittle = inFlightNanos / span * completed / slotNanos;
        return Math.min(counted, byLittle);
    }

    // Held back by something else: what was measured says nothing of the limit.
    private void startOver(long now) {
        boolean untried = phase == Phase.RECOVERING && refused == 0;
        if (phase == Phase.DOUBLING || untried) {
            beginEpoch(now);
        } else {
            hold(now);
        }
    }

    private int samples() {
        return switch (phase) {
            case DOUBLING -> told ? 0 : SAMPLES_DOUBLING;
            case RECOVERING -> judging ? SAMPLES_JUDGING : 0;
            case STEADY, MORE, LESS -> told ? 0 : SAMPLES_STEADY;
        };
    }

    private void decide(double rate, long now) {
        switch (phase) {
            case DOUBLING -> afterDoubling(rate, now);
            case STEADY -> afterSteady(rate, now);
            case MORE -> afterMore(rate, now);
            case LESS -> afterLess(rate, now);
            case RECOVERING -> afterRecovering(now);
        }
    }

    private void afterDoubling(double rate, long now) {
        if (told || rate >= provenRate * (1 + GAIN_DOUBLING)) {
            prove(rate);
            missed = 0;
            if (limit == ceiling) {
                hold(now);
            } else {
                turnTo(Phase.DOUBLING, 2 * limit, now);
            }
        } else if (++missed == 2) {
            steadyUntil = now;
            turnTo(Phase.STEADY, proven, now);
        } else {
            beginEpoch(now);
        }
    }

    private void afterSteady(double rate, long now) {
        prove(rate);
        background += BACKGROUND_WEIGHT * (share() - background);
        if (now < steadyUntil) {
            beginEpoch(now);
        } else if (limit < ceiling) {
            turnTo(Phase.MORE, increased(step), now);
        } else if (told) {
            hold(now);
        } else {
            turnTo(Phase.LESS, (int) (STEP_LESS * limit), now);
        }
    }

    private void afterMore(double rate, long now) {
        double added = limit / (double) proven - 1;
        if (told || rate >= provenRate * (1 + GAIN_MORE * added)) {
            prove(rate);
            step = Math.min(STEP_MOST, 1 + 2 * (step - 1));
            if (limit == ceiling) {
                hold(now);
            } else {
                turnTo(Phase.MORE, increased(step), now);
            }
            return;
        }
        step = Math.min(step, STEP_MORE);
        turnTo(Phase.LESS, (int) (STEP_LESS * proven), now);
    }

    private void afterLess(double rate, long now) {
        if (rate >= provenRate * (1 - LOSS_LESS) && limit > 1) {
            prove(rate);
            turnTo(Phase.LESS, (int) (STEP_LESS * limit), now);
        } else {
            hold(now);
        }
    }

    private void judge(long now) {
        judging = false;
        double share = share();
        if (share >= SAME_AS_BEFORE * shareBeforeCut) {
            background = share;
            turnTo(wasDoubling ? Phase.DOUBLING : Phase.STEADY, refusedAt, now);
        } else {
            step = STEP_MORE_AFTER_CUT;
            afterRecovering(now);
        }
    }

    private void afterRecovering(long now) {
        proven = limit;
        int goal = Math.max(1, (int) (BELOW_REFUSED * refusedAt));
        if (limit >= goal) {
            hold(now);
        } else {
            turnTo(Phase.RECOVERING, Math.min(goal, increased(STEP_RECOVERING)), now);
        }
    }

    private double share() {
        return refused / Math.max(1.0, completed + refused);
    }

    private int increased(double factor) {
        return Math.max(limit + 1, (int) (factor * limit));
    }

    private void prove(double rate) {
        proven = limit;
        provenRate = rate;
    }

    private void hold(long now) {
        steadyUntil = now + Math.max(HOLD, (long) (HOLD_ROUND_TRIPS * roundTrip));
        turnTo(Phase.STEADY, proven, now);
    }

    private void turnTo(Phase next, int newLimit, long now) {
        phase = next;
        limit = Math.clamp(newLimit, 1, ceiling);
        beginEpoch(now);
    }

    private void beginEpoch(long now) {
        measureFrom = now + (long) roundTrip;
        measuring = false;
        completed = 0;
        refused = 0;
        inFlightNanos = 0;
        slotNanos = 0;
        lastChange = now;
    }

    private void tally(long now) {
        inFlightNanos += (double) inFlight * (now - lastChange);
        lastChange = now;
    }
}
