package dev.batchwright.engine;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Progress;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.plan.Timetable;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.Worker;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * One process's run of one job.
 *
 * <p>The owner's thread claims shards: those whose lane is open go to the {@link LanePlanner},
 * those of the batch lane each get a thread in the {@link BatchLane}, those of the live lane are
 * fed into the {@link LiveLane}. Items that a batch leaves behind come back as open shards.
 *
 * <p>A run ends when every item of the job has its outcome, or early: told to stop, cancelled,
 * blocked, at its deadline or budget, or because the store failed. Then nothing new is claimed and
 * nothing new is paid for. Calls under way get {@link #GRACE} to finish, because they are paid for.
 * Batches go on at the provider without us, unless the job is cancelled or over its deadline or
 * budget: then they are cancelled there too, and what they have done is harvested. What is left has
 * no outcome, its leases are given back, and the next run takes it up. A crash at any point leaves
 * the same, but for the leases: they are void with the process.
 *
 * <p>A job that still grows, call by call, is not over when all of its items have their outcomes;
 * {@link #wake} tells the run that there are more.
 *
 * <p>Cost at a million items: a thousand claims, one virtual thread and one durable append an item
 * of the live lane, one virtual thread and a dozen commits a batch; memory for the open items only.
 */
public final class JobRun {
    /** How long calls under way may go on after the run was told to end. */
    public static final Duration GRACE = Duration.ofSeconds(10);

    // A step of a batch is a matter of milliseconds; what takes longer can be interrupted.
    private static final Duration BATCH_GRACE = Duration.ofSeconds(3);

    private static final int SHARDS_A_CLAIM = 8;

    private final JobStore store;
    private final Job job;
    private final int mostCalls;
    private final Routes routes;
    private final TokenEstimator estimator;
    private final RetryPolicy retries;
    private final LanePolicy lanes;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Path scratch;
    private final Consumer<String> announce;
    private final RunControl control = new RunControl();
    private final HeldLeases leases;
    private final LiveLane.Counters counters = new LiveLane.Counters();
    private final BatchLane.Census census = new BatchLane.Census();
    private final AtomicBoolean hasGrown = new AtomicBoolean();
    private final AtomicReference<Runnable> waker = new AtomicReference<>(() -> {});

    /**
     * @param job in state Active; or Cancelled, to {@link #recall} its batches
     * @param mostCalls the most calls that will be made at once, over all providers
     * @param random for tags and jitter; safe for many threads
     * @param scratch a directory for temporary files as large as batches
     * @param announce gets a word for people on what was decided; called by the thread that runs
     */
    public JobRun(
            JobStore store,
            Job job,
            int mostCalls,
            Routes routes,
            TokenEstimator estimator,
            RetryPolicy retries,
            LanePolicy lanes,
            InstantSource clock,
            RandomGenerator random,
            Path scratch,
            Consumer<String> announce) {
        this.store = store;
        this.job = job;
        this.mostCalls = mostCalls;
        this.routes = routes;
        this.estimator = estimator;
        this.retries = retries;
        this.lanes = lanes;
        this.clock = clock;
        this.random = random;
        this.scratch = scratch;
        this.announce = announce;
        this.leases = new HeldLeases(clock);
    }

    /**
     * Runs until the job ends or the run is told to; the job's state is moved accordingly. To be
     * called once.
     *
     * @throws dev.batchwright.store.StoreException if the store fails; the job stays resumable
     */
    public RunEnd run() throws InterruptedException {
        try (Worker worker = store.openWorker(job.id());
                Budget budget = budget(worker)) {
            RunEnd why = carry(worker, budget);
            control.throwFailure();
            RunEnd end = nothingIsLeft(worker, why) ? new RunEnd.Finished() : why;
            // While the worker is there, so that nobody takes the job up before its last word.
            conclude(end);
            return end;
        }
    }

    private Budget budget(Worker worker) {
        return new Budget(
                worker,
                job.spec().maxCost(),
                store.accounts().find(job.spec().owner()).isPresent());
    }

    private RunEnd carry(Worker worker, Budget budget) throws InterruptedException {
        LiveLane live = liveLane(worker, budget);
        BatchLane batches = batchLane(worker, budget);
        control.onEnd(live::windDown);
        control.onEnd(batches::windDown);
        waker.set(batches.changes()::all);
        // The heart beats until the last task of both lanes is over: it needs its lease.
        try (var heartbeat =
                        new Heartbeat(
                                worker, pulse -> onPulse(pulse, budget, live), control::fail);
                live;
                batches;
                var deadline = new Alarm(job.spec().deadline(), clock, this::endAtDeadline)) {
            return runUntilEnd(worker, live, batches);
        }
    }

    /** Whether the calls that had a grace were the last ones, whatever ended the run. */
    private boolean nothingIsLeft(Worker worker, RunEnd why) {
        // First whether it grows: what is added after that is added to another one.
        if (why instanceof RunEnd.Cancelled || store.isGrowing(job.id())) {
            return false;
        }
        worker.flush();
        return store.progress(job.id()).pending() == 0;
    }

    private RunEnd runUntilEnd(Worker worker, LiveLane live, BatchLane batches)
            throws InterruptedException {
        RunEnd end = carryAll(worker, live, batches);
        live.windDown();
        boolean unusedInTime = live.join(GRACE);
        batches.finish(end, BATCH_GRACE);
        return end;
    }

    /**
     * Cancels what batches a cancelled job still has at its providers, and harvests what they have
     * done. To be called once, instead of {@link #run}.
     *
     * @return what came in the way, for the user; then batches may go on at the provider
     */
    public Optional<String> recall() throws InterruptedException {
        control.end(new RunEnd.Cancelled());
        try (Worker worker = store.openWorker(job.id());
                var heartbeat = new Heartbeat(worker, leases::renewed, control::fail);
                var batches = batchLane(worker, budget(worker))) {
            batches.finish(new RunEnd.Cancelled(), BATCH_GRACE);
        }
        control.throwFailure();
        return control.problem();
    }

    /** Asks the run to end soon; returns at once. May be called by any thread. */
    public void stop() {
        control.end(new RunEnd.Interrupted());
        census.interrupt();
    }

    /** Tells a run of a job that grows that it did. May be called by any thread. */
    public void wake() {
        hasGrown.set(true);
        waker.get().run();
    }

    public Activity activity() {
        return counters.activity(census.batches());
    }

    private LiveLane liveLane(Worker worker, Budget budget) {
        return new LiveLane(
                job, worker, routes, estimator, retries, clock, budget, leases, control, counters,
                mostCalls);
    }

    private BatchLane batchLane(Worker worker, Budget budget) {
        return new BatchLane(
                new BatchLane.Surroundings(
                        store,
                        job,
                        worker,
                        routes,
                        estimator,
                        clock,
                        random,
                        budget,
                        leases,
                        control,
                        scratch,
                        this::liveTime,
                        new Timetable(job.createdAt(), job.spec().deadline())),
                census);
    }

    /** What the live lane would need for what is left now. */
    private Timetable.LiveTime liveTime() {
        Map<Lane, Progress> lanes = store.progressByLane(job.id());
        return new Timetable.LiveTime(
                liveTime(lanes, Lane.LIVE),
                liveTime(lanes, Lane.OPEN),
                liveTime(lanes, Lane.BATCH));
    }

    private Duration liveTime(Map<Lane, Progress> lanes, Lane lane) {
        Progress progress = lanes.get(lane);
        return progress == null
                ? Duration.ZERO
                : counters.rate()
                        .timeFor(
                                progress.pending(),
                                job.spec().live().concurrency().orElse(0),
                                job.spec().live().requestsPerMinute().orElse(0));
    }

    private RunEnd carryAll(Worker worker, LiveLane live, BatchLane batches)
            throws InterruptedException {
        var planner =
                new LanePlanner(
                        job,
                        worker,
                        routes,
                        estimator,
                        lanes,
                        new Timetable(job.createdAt(), job.spec().deadline()),
                        clock,
                        this::liveTime,
                        batches::offer,
                        this::planned);
        while (true) {
            Optional<RunEnd> early = control.ending();
            if (early.isPresent()) {
                return early.get();
            }
            long changes = batches.changes().times();
            List<Lease> open = claimOpen(worker);
            Optional<String> refused = plan(planner, open);
            if (refused.isPresent()) {
                control.end(new RunEnd.Blocked(refused.get()));
                continue;
            }
            int taken = batches.claim();
            // While batches are under way, what they leave behind must not wait for long.
            List<Lease> claimed = worker.claim(Lane.LIVE, batches.isIdle() ? SHARDS_A_CLAIM : 1);
            for (Lease lease : claimed) {
                live.feed(lease);
            }
            if (open.isEmpty() && taken == 0 && claimed.isEmpty()) {
                Optional<RunEnd> end = endOf(worker, live, batches, changes);
                if (end.isPresent()) {
                    return end.get();
                }
            }
        }
    }

    /** Open shards, of about as many items as are planned at once. */
    private List<Lease> claimOpen(Worker worker) {
        var open = new ArrayList<Lease>();
        long items = 0;
        while (items < LanePlanner.ITEMS_AT_ONCE) {
            List<Lease> more = worker.claim(Lane.OPEN, LanePlanner.SHARDS_A_CLAIM);
            if (more.isEmpty()) {
                break;
            }
            open.addAll(more);
            items += more.stream().mapToLong(lease -> lease.shard().members().size()).sum();
        }
        return open;
    }

    private Optional<String> plan(LanePlanner planner, List<Lease> open) {
        try {
            return open.isEmpty() ? Optional.empty() : planner.plan(open);
        } catch (LeaseLostException e) {
            // The process was stopped for a while; another one plans them.
            return Optional.empty();
        }
    }

    /** Nothing is left to claim: waits for what is under way, here or in another process. */
    private Optional<RunEnd> endOf(Worker worker, LiveLane live, BatchLane batches, long changes)
            throws InterruptedException {
        if (store.isGrowing(job.id())) {
            feedGrowth(worker, live, batches, changes);
            return Optional.empty();
        }
        if (!live.join(Worker.HEARTBEAT)) {
            return Optional.empty();
        }
        worker.flush();
        if (batches.isIdle()) {
            long pending = store.progress(job.id()).pending();
            if (pending == 0) {
                return Optional.of(new RunEnd.Finished());
            }
            Optional<String> quarantine = batches.quarantine(pending);
            if (quarantine.isPresent()) {
                return Optional.of(new RunEnd.Blocked(quarantine.get()));
            }
        }
        // The rest waits at the provider, or is held by others; if those die, it can be claimed.
        batches.changes().await(changes, Worker.HEARTBEAT);
        return Optional.empty();
    }

    /**
     * Waits for something to do; what is added meanwhile is fed at once. Callers wait for that,
     * while the look at all lanes, and at what the dead may hold, takes a dozen transactions: it
     * has time until the next heartbeat.
     */
    private void feedGrowth(Worker worker, LiveLane live, BatchLane batches, long known)
            throws InterruptedException {
        long end = System.nanoTime() + Worker.HEARTBEAT.toNanos();
        long changes = known;
        boolean grows = true;
        while (grows) {
            batches.changes().await(changes, Duration.ofNanos(end - System.nanoTime()));
            changes = batches.changes().times();
            grows =
                    hasGrown.getAndSet(false)
                            && System.nanoTime() < end
                            && batches.isIdle()
                            && !control.isEnding()
                            && (feedFree(worker, live) || store.isGrowing(job.id()));
        }
    }

    /** Says whether there was any. */
    private boolean feedFree(Worker worker, LiveLane live) throws InterruptedException {
        List<Lease> claimed = worker.claimFree(Lane.LIVE, SHARDS_A_CLAIM);
        for (Lease lease : claimed) {
            live.feed(lease);
        }
        if (claimed.size() == SHARDS_A_CLAIM) {
            wake(); // There may be more, and nobody tells of them again.
        }
        return !claimed.isEmpty();
    }

    private void planned(String choice) {
        store.addEvent(job.id(), "planned", choice);
        announce.accept(choice);
    }

    private void onPulse(Worker.Pulse pulse, Budget budget, LiveLane live) {
        leases.renewed(pulse);
        budget.giveBack();
        live.lookForUnwanted();
        switch (pulse.job()) {
            case JobState.Cancelled cancelled -> control.end(new RunEnd.Cancelled());
            // Another process ran into it: what stops the job stops all who work on it.
            case JobState.Blocked(String problem) -> control.end(new RunEnd.Blocked(problem));
            case JobState.Stopped(String reason) -> control.end(new RunEnd.Stopped(reason));
            case JobState.Active active -> {}
            case JobState.Loading loading -> {}
            case JobState.Finished finished -> {}
        }
    }

    private void endAtDeadline() {
        control.end(
                new RunEnd.Stopped(
                        "The deadline was reached with items left. Run the same command with a"
                                + " later --deadline to go on."));
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
