package dev.batchwright.collect;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Results;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoredResult;

import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A job, and those who wait for the outcomes of its items. For the collector's thread. */
final class WaitingJob {
    private static final long NEVER = -1;

    private final JobId id;
    private final int items;
    private final BatchWatch batches;
    private final Map<Long, Waiter> waiters = new HashMap<>();
    private CompletableFuture<Job> end;
    private long doneAtLook = NEVER;

    /**
     * @param end completes when nobody here works on it
     */
    WaitingJob(Job job, BatchWatch batches, CompletableFuture<Job> end) {
        this.id = job.id();
        this.items = Math.toIntExact(job.items());
        this.batches = batches;
        this.end = end;
    }

    JobId id() {
        return id;
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

    void add(long seq, Waiter waiter) {
        waiters.put(seq, waiter);
        doneAtLook = NEVER;
    }

    int size() {
        return waiters.size();
    }

    /** When the first of them has waited long enough; empty if none minds. */
    Optional<Instant> deadline() {
        return waiters.values().stream()
                .flatMap(waiter -> waiter.deadline.stream())
                .min(Instant::compareTo);
    }

    /** Gives the answers that are there to those who wait for them. */
    void deliver(JobStore store) {
        waiters.values().removeIf(Waiter::isGone);
        if (waiters.isEmpty()) {
            return;
        }
        long done = store.progress(id).done();
        if (done == doneAtLook) {
            return;
        }
        var known = new BitSet(items + 1);
        known.set(1, items + 1);
        waiters.keySet().forEach(seq -> known.clear(seq.intValue()));
        try (Results results = store.results(id, Selection.COMPLETED, known)) {
            while (results.hasNext()) {
                StoredResult result = results.next();
                Waiter waiter = waiters.remove(result.item().seq());
                if (waiter != null) {
                    waiter.answer(AnswerReader.read(result.answer(), waiter));
                }
            }
        }
        doneAtLook = done;
    }

    /** Nobody waits any more after this. */
    void endAll(Consumer<Waiter> ending) {
        List<Waiter> left = new ArrayList<>(waiters.values());
        waiters.clear();
        left.forEach(ending);
    }
}
