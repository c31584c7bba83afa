package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.Feedback;
import dev.batchwright.limit.Permit;
import dev.batchwright.limit.Throttle;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.retry.Attempts;
import dev.batchwright.retry.Next;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.Funding;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.Worker;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;

/**
 * Calls made now, one by one. The run's owner feeds it shards: their pending items are streamed and
 * stand in line for a permit, as far as there is {@link Room}. When it is an item's turn, a virtual
 * thread begins for it, sends, decides with {@link RetryPolicy}, and writes the outcome down
 * <em>before it gives the permit back</em>: so a crash repeats at most the calls that were in
 * flight. An item that waits for its next attempt holds room but no permit.
 *
 * <p>When the run ends early, items that wait are let go, and calls under way get some time to
 * finish, because they are paid for. What is left has no outcome and is there for the next run.
 */
final class LiveLane implements AutoCloseable {
    // What waits for a permit is there when one is free; what waits for its next attempt is not in
    // the way of others.
    private static final int OPEN_PER_CALL = 4;

    /** Why an item fails that its caller gave up before it was sent. */
    static final ItemError CANCELLED =
            new ItemError("cancelled", "It was cancelled before it was sent.");

    /** Why an item fails whose owner has no money left. */
    static final ItemError UNPAID =
            new ItemError(
                    "insufficient_quota",
                    "The budget of this key is used up, or set aside for what is under way: this"
                        + " request was not sent and cost nothing. Ask for more, or send it again"
                        + " when there is some.");

    private static final int UNSENT_A_SYNC = 1_000;

    /** How soon it is seen that others have given money back, and how long that is waited for. */
    private static final Duration MONEY_LOOK = Duration.ofMillis(500);

    private static final Duration MONEY_PATIENCE = Duration.ofSeconds(5);

    private final Job job;
    private final Worker worker;
    private final Routes routes;
    private final TokenEstimator estimator;
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Budget budget;
    private final HeldLeases leases;
    private final RunControl control;
    private final Counters counters;
    private final Room room;
    private final TaskScope attempts;
    private final Reachability reachability = new Reachability();
    private volatile Set<Long> unwanted = Set.of(); // Replaced as a whole.

    /** What a run's live lane does at this moment and has done: outlives the lane. */
    static final class Counters {
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger calls = new AtomicInteger();
        private final LongAdder made = new LongAdder();
        private final LongAdder throttled = new LongAdder();
        private final LongAdder retried = new LongAdder();
        private final LiveRate rate = new LiveRate();

        Activity activity(int batches) {
            return new Activity(
                    open.get(), calls.get(), made.sum(), throttled.sum(), retried.sum(), batches);
        }

        LiveRate rate() {
            return rate;
        }
    }

    LiveLane(
            Job job,
            Worker worker,
            Routes routes,
            TokenEstimator estimator,
            RetryPolicy retries,
            InstantSource clock,
            Budget budget,
            HeldLeases leases,
            RunControl control,
            Counters counters,
            int mostCalls) {
        this.job = job;
        this.worker = worker;
        this.routes = routes;
        this.estimator = estimator;
        this.retries = retries;
        this.clock = clock;
        this.budget = budget;
        this.leases = leases;
        this.control = control;
        this.counters = counters;
        this.room = new Room(OPEN_PER_CALL * mostCalls, Runtime.getRuntime().maxMemory() / 8);
        this.attempts = new TaskScope(job.id().value(), control::fail);
    }

    /** Starts the items of a shard; returns when all of them have found room. */
    void feed(Lease lease) throws InterruptedException {
        try (Stream<Item> pending = worker.pending(lease)) {
            var items = pending.iterator();
            lookForUnwanted();
            var ended = new HashMap<Long, Outcome>();
            while (!control.isEnding() && items.hasNext()) {
                Item item = items.next();
                Optional<Outcome> end = endUnsent(item);
                if (end.isPresent()) {
                    ended.put(item.seq(), end.get());
                    if (ended.size() == UNSENT_A_SYNC) {
                        worker.record(lease, ended);
                        ended.clear();
                    }
                    continue;
                }
                room.enter(item);
                counters.open.incrementAndGet();
                line(lease, item);
            }
            worker.record(lease, ended);
        } catch (LeaseLostException e) {
            // Lost between the claim and here (the process was stopped for a while): others go on.
            leases.lost(lease);
        }
    }

    /** Sees which items their callers have given up by now; they are not sent any more. */
    void lookForUnwanted() {
        unwanted = worker.unwanted();
    }

    /** Waits until no item is under way, at most this long; says whether that is so. */
    boolean join(Duration atMost) throws InterruptedException {
        return attempts.join(atMost);
    }

    /** Lets go of the items that wait; calls under way go on. */
    void windDown() {
        attempts.windDown();
        room.open();
    }

