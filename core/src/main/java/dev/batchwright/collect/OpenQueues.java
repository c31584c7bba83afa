package dev.batchwright.collect;

import dev.batchwright.collect.Intake.Ready;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.store.Account;
import dev.batchwright.store.CallKey;
import dev.batchwright.store.CallPlace;
import dev.batchwright.store.Calls;
import dev.batchwright.store.CallsTakenException;
import dev.batchwright.store.Gatherer;
import dev.batchwright.store.GrowingJob;
import dev.batchwright.store.JobInUseException;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The calls of a server. A queue for each owner, provider, endpoint and mode (and time to wait, in
 * mode auto) has a job that grows: a call is durable, and known again, as soon as its group is
 * stored, which takes a sync. What arrives meanwhile is the next group.
 *
 * <p>A queue of batches is closed when its first call has waited for the window, or when there are
 * enough calls or bytes: then its job is planned and runs. A live queue runs from its first call
 * on, and its job grows while it runs; it is closed when nothing came for a while, or when it is
 * large.
 *
 * <p>One call is one item: an equal call of the same owner joins it, whoever waits for it already,
 * in this process or another one. What gatherers of dead processes left is taken over at the start
 * and every minute, and so are jobs of calls that nobody works on: their callers may come again.
 */
final class OpenQueues implements Filing {
    private static final Logger LOG = LoggerFactory.getLogger(OpenQueues.class);
    private static final Duration LINGER = Duration.ofSeconds(30);
    private static final int MOST_LIVE = 2_000;
    private static final Duration ROUND = Duration.ofMinutes(1);
    private static final Duration ROUND_FOR_OTHERS = Duration.ofSeconds(5);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration YOUNG = Duration.ofHours(1);
    private static final int PRUNED_A_ROUND = 1_000;

    private final Workbench workbench;
    private final CollectorOptions options;
    private final Clock clock;
    private final Intake intake;
    private final Waiting waiting;
    private final Map<Key, Queue> queues = new LinkedHashMap<>();
    private Gatherer gatherer;
    private boolean storeFailed;
    private long nextRound = System.nanoTime();

    /**
     * @param until about when its callers stop waiting, in mode auto; in milliseconds
     */
    private record Key(
            String owner, String provider, String endpoint, Mode mode, Optional<Long> until) {}

    /** Calls that travel together. */
    private static final class Queue {
        private final GrowingJob job;
        private final WaitingJob waiting;
        private final long since = System.nanoTime();
        private final long due;
        private final long most;
        private long lastCall = since;
        private boolean running;
        // Whether something was added that is not accepted: then it must not be closed.
        private boolean growing;

        Queue(GrowingJob job, WaitingJob waiting, Duration patience, long most) {
            this.job = job;
            this.waiting = waiting;
            this.most = most;
            this.due = since + patience.toNanos();
        }
    }

    /** A call that was added to a queue, and whoever else makes it at the same moment. */
    private record Added(Queue queue, long seq, CallKey key, List<Waiter> waiters) {}

    OpenQueues(Workbench workbench, CollectorOptions options, Intake intake, Waiting waiting) {
        this.workbench = workbench;
        this.options = options;
        this.clock = workbench.clock();
        this.intake = intake;
        this.waiting = waiting;
        this.gatherer = workbench.store().gatherer();
    }

    @Override
    public void file(List<Ready> calls) {
        List<Ready> rest = payable(attachKnown(calls));
        while (!rest.isEmpty()) {
            try {
                rest = store(rest);
            } catch (CallsTakenException e) {
                // Another process was faster: now its item is found.
                rest = payable(attachKnown(rest));
            } catch (StoreException e) {
                storeFailed = true;
                throw e;
            }
        }
    }

    /**
     * Makes items of calls until a queue is full: what was added to it must be accepted before it
     * is closed. Returns the calls that are left.
     */
    private List<Ready> store(List<Ready> calls) {
        var added = new LinkedHashMap<CallKey, Added>();
        int taken = 0;
        try {
            boolean full = false;
            while (taken < calls.size() && !full) {
                full = isFull(add(calls.get(taken), added));
                taken++;
            }
            gatherer.accept();
        } finally {
            added.values().forEach(call -> call.queue.growing = false);
        }
        added.values().forEach(OpenQueues::await);
        added.values().stream().map(Added::queue).distinct().forEach(this::grew);
        return calls.subList(taken, calls.size());
    }

    /** Joins those calls that an item answers already, or will; returns the others. */
    private List<Ready> attachKnown(List<Ready> calls) {
        Map<CallKey, CallPlace> known =
                workbench
                        .store()
                        .calls()
                        .find(calls.stream().map(Ready::key).toList(), clock.instant());
        var rest = new ArrayList<Ready>();
        for (Ready call : calls) {
            CallPlace place = known.get(call.key());
            if (place == null) {
                rest.add(call);
            } else if (place.asked() != call.asked()) {
                refuseOther(call.waiter());
            } else {
                join(call, place, rest);
            }
        }
        return rest;
    }

