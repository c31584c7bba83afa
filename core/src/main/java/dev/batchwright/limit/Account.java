package dev.batchwright.limit;

import dev.batchwright.limit.Feedback.Answered;
import dev.batchwright.limit.Feedback.Broken;
import dev.batchwright.limit.Feedback.Overloaded;
import dev.batchwright.limit.Feedback.Throttled;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;

/**
 * One account at a provider: who goes next. A call goes when it is the first of its lane (model),
 * the lane's pace and gate let it, and a slot is free under the account's concurrency.
 *
 * <p>A lane is in one of three states: empty; <em>timed</em>, when pace or gate say "not before t",
 * and its first call is told to look again at t; or <em>in the round</em>, when its first call
 * needs only a free slot. Slots are given round by round, one to each lane, so that a model with a
 * million waiting calls does not starve another. Whoever ends a call, or wakes at his time, serves
 * the round; each step is O(1) and wakes only calls that go or that became first of a timed lane.
 *
 * <p>When the server takes nothing at all (ten calls in a row broken or refused, for a second) the
 * lane's gate closes as if it had said "too fast": a server that restarts does not use up every
 * item's attempts.
 *
 * <p>Pure: time comes in; not thread-safe, {@link Throttle} holds the lock.
 */
final class Account {
    private static final int DOWN = 10;
    private static final long DOWN_FOR = Duration.ofSeconds(1).toNanos();

    final Concurrency concurrency;
    private final ArrayDeque<Lane> round = new ArrayDeque<>();
    private int failuresInARow;
    private long failingSince;

    Account(Concurrency concurrency) {
        this.concurrency = concurrency;
    }

    void enter(Call call, long now) {
        call.lane.add(call);
        if (call.lane.first() == call) {
            serve(call.lane, now);
        }
    }

    /** The time that the first of a lane was told has come. */
    void lookAgain(Call call, long now) {
        call.wakeAt = Long.MAX_VALUE;
        serve(call.lane, now);
    }

    private void serve(Lane lane, long now) {
        if (!lane.inRound) {
            lane.inRound = true;
            round.add(lane);
        }
        serveRound(now);
    }

    private void serveRound(long now) {
        while (!concurrency.full() && !round.isEmpty()) {
            Lane lane = round.remove();
            lane.inRound = false;
            Call first = lane.first();
            if (first == null) {
                continue;
            }
            long readyAt = lane.readyAt(first);
            if (readyAt > now) {
                first.waitUntil(readyAt);
                continue;
            }
            concurrency.sent(now);
            lane.send(first, concurrency.limit(), now);
            lane.inRound = true;
            round.add(lane);
        }
    }

    /** The one who waited gave up. */
    void withdraw(Call call, long now) {
        if (call.state == Call.State.UNDER_WAY) {
            notMade(call, now);
            return;
        }
        call.state = Call.State.OVER;
        serve(call.lane, now);
    }

    /** The call was not made after all: all that it took is given back. */
    void notMade(Call call, long now) {
        call.state = Call.State.OVER;
        call.lane.notMade(call);
        concurrency.gaveBack(call.sentAt, now);
        serve(call.lane, now);
    }

    void settle(Call call, Feedback feedback, long now) {
        call.state = Call.State.OVER;
        Lane lane = call.lane;
        lane.left();
        lane.learn(feedback.report());
        switch (feedback) {
            case Answered answered -> {
                failuresInARow = 0;
                lane.answered(call, answered.tokens());
                concurrency.answered(now - answered.latency().toNanos(), now);
            }
            case Throttled throttled -> {
                switch (lane.throttled(call, throttled, now)) {
                    case NOTHING -> concurrency.gaveBack(call.sentAt, now);
                    case TOO_MANY -> concurrency.refused(call.sentAt, false, now);
                    case ALL_STOPPED -> concurrency.refused(call.sentAt, true, now);
                }
            }
            case Overloaded overloaded -> {
                concurrency.refused(call.sentAt, false, now);
                failed(call, overloaded.retryAfter(), now);
            }
            case Broken broken -> {
                concurrency.gaveBack(call.sentAt, now);
                failed(call, Optional.empty(), now);
            }
        }
        serve(lane, now);
    }

    private void failed(Call call, Optional<Duration> retryAfter, long now) {
        if (failuresInARow++ == 0) {
            failingSince = now;
        }
        if (failuresInARow >= DOWN && now - failingSince >= DOWN_FOR) {
            call.lane.down(call, retryAfter, now);
        }
    }
}