    /** Puts an item in the line for its first attempt: its thread begins when it is its turn. */
    private void line(Lease lease, Item item) {
        LiveRoute route = routes.live(item.request());
        TokenEstimator.Estimate tokens = estimator.estimate(item.request());
        Throttle.Turn turn = route.throttle().turn(tokens.total());
        TaskScope.Prepared task =
                attempts.prepare(
                        mark -> carry(lease, item, route, tokens, turn, mark),
                        () -> {
                            turn.withdraw();
                            letGo(item);
                        });
        turn.enter(task::wake);
        task.ready();
    }

    /** Takes one item to its end, attempt by attempt. */
    private void carry(
            Lease lease,
            Item item,
            LiveRoute route,
            TokenEstimator.Estimate estimate,
            Throttle.Turn first,
            TaskScope.Mark mark)
            throws InterruptedException {
        try {
            Throttle.Turn turn = first;
            TokenEstimator.Estimate tokens = estimate;
            Attempts before = Attempts.NONE;
            while (true) {
                Next next = attempt(lease, item, route, tokens, turn, before, mark);
                mark.waiting();
                switch (next) {
                    case Next.Done done -> {
                        return;
                    }
                    case Next.RetryAt(Attempts soFar, Instant notBefore) -> {
                        before = soFar;
                        Thread.sleep(Duration.between(clock.instant(), notBefore));
                        tokens = estimator.estimate(item.request());
                        turn = route.throttle().queue(tokens.total());
                    }
                    case Next.Block(String problem) -> {
                        control.end(new RunEnd.Blocked(problem));
                        return;
                    }
                }
            }
        } catch (LeaseLostException e) {
            // The new owner has the item now; what we paid for is kept as a stray.
            leases.lost(lease);
        } finally {
            letGo(item);
        }
    }

    private void letGo(Item item) {
        counters.open.decrementAndGet();
        room.leave(item);
    }

    private Next attempt(
            Lease lease,
            Item item,
            LiveRoute route,
            TokenEstimator.Estimate tokens,
            Throttle.Turn turn,
            Attempts before,
            TaskScope.Mark mark)
            throws InterruptedException {
        try (Permit permit = turn.await()) {
            if (unwanted.contains(item.seq())) {
                return end(lease, item, unsent(CANCELLED, before, item));
            }
            Optional<Budget.Reservation> funds =
                    reserve(route.price().apply(tokens.cautiousUsage()), mark);
            if (funds.isEmpty()) {
                return end(lease, item, unsent(UNPAID, before, item));
            }
            try (Budget.Reservation reservation = funds.get()) {
                leases.await(lease);
                mark.busy();
                return send(lease, item, route, tokens, before, permit, reservation);
            }
        }
    }

    private Next end(Lease lease, Item item, Outcome outcome) throws InterruptedException {
        worker.record(lease, item, outcome);
        return new Next.Done(outcome);
    }

    private Next send(
            Lease lease,
            Item item,
            LiveRoute route,
            TokenEstimator.Estimate tokens,
            Attempts before,
            Permit permit,
            Budget.Reservation reservation)
            throws InterruptedException {
        long began = System.nanoTime();
        AttemptOutcome outcome = call(route, item);
        var took = Duration.ofNanos(System.nanoTime() - began);
        boolean gone = reachability.isGone(item.request().provider(), outcome, clock.instant());
        if (outcome instanceof AttemptOutcome.Unreachable(var problem, var limits)) {
            // Nothing was sent: the permit goes back unused and says nothing of limits.
            counters.retried.increment();
            reservation.spent(Cost.ZERO);
            return gone
                    ? new Next.Block(problem)
                    : retries.after(outcome, before, clock.instant(), route.price());
        }
        try {
            if (!isUnheardOf(outcome)) {
                reservation.spent(route.price().apply(paid(outcome)));
            }
            if (outcome instanceof AttemptOutcome.Success(var reply, var usage, var limits)) {
                estimator.learn(item.request(), tokens, usage);
            }
            Next next = retries.after(outcome, before, clock.instant(), route.price());
            if (next instanceof Next.Done(var result)) {
                // Before the permit is given back: a crash repeats at most the calls in flight.
                worker.record(lease, item, result);
                counters.rate.finished(
                        clock.instant(), counters.open.get() > counters.calls.get() + 1);
            }
            return next;
        } finally {
            permit.settle(feedback(outcome, took));
        }
    }

    private AttemptOutcome call(LiveRoute route, Item item) throws InterruptedException {
        counters.calls.incrementAndGet();
        counters.made.increment();
        try {
            return route.api().send(item.request(), job.spec().live().timeout());
        } finally {
            counters.calls.decrementAndGet();
        }
    }

