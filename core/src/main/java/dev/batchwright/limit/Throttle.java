package dev.batchwright.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The permits of one model at one account: requests and tokens per minute and the gate are the
 * model's own, as providers count them; the concurrency is shared by all models of the account,
 * because connections, memory and the user's {@code --concurrency} are.
 *
 * <p>First come, first served. A thread that waits is parked, holds no lock, and is woken only to
 * go or because it became the first and has a time to wait for: thousands can wait, and nobody
 * looks through them. The lock is held for a few dozen instructions, never over I/O or a wait.
 *
 * <p>A lowered limit lets the calls under way finish. Nothing of this survives a crash, and nothing
 * needs to: limits are learned again from the first answers.
 */
public final class Throttle {
    private final Account account;
    private final ReentrantLock accountLock;
    private final Lane lane;
    private final Timer timer;

    Throttle(Account account, ReentrantLock accountLock, Lane lane, Timer timer) {
        this.account = account;
        this.accountLock = accountLock;
        this.lane = lane;
        this.timer = timer;
    }

    /**
     * Waits until a call may be made.
     *
     * @param estimatedTokens what it will take, input and output together; settling corrects it
     */
    public Permit acquire(long estimatedTokens) throws InterruptedException {
        return queue(estimatedTokens).await();
    }

    /** A place in the line for this thread, which will wait there. */
    public Turn queue(long estimatedTokens) {
        Thread waiter = Thread.currentThread();
        Turn turn = turn(estimatedTokens);
        turn.enter(() -> LockSupport.unpark(waiter));
        return turn;
    }

    /**
     * A call that does not stand in the line yet: for those who have no thread before it is their
     * turn. Thousands of waiting calls then cost no stack.
     *
     * @param estimatedTokens as in {@link #acquire}
     */
    public Turn turn(long estimatedTokens) {
        return new Turn(new Call(lane, estimatedTokens));
    }

    /** A call's place in the line. */
    public final class Turn {
        private final Call call;

        private Turn(Call call) {
            this.call = call;
        }

        /**
         * Takes the place; to be called once.
         *
         * @param wake run each time when the one who waits shall go on with {@link #await}, also
         *     from here; under the account's lock, so it must return at once
         */
        public void enter(Runnable wake) {
            locked(
                    () -> {
                        call.wakeBy(wake);
                        account.enter(call, timer.nanos());
                    });
        }

        /** Waits until the call may be made. */
        public Permit await() throws InterruptedException {
            while (call.state == Call.State.WAITING) {
                if (Thread.interrupted()) {
                    withdraw();
                    throw new InterruptedException();
                }
                timer.parkUntil(call.wakeAt);
                if (call.wakeAt <= timer.nanos()) {
                    locked(() -> account.lookAgain(call, timer.nanos()));
                }
            }
            return new Slot(call);
        }

        /** Gives the place up, or what was granted; nobody may wait. */
        public void withdraw() {
            locked(() -> account.withdraw(call, timer.nanos()));
        }
    }

    /** What is known and in use now, for people. */
    public Snapshot snapshot() {
        accountLock.lock();
        try {
            long now = timer.nanos();
            OptionalLong closedUntil = lane.gate.closedUntil(now);
            return new Snapshot(
                    account.concurrency.limit(),
                    account.concurrency.inFlight(),
                    lane.inFlight(),
                    lane.waiting(),
                    lane.requests.perMinute(),
                    lane.tokens.perMinute(),
                    closedUntil.isPresent()
                            ? Optional.of(Duration.ofNanos(closedUntil.getAsLong() - now))
                            : Optional.empty());
        } finally {
            accountLock.unlock();
        }
    }

    /**
     * @param concurrency how many calls at once the account may make now
     * @param inFlight how many it is making
     * @param ofModel how many of these are of this model
     * @param waiting how many calls of this model wait for a permit
     * @param requestsPerMinute the limit that is kept, if one is known
     * @param tokensPerMinute likewise
     * @param closedFor how long the gate stays closed, if it is
     */
    public record Snapshot(
            int concurrency,
            int inFlight,
            int ofModel,
            int waiting,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute,
            Optional<Duration> closedFor) {
        /** What holds those who wait back; empty if nobody waits. */
        public Optional<Hold> hold() {
            if (waiting == 0) {
                return Optional.empty();
            }
            if (closedFor.isPresent()) {
                return Optional.of(Hold.GATE);
            }
            return Optional.of(inFlight >= concurrency ? Hold.CONCURRENCY : Hold.RATE);
        }
    }

    /** Why calls wait. */
    public enum Hold {
        /** The provider said "too fast", and when to come again. */
        GATE,
        /** As many are being made as may be at once. */
        CONCURRENCY,
        /** Requests or tokens per minute are used up. */
        RATE
    }

    private void locked(Runnable step) {
        accountLock.lock();
        try {
            step.run();
        } finally {
            accountLock.unlock();
        }
    }

    private final class Slot implements Permit {
        private final Call call;

        Slot(Call call) {
            this.call = call;
        }

        @Override
        public void settle(Feedback feedback) {
            locked(
                    () -> {
                        if (call.state == Call.State.OVER) {
                            throw new IllegalStateException(
                                    "This permit was settled or closed before; a call is settled"
                                            + " once.");
                        }
                        account.settle(call, feedback, timer.nanos());
                    });
        }

        @Override
        public void close() {
            locked(
                    () -> {
                        if (call.state != Call.State.OVER) {
                            account.notMade(call, timer.nanos());
                        }
                    });
        }
    }
}
