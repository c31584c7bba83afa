package dev.batchwright.engine;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.Timetable;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.Worker;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Requests that travel in the provider's batches. Each shard that this run holds has a thread that
 * takes it from state to state ({@link BatchCourse}); most of the time it waits.
 *
 * <p>What all of them share is here: what a provider takes at this time, whose turn it is to enter
 * its queue ({@link QueueTurns}), how many inputs are written and results read at once, and whether
 * batches are to be called back because the job ends or their items must travel live.
 */
final class BatchLane implements AutoCloseable {
    /** Inputs and results of up to gigabytes: more at once would only fill the disk faster. */
    private static final int TRANSFERS = 2;

    /** Inputs that lie on disk at once, each of up to the provider's largest. */
    private static final int SPOOLS = 4;

    private static final int MOST_REFUSALS = 24;
    private static final int MOST_REFUSALS_ALONE = 8;

    /** As many leases as a run holds at once; a batch that waits for its turn costs a thread. */
    private static final int BATCHES_AT_ONCE = 256;

    /** How long batches that were called back are waited for: providers say ten minutes. */
    private static final Duration LONGEST_RECALL = Duration.ofMinutes(20);

    private static final Duration RECALL_LOOK = Duration.ofMillis(250);

    private final Surroundings around;
    private final Census census;
    private final TaskScope courses;
    private final QueueTurns turns;
    private final Wakeups recalls = new Wakeups();
    private final Wakeups departures = new Wakeups();
    private final Wakeups changes = new Wakeups();
    private final Set<Long> letGo = ConcurrentHashMap.newKeySet();
    private volatile boolean crossed;
    private final Semaphore spools = new Semaphore(SPOOLS, true);
    private final Map<LanePlanner.Target, Integer> refusals = new ConcurrentHashMap<>();
    private final Set<LanePlanner.Target> taken = ConcurrentHashMap.newKeySet();
    private final Semaphore transfers = new Semaphore(TRANSFERS, true);
    private final Map<LanePlanner.Target, BatchOffer> offers = new ConcurrentHashMap<>();

    /**
     * What a run's batches work with.
     *
     * @param scratch where inputs are written
     * @param liveTime what the live lane would need for what is left
     */
    record Surroundings(
            JobStore store,
            Job job,
            Worker worker,
            Routes routes,
            TokenEstimator estimator,
            InstantSource clock,
            RandomGenerator random,
            Budget budget,
            HeldLeases leases,
            RunControl control,
            Path scratch,
            Supplier<Timetable.LiveTime> liveTime,
            Timetable timetable) {}

    /** How many batches a run has under way: outlives the lane. */
    static final class Census {
        private final AtomicInteger batches = new AtomicInteger();
        private volatile boolean interrupted;

        int batches() {
            return batches.get();
        }

        /** Nobody waits any longer for batches to end. */
        void interrupt() {
            interrupted = true;
        }
    }

    BatchLane(Surroundings around, Census census) {
        this.around = around;
        this.census = census;
        this.courses = new TaskScope("batches of " + around.job().id(), around.control()::fail);
        this.turns = new QueueTurns(around.store(), around.job().id());
    }

    /** Takes up shards that nobody holds and that this run has not let go; returns how many. */
    int claim() {
        List<Lease> leases =
                around.worker().claim(Lane.BATCH, BATCHES_AT_ONCE - census.batches.get());
        int taken = 0;
        for (Lease lease : leases) {
            if (letGo.contains(lease.shard().id())) {
                around.worker().release(lease);
                continue;
            }
            taken++;
            census.batches.incrementAndGet();
            courses.fork(mark -> carry(lease, mark));
        }
        return taken;
    }

    private void carry(Lease lease, TaskScope.Mark mark) throws InterruptedException {
        try {
            new BatchCourse(this, around, lease, mark).run();
        } finally {
            // What comes to no end in an ending run must not be begun again by it.
            if (endsForGood()) {
                letGo.add(lease.shard().id());
            }
            census.batches.decrementAndGet();
            changes.all();
        }
    }

    boolean isIdle() {
        return census.batches.get() == 0;
    }

    /** What a provider's batch API takes of a target, as far as is known by now. */
    BatchOffer offer(LanePlanner.Target target) {
        if (crossed) {
            return new BatchOffer.NotOffered("the deadline leaves no time for a batch");
        }
        return offers.computeIfAbsent(target, this::ask);
    }

    private BatchOffer ask(LanePlanner.Target target) {
        Optional<BatchRoute> route = around.routes().batch(target.provider());
        if (route.isEmpty()) {
            return new BatchOffer.NotOffered(target.provider() + " has no batch API");
        }
        if (route.get().reserve().isPresent()) {
            return new BatchOffer.NotOffered(route.get().reserve().get());
        }
        BatchOffer offer = route.get().api().offer(target.endpoint(), target.model());
        if (!(offer instanceof BatchOffer.Offered offered)) {
            return offer;
        }
        OptionalLong limit = queueLimit(route.get(), target.model(), offered);
        return limit.isEmpty() ? offered : offered.withEnqueuedTokens(limit.getAsLong());
    }