    /**
     * Refuses those whose owner has nothing left to pay with, and those whose price nobody knows
     * and would have to be kept below a cap.
     */
    private List<Ready> payable(List<Ready> calls) {
        var accounts = new HashMap<String, Optional<Account>>();
        var payable = new ArrayList<Ready>();
        for (Ready call : calls) {
            Optional<Account> account =
                    accounts.computeIfAbsent(
                            call.waiter().terms.owner(), workbench.store().accounts()::find);
            if (account.filter(Account::isExhausted).isPresent()) {
                call.waiter().refuse(429, "insufficient_quota", exhausted(account.get()));
            } else if (account.isPresent()
                    && !workbench.isPriced(call.request().provider(), call.request().model())) {
                call.waiter()
                        .refuse(
                                400,
                                "unknown_price",
                                "This key has a budget, and the price of this model is not known:"
                                    + " it could not be kept. Use another model, or have the price"
                                    + " added to the server's configuration.");
            } else {
                payable.add(call);
            }
        }
        return payable;
    }

    private static String exhausted(Account account) {
        return "You exceeded your current quota: the budget of this key is %s, and %s of it is spent. Ask who runs this server for more."
                .formatted(account.cap(), account.spent());
    }

    private void join(Ready call, CallPlace place, List<Ready> rest) {
        Optional<WaitingJob> job = waiting.attach(place.job(), call.waiter().deadline);
        if (job.isPresent()) {
            call.waiter().accept(call.key(), job.get(), true);
            job.get().add(place.seq(), call.waiter());
        } else {
            rest.add(call);
        }
    }

    private static void refuseOther(Waiter waiter) {
        waiter.refuse(
                409,
                "idempotency_key_reused",
                "This Idempotency-Key was used for another request. Use a new key for a new"
                        + " request.");
    }

    private Queue add(Ready call, Map<CallKey, Added> added) {
        Added same = added.get(call.key());
        if (same != null) {
            same.waiters.add(call.waiter());
            return same.queue;
        }
        Queue queue = queue(call);
        long place = queue.job.items() + 1;
        long seq =
                queue.job.add(
                        call.key(),
                        call.asked(),
                        CallId.of(call.key()) + "-" + place,
                        call.request(),
                        clock.instant().plus(options.reuse()));
        var waiters = new ArrayList<Waiter>(1);
        waiters.add(call.waiter());
        added.put(call.key(), new Added(queue, seq, call.key(), waiters));
        queue.growing = true;
        return queue;
    }

    private static void await(Added call) {
        boolean first = true;
        for (Waiter waiter : call.waiters) {
            waiter.accept(call.key, call.queue.waiting, !first);
            call.queue.waiting.add(call.seq, waiter);
            first = false;
        }
    }

    private Queue queue(Ready call) {
        Waiter waiter = call.waiter();
        Mode mode = waiter.mode.orElseThrow();
        Optional<Long> until = mode == Mode.AUTO ? until(waiter) : Optional.empty();
        var key =
                new Key(
                        waiter.terms.owner(),
                        call.request().provider(),
                        call.request().endpoint(),
                        mode,
                        until);
        Queue open = queues.get(key);
        if (open != null && !open.growing && isOver(open)) {
            close(key, open);
            open = null;
        }
        if (open == null) {
            open = begin(key);
            queues.put(key, open);
        }
        return open;
    }

    private boolean isOver(Queue queue) {
        return queue.job.isBroken() || isFull(queue) || queue.waiting.end().isDone();
    }

    private boolean isFull(Queue queue) {
        return queue.job.items() >= queue.most || queue.job.bytes() >= options.batchBytes();
    }

    /**
     * Calls with about the same time to wait share a job: its deadline is a little before all of
     * theirs.
     */
    private Optional<Long> until(Waiter waiter) {
        return waiter.deadline.map(
                deadline -> {
                    long left = Duration.between(clock.instant(), deadline).toMillis();
                    long grain = Long.highestOneBit(Math.max(128, left / 16));
                    return deadline.toEpochMilli() / grain * grain;
                });
    }

    private Queue begin(Key key) {
        Optional<Instant> deadline = key.until.map(Instant::ofEpochMilli);
        JobSpec spec = intake.spec(key.owner, key.provider, key.mode, deadline);
        GrowingJob job = gatherer.begin(spec);
        Job begun = workbench.store().find(job.id()).orElseThrow();
        WaitingJob watched = waiting.watch(begun);
        int most = key.mode == Mode.LIVE ? MOST_LIVE : options.batchSize();
        return new Queue(job, watched, patience(deadline), most);
    }

