package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;

import org.junit.jupiter.api.AfterEach;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.function.LongFunction;

/** A store to be tested, whichever database it lies in, and what its tests do with it. */
abstract class OpenedStores {
    final SettableClock clock = new SettableClock();
    private final List<JobStore> opened = new ArrayList<>();

    /** Opens the same store each time: two of them stand for two processes. */
    abstract JobStore connect();

    /** The same store, as a user would name it. */
    abstract String location();

    /** Changes the store behind its back. */
    abstract void sql(String statement) throws Exception;

    /** Makes a store as a version left it: its schema, rows, and the bytes of a job's segments. */
    abstract void createVersion(
            int version, JobId job, Map<String, byte[]> segments, Database.Work<Boolean> rows)
            throws Exception;

    final JobStore open() {
        JobStore store = connect();
        opened.add(store);
        return store;
    }

    @AfterEach
    void closeStores() {
        opened.forEach(JobStore::close);
    }

    static List<Item> pending(Worker worker, Lease lease) {
        try (var items = worker.pending(lease)) {
            return items.toList();
        }
    }

    static void recordAll(Worker worker, Lease lease) {
        recordEach(worker, lease, Samples::ok);
    }

    static void recordEach(Worker worker, Lease lease, LongFunction<Outcome> outcomes) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Item item : pending(worker, lease)) {
                threads.execute(
                        () -> recordUnchecked(worker, lease, item, outcomes.apply(item.seq())));
            }
        }
    }

    static void recordUnchecked(Worker worker, Lease lease, Item item, Outcome outcome) {
        try {
            worker.record(lease, item, outcome);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static List<StoredResult> results(JobStore store, JobId id, Selection selection) {
        var all = new ArrayList<StoredResult>();
        try (Results results = store.results(id, selection)) {
            results.forEachRemaining(all::add);
        }
        return all;
    }

    static List<Long> seqs(List<Item> items) {
        return items.stream().map(Item::seq).toList();
    }

    /** Claims one shard, however long it takes until its dead owner is found dead. */
    static Lease claimOne(Worker worker, Lane lane) {
        while (true) {
            List<Lease> leases = worker.claim(lane, 1);
            if (!leases.isEmpty()) {
                return leases.getFirst();
            }
        }
    }
}