    // The user's word, then what was learned from a refusal, then what the provider's page says.
    private OptionalLong queueLimit(BatchRoute route, String model, BatchOffer.Offered offered) {
        OptionalLong said = route.prices().apply(model).enqueuedTokens();
        if (said.isPresent()) {
            return said;
        }
        OptionalLong learned = around.store().queue(route.account(), model).learned();
        return learned.isPresent() ? learned : offered.enqueuedTokens();
    }

    /** The provider takes no batches of this target after all. */
    void notOffered(LanePlanner.Target target, String reason) {
        offers.put(target, new BatchOffer.NotOffered(reason));
    }

    /** The provider's queue is smaller than we thought. */
    void learnQueueLimit(LanePlanner.Target target, String account, long tokens) {
        around.store().learnQueueLimit(account, target.model(), tokens);
        offers.computeIfPresent(
                target,
                (same, offer) ->
                        offer instanceof BatchOffer.Offered offered
                                ? offered.withEnqueuedTokens(tokens)
                                : offer);
    }

    QueueTurns turns() {
        return turns;
    }

    /**
     * Counts an input that was refused as a whole. Says whether it is enough: one bad request is
     * found by a few refusals, among batches that are taken; where none is taken at all, it is not
     * the requests.
     */
    boolean refusesTooMuch(LanePlanner.Target target) {
        int most = isTaken(target) ? MOST_REFUSALS : MOST_REFUSALS_ALONE;
        return refusals.merge(target, 1, Integer::sum) > most;
    }

    /** A batch of this target came to its end with results. */
    void taken(LanePlanner.Target target) {
        taken.add(target);
    }

    boolean isTaken(LanePlanner.Target target) {
        return taken.contains(target);
    }

    Semaphore spools() {
        return spools;
    }

    Semaphore transfers() {
        return transfers;
    }

    /** What wakes all who wait: batches are called back. */
    Wakeups recalls() {
        return recalls;
    }

    /** What wakes those who wait for their turn: a batch has left the queue. */
    Wakeups departures() {
        return departures;
    }

    /** What wakes the run's owner: items were left to the planner, or a batch is done with. */
    Wakeups changes() {
        return changes;
    }

    /**
     * Whether batches are to be cancelled at the provider: the job is over, or its items must
     * travel live to end in time.
     */
    boolean isRecalled() {
        return endsForGood() || isTimeToCross();
    }

    /** Whether no other lane will take the items up in this run. */
    boolean endsForGood() {
        return around.control()
                .ending()
                .map(end -> end instanceof RunEnd.Cancelled || end instanceof RunEnd.Stopped)
                .orElse(false);
    }

    // Once crossed, for good: as items end, the live lane needs less time, and a batch would seem
    // to
    // have some again.
    private boolean isTimeToCross() {
        crossed = crossed || isCrossingDue();
        return crossed;
    }

    private boolean isCrossingDue() {
        return crossing().map(at -> !around.clock().instant().isBefore(at)).orElse(false);
    }

    /** When the items of all batches must travel live; empty if that shall not be. */
    Optional<Instant> crossing() {
        return around.job().spec().mode() == Mode.AUTO && around.timetable().deadline().isPresent()
                ? around.timetable().crossing(around.clock().instant(), around.liveTime().get())
                : Optional.empty();
    }

    /** If batches in quarantine are all that is left: what to tell the user. */
    Optional<String> quarantine(long pending) {
        List<StoredBatch> held =
                around.store().batches(around.job().id()).stream()
                        .filter(batch -> !batch.settled())
                        .filter(batch -> batch.batch().state() instanceof BatchState.Quarantined)
                        .toList();
        long items = held.stream().mapToLong(batch -> batch.items() - batch.finished()).sum();
        if (held.isEmpty() || items < pending) {
            return Optional.empty();
        }
        var first = (BatchState.Quarantined) held.getFirst().batch().state();
        return Optional.of(
                "%,d items are in quarantine, because it can't be proved whether their batches exist: %s `batchwright status %s` shows each."
                        .formatted(items, first.problem(), around.job().id()));
    }

    /** The run is ending: batches that only wait let go, unless they must be called back. */
    void windDown() {
        changes.all();
        if (endsForGood()) {
            recalls.all();
            departures.all();
        } else {
            courses.windDown();
        }
    }

    /** Waits until all that must be done for batches at the end of a run is done. */
    void finish(RunEnd end, Duration grace) throws InterruptedException {
        switch (end) {
            case RunEnd.Cancelled cancelled -> joinRecalled();
            case RunEnd.Stopped stopped -> joinRecalled();
            case RunEnd.Finished finished -> leave(grace);
            case RunEnd.Blocked blocked -> leave(grace);
            case RunEnd.Interrupted interrupted -> leave(grace);
        }
    }

    private void joinRecalled() throws InterruptedException {
        Instant until = around.clock().instant().plus(LONGEST_RECALL);
        // There may be more of them than are held at once, and some may not be held yet.
        while (!(courses.join(RECALL_LOOK) && claim() == 0)) {
            if (census.interrupted || around.clock().instant().isAfter(until)) {
                // They go on there without us; the same command, or `cancel`, asks again.
                courses.windDown();
                return;
            }
        }
    }

    private void leave(Duration grace) throws InterruptedException {
        courses.windDown();
        boolean unusedInTime = courses.join(grace);
    }

    @Override
    public void close() {
        courses.close();
    }
}