    // Who waits for a short time only must not spend it on waiting for others.
    private Duration patience(Optional<Instant> deadline) {
        Duration window = options.batchWindow();
        return deadline.map(at -> Duration.between(clock.instant(), at).dividedBy(10))
                .filter(tenth -> tenth.compareTo(window) < 0)
                .map(tenth -> tenth.isNegative() ? Duration.ZERO : tenth)
                .orElse(window);
    }

    private void grew(Queue queue) {
        queue.lastCall = System.nanoTime();
        if (queue.running) {
            waiting.wake(queue.job.id());
        }
    }

    @Override
    public Duration tick() {
        if (storeFailed && !beginAnew()) {
            return RETRY;
        }
        long now = System.nanoTime();
        long next = now + ROUND.toNanos();
        for (var entry : List.copyOf(queues.entrySet())) {
            next = Math.min(next, tick(entry.getKey(), entry.getValue(), now));
        }
        if (now >= nextRound) {
            goRound();
            Duration round = waiting.waitsForOthers() ? ROUND_FOR_OTHERS : ROUND;
            nextRound = System.nanoTime() + round.toNanos();
        }
        return Duration.ofNanos(Math.max(0, Math.min(next, nextRound) - System.nanoTime()));
    }

    /**
     * After a failure of the store the lock of the gatherer may be lost, and with it the right to
     * its jobs. So all are given up: what was accepted is finished now, or adopted by whoever comes
     * first, and those who wait go on waiting. Says whether calls can be taken again.
     */
    private boolean beginAnew() {
        queues.values().stream()
                .filter(queue -> !queue.running)
                .forEach(queue -> queue.waiting.gatheredElsewhere(true));
        queues.clear();
        closeGatherer();
        try {
            gatherer = workbench.store().gatherer();
            storeFailed = false;
            nextRound = System.nanoTime();
            return true;
        } catch (StoreException e) {
            LOG.warn("No calls can be taken: {}", e.getMessage());
            return false;
        }
    }

    private void closeGatherer() {
        try {
            gatherer.close();
        } catch (StoreException e) {
            LOG.warn("What was accepted is left to be adopted: {}", e.getMessage());
        }
    }

    // Returns when this queue is to be looked at again.
    private long tick(Key key, Queue queue, long now) {
        try {
            if (key.mode == Mode.LIVE && !queue.running && !queue.job.isBroken()) {
                queue.running = true;
                waiting.pursue(queue.waiting, queue.job.start());
            }
            if (isDue(key, queue, now)) {
                close(key, queue);
            }
        } catch (StoreException e) {
            LOG.warn("A queue of calls waits for the store: {}", e.getMessage());
            storeFailed = true;
            return now + RETRY.toNanos();
        }
        return queue.running ? queue.lastCall + LINGER.toNanos() : queue.due;
    }

    private boolean isDue(Key key, Queue queue, long now) {
        return isOver(queue)
                || (key.mode == Mode.LIVE
                        ? now - queue.lastCall >= LINGER.toNanos()
                        : now >= queue.due);
    }

    private void close(Key key, Queue queue) {
        Optional<Job> job = queue.job.finish();
        queues.remove(key, queue);
        if (job.isEmpty()) {
            waiting.forget(queue.waiting);
        } else if (queue.running) {
            waiting.wake(queue.job.id());
        } else {
            workbench
                    .store()
                    .addEvent(job.get().id(), "created", "%,d calls".formatted(job.get().items()));
            waiting.pursue(queue.waiting, job.get());
        }
    }

    /** What nobody cares for: jobs of dead processes, and what can't be asked for any more. */
    private void goRound() {
        try {
            JobStore store = workbench.store();
            gatherer.adopt();
            for (JobId id : store.calls().underWay()) {
                if (!waiting.knows(id) && !store.isGrowing(id) && store.workers(id).isEmpty()) {
                    store.find(id).ifPresent(waiting::takeUp);
                }
            }
            prune(store.calls());
        } catch (StoreException e) {
            LOG.warn("Jobs of calls were not looked after: {}", e.getMessage());
        }
    }

    private void prune(Calls calls) {
        Instant now = clock.instant();
        calls.sweep(now);
        for (JobId id : calls.forgotten(now.minus(YOUNG), PRUNED_A_ROUND)) {
            try {
                if (!waiting.knows(id)) {
                    workbench.store().delete(id);
                }
            } catch (JobInUseException e) {
                // Its worker is about to leave; the next round comes.
            }
        }
    }

    @Override
    public void close() {
        List<Queue> unfinished = List.copyOf(queues.values());
        queues.clear();
        closeGatherer();
        unfinished.forEach(queue -> waiting.wake(queue.job.id()));
    }
}
