package dev.batchwright.limit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * Calls through an account to a simulated server, in simulated time: an event loop in one thread,
 * the same for the same seed. As in a large job there is always another call waiting.
 */
final class Simulation {
    static final long MILLI = Duration.ofMillis(1).toNanos();
    static final long SECOND = Duration.ofSeconds(1).toNanos();

    /** The other side of the wire. */
    interface Server {
        void arrive(Call call, Simulation world);
    }

    /** How long a call takes to be served, apart from any queue. */
    interface Latency {
        long sample(Random random);

        static Latency millis(long millis) {
            return random -> millis * MILLI;
        }

        /** Every order of magnitude between the two is as likely. */
        static Latency between(long leastMillis, long mostMillis) {
            double spread = Math.log((double) mostMillis / leastMillis);
            return random -> (long) (leastMillis * MILLI * Math.exp(spread * random.nextDouble()));
        }
    }

    private record Event(long time, long order, Runnable step) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(time, other.time);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    final Random random;
    final Account account;
    final List<Long> arrivals = new ArrayList<>();
    final List<Long> answers = new ArrayList<>();
    long tokensPerCall = 1;
    long jitter;
    int throttled;
    int overloaded;
    int broken;

    private final Server server;
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long scheduled;

    Simulation(long seed, Concurrency concurrency, Server server) {
        this.random = new Random(seed);
        this.account = new Account(concurrency);
        this.server = server;
    }

    long now() {
        return now;
    }

    void after(long nanos, Runnable step) {
        events.add(new Event(now + nanos, scheduled++, step));
    }

    Lane lane(Limits limits) {
        return new Lane(limits, random, now);
    }

    /** Keeps that many calls waiting in the lane, from now on. */
    void keepWaiting(Lane lane, int calls) {
        for (int i = 0; i < calls; i++) {
            enter(lane);
        }
    }

    void runUntil(Duration time) {
        while (!events.isEmpty() && events.peek().time <= time.toNanos()) {
            Event next = events.remove();
            now = next.time;
            next.step.run();
        }
        now = time.toNanos();
    }

    private void enter(Lane lane) {
        Call call = new Call(lane, tokensPerCall);
        call.wakeBy(() -> woken(call));
        account.enter(call, now);
    }

    private void woken(Call call) {
        if (call.state == Call.State.UNDER_WAY) {
            after(0, () -> enter(call.lane));
            after(travel(), () -> arrive(call));
        } else {
            after(call.wakeAt - now, () -> lookAgain(call));
        }
    }

    private void lookAgain(Call call) {
        if (call.state != Call.State.WAITING) {
            return;
        }
        if (call.wakeAt <= now) {
            account.lookAgain(call, now);
        } else if (call.wakeAt < Long.MAX_VALUE) {
            after(call.wakeAt - now, () -> lookAgain(call));
        }
    }

    private void arrive(Call call) {
        arrivals.add(now);
        server.arrive(call, this);
    }

    private long travel() {
        return jitter == 0 ? 0 : random.nextLong(jitter);
    }

    void answer(Call call, LimitReport report) {
        after(
                travel(),
                () -> {
                    answers.add(now);
                    Duration latency = Duration.ofNanos(now - call.sentAt);
                    account.settle(call, new Feedback.Answered(call.tokens, latency, report), now);
                });
    }

    void throttle(Call call, Optional<Duration> retryAfter, LimitReport report) {
        throttled++;
        after(
                travel() + 2 * MILLI,
                () -> account.settle(call, new Feedback.Throttled(retryAfter, report), now));
    }

    void overload(Call call) {
        overloaded++;
        after(
                travel() + 2 * MILLI,
                () ->
                        account.settle(
                                call,
                                new Feedback.Overloaded(Optional.empty(), LimitReport.NONE),
                                now));
    }

    void breakOff(Call call) {
        broken++;
        after(travel(), () -> account.settle(call, new Feedback.Broken(LimitReport.NONE), now));
    }

    /** Answers per second between two times. */
    double rate(Duration from, Duration to) {
        long count = answers.stream().filter(t -> t >= from.toNanos() && t < to.toNanos()).count();
        return count / (to.minus(from).toNanos() / 1e9);
    }
}