    private Feedback feedback(AttemptOutcome outcome, Duration took) {
        return switch (outcome) {
            case AttemptOutcome.Success(var reply, var usage, var limits) ->
                    new Feedback.Answered(usage.totalTokens(), took, limits);
            case AttemptOutcome.Rejected(var error, var reply, var limits) ->
                    new Feedback.Answered(0, took, limits);
            case AttemptOutcome.Throttled(var retryAfter, var error, var limits) -> {
                counters.throttled.increment();
                yield new Feedback.Throttled(retryAfter, limits);
            }
            case AttemptOutcome.Transient failed -> {
                counters.retried.increment();
                yield failed.overloaded()
                        ? new Feedback.Overloaded(failed.retryAfter(), failed.limits())
                        : new Feedback.Broken(failed.limits());
            }
            case AttemptOutcome.Unreachable(var problem, var limits) -> new Feedback.Broken(limits);
            case AttemptOutcome.Blocked(var problem, var limits) ->
                    new Feedback.Answered(0, took, limits);
        };
    }

    /** Whether it may have been executed and paid for, and nobody said so. */
    private static boolean isUnheardOf(AttemptOutcome outcome) {
        return outcome instanceof AttemptOutcome.Transient lost && lost.reply().isEmpty();
    }

    private static Usage paid(AttemptOutcome outcome) {
        return switch (outcome) {
            case AttemptOutcome.Success(var reply, var usage, var limits) -> usage;
            case AttemptOutcome.Transient failed -> failed.usage();
            case AttemptOutcome.Throttled throttled -> Usage.NONE;
            case AttemptOutcome.Rejected rejected -> Usage.NONE;
            case AttemptOutcome.Unreachable unreachable -> Usage.NONE;
            case AttemptOutcome.Blocked blocked -> Usage.NONE;
        };
    }

    /** What becomes of an item that nobody wants, or pays for, any more. */
    private Optional<Outcome> endUnsent(Item item) {
        if (unwanted.contains(item.seq())) {
            return Optional.of(unsent(CANCELLED, Attempts.NONE, item));
        }
        return budget.isRefused(mostCost(item))
                ? Optional.of(unsent(UNPAID, Attempts.NONE, item))
                : Optional.empty();
    }

    private Cost mostCost(Item item) {
        return budget.isLimited()
                ? routes.live(item.request())
                        .price()
                        .apply(estimator.estimate(item.request()).cautiousUsage())
                : Cost.ZERO;
    }

    /** Money for a call; empty if the job's owner has none left for it. */
    private Optional<Budget.Reservation> reserve(Cost estimate, TaskScope.Mark mark)
            throws InterruptedException {
        Optional<Budget.Reservation> atHand = budget.take(estimate);
        if (atHand.isPresent()) {
            return atHand;
        }
        Instant patience = clock.instant().plus(MONEY_PATIENCE);
        while (true) {
            // An interrupt must not fall into a commit.
            mark.busy();
            long settlements = budget.settlements().times();
            Budget.Try tried = budget.tryReserve(estimate);
            mark.waiting();
            switch (tried) {
                case Budget.Try.Granted(Budget.Reservation reservation) -> {
                    return Optional.of(reservation);
                }
                case Budget.Try.WaitForOwn own ->
                        budget.settlements().await(settlements, MONEY_LOOK);
                case Budget.Try.WaitForOthers(Funding.Limit limit, Cost left) -> {
                    // Its permit is in the way of other owners.
                    if (limit == Funding.Limit.ACCOUNT && clock.instant().isAfter(patience)) {
                        budget.refuse(estimate);
                        return Optional.empty();
                    }
                    budget.settlements().await(settlements, MONEY_LOOK);
                }
                case Budget.Try.Beyond(Funding.Limit limit, Cost left) -> {
                    if (limit == Funding.Limit.ACCOUNT) {
                        return Optional.empty();
                    }
                    control.end(beyondBudget(budget.cap().orElseThrow(), "call", estimate));
                    throw new InterruptedException("the budget is reached");
                }
            }
        }
    }

    /** How a run ends whose job may not cost as much as its next step. */
    static RunEnd beyondBudget(Cost cap, String step, Cost estimate) {
        return new RunEnd.Stopped(
                "The budget of %s is reached: the next %s may cost %s. Run the same command with a higher --max-cost to go on."
                        .formatted(cap, step, estimate));
    }

    /** What becomes of an item that is not sent, or not again; it can be asked for anew. */
    private Outcome unsent(ItemError why, Attempts before, Item item) {
        return new Outcome.Failed(
                Math.max(1, before.made()),
                why,
                Optional.empty(),
                before.paid(),
                routes.live(item.request()).price().apply(before.paid()));
    }

    /** Ends what is still under way. */
    @Override
    public void close() {
        attempts.close();
    }
}
