package dev.batchwright.limit;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** The calls of one model that wait, first come first served, and the limits that they share. */
final class Lane {
    /** What a refusal as "too fast" says of how many calls may be made at once. */
    enum AboutConcurrency {
        NOTHING,
        TOO_MANY,
        ALL_STOPPED
    }

    final Pace requests;
    final Pace tokens;
    final Gate gate;

    /** Whether it stands in the account's round for a free slot. */
    boolean inRound;

    private int inFlight;
    private final ArrayDeque<Call> waiting = new ArrayDeque<>();

    Lane(Limits limits, RandomGenerator random, long now) {
        this.requests = new Pace(limits.requestsPerMinute(), now);
        this.tokens = new Pace(limits.tokensPerMinute(), now);
        this.gate = new Gate(random);
    }

    void add(Call call) {
        waiting.add(call);
    }

    /** The next in line; calls that were withdrawn while they waited are dropped here. */
    @Nullable Call first() {
        Call first = waiting.peek();
        while (first != null && first.state != Call.State.WAITING) {
            waiting.remove();
            first = waiting.peek();
        }
        return first;
    }

    /** When the first may go, by pace and gate. */
    long readyAt(Call first) {
        return Math.max(
                gate.readyAt(), Math.max(requests.readyAt(1), tokens.readyAt(first.tokens)));
    }

    void send(Call first, int most, long now) {
        waiting.remove();
        requests.take(1, now);
        tokens.take(first.tokens, now);
        gate.pass(most, now);
        inFlight++;
        first.send(now);
    }

    void notMade(Call call) {
        inFlight--;
        requests.correct(-1);
        tokens.correct(-call.tokens);
    }

    /** A call is over that was made. */
    void left() {
        inFlight--;
    }

    int inFlight() {
        return inFlight;
    }

    void learn(LimitReport report) {
        requests.learn(report.requests());
        tokens.learn(report.tokens());
    }

    void answered(Call call, long tokensCounted) {
        tokens.correct(tokensCounted - call.tokens);
        requests.answered();
        tokens.answered();
        gate.answered(call.sentAt);
    }

    /**
     * The server said "too fast". A known rate that explains it gives way a little, once for each
     * closing of the gate.
     *
     * @return what it says of how many calls may be made at once
     */
    AboutConcurrency throttled(Call call, Feedback.Throttled feedback, long now) {
        boolean closedGate = gate.refused(call.sentAt, feedback.retryAfter(), now);
        boolean byRequests = requests.explainsRefusal(1, feedback.report().requests(), now);
        boolean byTokens = tokens.explainsRefusal(call.tokens, feedback.report().tokens(), now);
        if (byRequests && closedGate) {
            requests.refused();
        }
        if (byTokens && closedGate) {
            tokens.refused();
        }
        tokens.correct(-call.tokens);
        if (byRequests || byTokens) {
            return AboutConcurrency.NOTHING;
        }
        return closedGate ? AboutConcurrency.ALL_STOPPED : AboutConcurrency.TOO_MANY;
    }

    /** The server takes nothing at all now. */
    void down(Call call, Optional<Duration> retryAfter, long now) {
        gate.refused(call.sentAt, retryAfter, now);
    }

    int waiting() {
        return waiting.size();
    }
}
