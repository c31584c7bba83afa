package dev.batchwright.engine;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Request;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.Feedback;
import dev.batchwright.limit.Permit;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.retry.Attempts;
import dev.batchwright.retry.Next;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.Worker;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One process's run of one job in the live lane.
 *
 * <p>The owner's thread feeds: it claims shards, streams their pending items and forks a virtual
 * thread for each, as far as there is {@link Room}. An item's thread takes a permit, sends, decides
 * with {@link RetryPolicy}, and writes the outcome down <em>before it gives the permit back</em>:
 * so a crash repeats at most the calls that were in flight. An item that waits for its next attempt
 * holds room but no permit.
 *
 * <p>A run ends when every item of the job has its outcome, or early: told to stop, cancelled,
 * blocked, at its deadline or budget, or because the store failed. Then nothing new is claimed,
 * items that wait are let go, and calls under way get {@link #GRACE} to finish, because they are
 * paid for. What is left has no outcome, its leases are given back, and the next run takes it up. A
 * crash at any point leaves the same, but for the leases: they are void with the process.
 *
 * <p>Cost at a million items: a thousand claims, one virtual thread and one durable append an item,
 * and memory for the open items only.
 */
public final class JobRun {
    /** How long calls under way may go on after the run was told to end. */
    public static final Duration GRACE = Duration.ofSeconds(10);

    private static final int SHARDS_A_CLAIM = 8;
    // What waits for a permit is there when one is free; what waits for its next attempt is not in
    // the way of others.
    private static final int OPEN_PER_CALL = 4;

    private final JobStore store;
    private final Job job;
    private final Function<Request, LiveRoute> routes;
    private final TokenEstimator estimator;
    private final RetryPolicy retries;
    private final InstantSource clock;
    private final Budget budget;
    private final Room room;
    private final TaskScope attempts;
    private final Reachability reachability = new Reachability();

    private final AtomicReference<@Nullable RunEnd> ending = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final HeldLeases leases;

    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger calls = new AtomicInteger();
    private final LongAdder made = new LongAdder();
    private final LongAdder throttled = new LongAdder();
    private final LongAdder retried = new LongAdder();

    /**
     * @param job in state Active
     * @param mostCalls the most calls that will be made at once, over all providers
     * @param routes the way of a request; called for each item, so it must be quick
     */
    public JobRun(
            JobStore store,
            Job job,
            int mostCalls,
            Function<Request, LiveRoute> routes,
            TokenEstimator estimator,
            RetryPolicy retries,
            InstantSource clock) {
        this.store = store;
        this.job = job;
        this.routes = routes;
        this.estimator = estimator;
        this.retries = retries;
        this.clock = clock;
        this.leases = new HeldLeases(clock);
        this.budget = new Budget(job.spec().maxCost(), store.progress(job.id()).cost());
        this.room = new Room(OPEN_PER_CALL * mostCalls, Runtime.getRuntime().maxMemory() / 8);
        this.attempts = new TaskScope(job.id().value(), this::fail);
    }

    /**
     * Runs until the job ends or the run is told to; the job's state is moved accordingly. To be
     * called once.
     *
     * @throws dev.batchwright.store.StoreException if the store fails; the job stays resumable
     */
    public RunEnd run() throws InterruptedException {
        RunEnd end;
        try (Worker worker = store.openWorker(job.id());
                var heartbeat = new Heartbeat(worker, this::onPulse, this::fail);
                var scope = attempts;
                var deadline = new Alarm(job.spec().deadline(), clock, this::endAtDeadline)) {
            end = carryAll(worker);
            scope.windDown();
            boolean unusedInTime = scope.join(GRACE);
        }
        throwFailure();
        conclude(end);
        return end;
    }

    /** Asks the run to end soon; returns at once. May be called by any thread. */
    public void stop() {
        end(new RunEnd.Interrupted());
    }

    public Activity activity() {
        return new Activity(open.get(), calls.get(), made.sum(), throttled.sum(), retried.sum());
    }

    private RunEnd carryAll(Worker worker) throws InterruptedException {
        while (true) {
            RunEnd early = ending.get();
            if (early != null) {
                return early;
            }
            List<Lease> claimed = worker.claim(Lane.LIVE, SHARDS_A_CLAIM);
            for (Lease lease : claimed) {
                feed(worker, lease);
            }
            if (claimed.isEmpty() && isComplete(worker)) {
                return new RunEnd.Finished();
            }
        }
    }

    private void feed(Worker worker, Lease lease) throws InterruptedException {
        try (Stream<Item> pending = worker.pending(lease)) {
            var items = pending.iterator();
            while (ending.get() == null && items.hasNext()) {
                Item item = items.next();
                room.enter(item);
                open.incrementAndGet();
                attempts.fork(mark -> carry(worker, lease, item, mark));
            }
        } catch (LeaseLostException e) {
            // Lost between the claim and here (the process was stopped for a while): others go on.
            leases.lost(lease);
        }
    }

    /** Nothing is left to claim: waits for what is under way, here or in another process. */
    private boolean isComplete(Worker worker) throws InterruptedException {
        if (!attempts.join(Worker.HEARTBEAT)) {
            return false;
        }
        worker.flush();
        if (store.progress(job.id()).pending() == 0) {
            return true;
        }
        // The rest is held by others. If they die, their shards can be claimed.
        boolean unusedEnded = ended.await(Worker.HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
        return false;
    }

    /** Takes one item to its end, attempt by attempt. */
    private void carry(Worker worker, Lease lease, Item item, TaskScope.Mark mark)
            throws InterruptedException {
        try {
            LiveRoute route = routes.apply(item.request());
            Attempts before = Attempts.NONE;
            while (true) {
                Next next = attempt(worker, lease, item, route, before, mark);
                mark.waiting();
                switch (next) {
                    case Next.Done done -> {
                        return;
                    }
                    case Next.RetryAt(Attempts soFar, Instant notBefore) -> {
                        before = soFar;
                        Thread.sleep(Duration.between(clock.instant(), notBefore));
                    }
                    case Next.Block(String problem) -> {
                        end(new RunEnd.Blocked(problem));
                        return;
                    }
                }
            }
        } catch (LeaseLostException e) {
            // The new owner has the item now; what we paid for is kept as a stray.
            leases.lost(lease);
        } finally {
            open.decrementAndGet();
            room.leave(item);
        }
    }

    private Next attempt(
            Worker worker,
            Lease lease,
            Item item,
            LiveRoute route,
            Attempts before,
            TaskScope.Mark mark)
            throws InterruptedException {
        TokenEstimator.Estimate tokens = estimator.estimate(item.request());
        try (Permit permit = route.throttle().acquire(tokens.total());
                Budget.Reservation reservation =
                        reserve(route.price().apply(tokens.cautiousUsage()))) {
            leases.await(lease);
            mark.busy();
            long began = System.nanoTime();
            AttemptOutcome outcome = call(route, item);
            var took = Duration.ofNanos(System.nanoTime() - began);
            boolean gone = reachability.isGone(item.request().provider(), outcome, clock.instant());
            if (outcome instanceof AttemptOutcome.Unreachable(var problem, var limits)) {
                // Nothing was sent: the permit goes back unused and says nothing of limits.
                retried.increment();
                reservation.spent(Cost.ZERO);
                return gone
                        ? new Next.Block(problem)
                        : retries.after(outcome, before, clock.instant(), route.price());
            }
            try {
                reservation.spent(route.price().apply(paid(outcome)));
                if (outcome instanceof AttemptOutcome.Success(var reply, var usage, var limits)) {
                    estimator.learn(item.request(), tokens, usage);
                }
                Next next = retries.after(outcome, before, clock.instant(), route.price());
                if (next instanceof Next.Done(var result)) {
                    // Before the permit is given back: a crash repeats at most the calls in flight.
                    worker.record(lease, item, result);
                }
                return next;
            } finally {
                permit.settle(feedback(outcome, took));
            }
        }
    }

    private AttemptOutcome call(LiveRoute route, Item item) throws InterruptedException {
        calls.incrementAndGet();
        made.increment();
        try {
            return route.api().send(item.request(), job.spec().live().timeout());
        } finally {
            calls.decrementAndGet();
        }
    }

    private Feedback feedback(AttemptOutcome outcome, Duration took) {
        return switch (outcome) {
            case AttemptOutcome.Success(var reply, var usage, var limits) ->
                    new Feedback.Answered(usage.totalTokens(), took, limits);
            case AttemptOutcome.Rejected(var error, var reply, var limits) ->
                    new Feedback.Answered(0, took, limits);
            case AttemptOutcome.Throttled(var retryAfter, var error, var limits) -> {
                throttled.increment();
                yield new Feedback.Throttled(retryAfter, limits);
            }
            case AttemptOutcome.Transient failed -> {
                retried.increment();
                yield failed.overloaded()
                        ? new Feedback.Overloaded(failed.retryAfter(), failed.limits())
                        : new Feedback.Broken(failed.limits());
            }
            case AttemptOutcome.Unreachable(var problem, var limits) -> new Feedback.Broken(limits);
            case AttemptOutcome.Blocked(var problem, var limits) ->
                    new Feedback.Answered(0, took, limits);
        };
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

    private Budget.Reservation reserve(Cost estimate) throws InterruptedException {
        Optional<Budget.Reservation> reservation = budget.reserve(estimate);
        if (reservation.isEmpty()) {
            end(
                    new RunEnd.Stopped(
                            "The budget of %s is reached: the next call may cost %s. Run the same command with a higher --max-cost to go on."
                                    .formatted(job.spec().maxCost().orElseThrow(), estimate)));
            throw new InterruptedException("the budget is reached");
        }
        return reservation.get();
    }

    private void onPulse(Worker.Pulse pulse) {
        leases.renewed(pulse);
        switch (pulse.job()) {
            case JobState.Cancelled cancelled -> end(new RunEnd.Cancelled());
            // Another process ran into it: what stops the job stops all who work on it.
            case JobState.Blocked(String problem) -> end(new RunEnd.Blocked(problem));
            case JobState.Stopped(String reason) -> end(new RunEnd.Stopped(reason));
            case JobState.Active active -> {}
            case JobState.Loading loading -> {}
            case JobState.Finished finished -> {}
        }
    }

    private void endAtDeadline() {
        end(
                new RunEnd.Stopped(
                        "The deadline was reached with items left. Run the same command with a"
                                + " later --deadline to go on."));
    }

    private void fail(Throwable problem) {
        failure.compareAndSet(null, problem);
        end(new RunEnd.Interrupted());
    }

    private void throwFailure() {
        switch (failure.get()) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void end(RunEnd why) {
        if (ending.compareAndSet(null, why)) {
            attempts.windDown();
            ended.countDown();
            room.open();
        }
    }

    private void conclude(RunEnd end) {
        switch (end) {
            case RunEnd.Finished finished -> become(new JobState.Finished(), "finished", "");
            case RunEnd.Blocked(String problem) ->
                    become(new JobState.Blocked(problem), "blocked", problem);
            case RunEnd.Stopped(String reason) ->
                    become(new JobState.Stopped(reason), "stopped", reason);
            case RunEnd.Cancelled cancelled -> {} // Whoever cancelled it has said so.
            case RunEnd.Interrupted interrupted -> store.addEvent(job.id(), "interrupted", "");
        }
    }

    private void become(JobState state, String event, String detail) {
        if (store.transition(job.id(), new JobState.Active(), state)) {
            store.addEvent(job.id(), event, detail);
        }
    }
}
