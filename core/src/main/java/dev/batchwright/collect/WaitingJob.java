package dev.batchwright.collect;

import dev.batchwright.collect.CollectedAnswer.Origin;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Shard;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Results;
import dev.batchwright.store.StoredResult;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** A job, and those who wait for the outcomes of its items. For the collector's thread. */
final class WaitingJob {
    private static final long NEVER = -1;

    private final JobId id;
    private final Mode mode;
    private final BatchWatch batches;
    private final Map<Long, Waiter> waiters = new HashMap<>();
    private CompletableFuture<Job> end;
    private int size;
    private boolean gatheredElsewhere;
    private long doneAtLook = NEVER;

    /**
     * @param end completes when nobody here works on it
     */
    WaitingJob(Job job, BatchWatch batches, CompletableFuture<Job> end) {
        this.id = job.id();
        this.mode = job.spec().mode();
        this.batches = batches;
        this.end = end;
    }

    JobId id() {
        return id;
    }

    /** Whether it may have batches at a provider. */
    boolean mayHaveBatches() {
        return mode != Mode.LIVE;
    }

    BatchWatch batches() {
        return batches;
    }

    CompletableFuture<Job> end() {
        return end;
    }

    void pursuedUntil(CompletableFuture<Job> newEnd) {
        end = newEnd;
    }

    /** Whether it was being gathered by another process when it was looked at. */
    boolean isGatheredElsewhere() {
        return gatheredElsewhere;
    }

    void gatheredElsewhere(boolean value) {
        gatheredElsewhere = value;
    }

    void add(long seq, Waiter waiter) {
        waiter.next = waiters.put(seq, waiter);
        size++;
        doneAtLook = NEVER;
    }

    int size() {
        return size;
    }

    /** When the first of them has waited long enough; empty if none minds. */
    Optional<Instant> deadline() {
        return all().stream().flatMap(waiter -> waiter.deadline.stream()).min(Instant::compareTo);
    }

    /** Gives the answers that are there to those who wait for them, if there are new ones. */
    void deliver(JobStore store) {
        forgetThoseWhoAreGone();
        if (waiters.isEmpty()) {
            return;
        }
        long done = store.progress(id).done();
        if (done != doneAtLook) {
            deliver(store, List.copyOf(waiters.keySet()));
            doneAtLook = done;
        }
    }

    /** Gives the answers of these items to those who wait for them. */
    void deliver(JobStore store, long[] news) {
        var wanted = new ArrayList<Long>();
        for (long seq : news) {
            if (waiters.containsKey(seq)) {
                wanted.add(seq);
            }
        }
        if (!wanted.isEmpty()) {
            deliver(store, wanted);
        }
    }

    private void deliver(JobStore store, List<Long> wanted) {
        LongFunction<Lane> lanes = lanes(store);
        try (Results results = store.completed(id, wanted)) {
            while (results.hasNext()) {
                StoredResult result = results.next();
                long seq = result.item().seq();
                Waiter waiter = waiters.remove(seq);
                while (waiter != null) {
                    size--;
                    var origin = new Origin(id, seq, lanes.apply(seq), waiter.known);
                    waiter.answer(
                            AnswerReader.read(
                                    result.answer(),
                                    waiter.endpoint,
                                    waiter.stream,
                                    Optional.of(origin)));
                    waiter = waiter.next;
                }
            }
        }
    }

    private LongFunction<Lane> lanes(JobStore store) {
        return lanes(store, id, mode);
    }

    /** In which lane each item of a job travelled. */
    static LongFunction<Lane> lanes(JobStore store, JobId id, Mode mode) {
        if (mode != Mode.AUTO) {
            Lane lane = mode == Mode.LIVE ? Lane.LIVE : Lane.BATCH;
            return seq -> lane;
        }
        List<Shard> shards = store.shards(id);
        return seq ->
                shards.stream()
                        .filter(shard -> shard.members().contains(seq))
                        .map(Shard::lane)
                        .reduce((earlier, later) -> later)
                        .orElse(Lane.OPEN);
    }

    private void forgetThoseWhoAreGone() {
        if (!anyIsGone()) {
            return;
        }
        Map<Long, Waiter> before = Map.copyOf(waiters);
        waiters.clear();
        size = 0;
        before.forEach(
                (seq, first) -> {
                    for (Waiter waiter : chain(first)) {
                        if (!waiter.isGone()) {
                            add(seq, waiter);
                        }
                    }
                });
    }

    // Asked several times a second, of very many who wait: it makes nothing.
    private boolean anyIsGone() {
        for (Waiter first : waiters.values()) {
            for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
                if (waiter.isGone()) {
                    return true;
                }
            }
        }
        return false;
    }

    private List<Waiter> all() {
        var all = new ArrayList<Waiter>(size);
        waiters.values().forEach(first -> all.addAll(chain(first)));
        return all;
    }

    private static List<Waiter> chain(Waiter first) {
        var chain = new ArrayList<Waiter>(1);
        for (Waiter waiter = first; waiter != null; waiter = waiter.next) {
            chain.add(waiter);
        }
        return chain;
    }

    /** Nobody waits any more after this. */
    void endAll(Consumer<Waiter> ending) {
        List<Waiter> left = all();
        waiters.clear();
        size = 0;
        left.forEach(ending);
    }
}
