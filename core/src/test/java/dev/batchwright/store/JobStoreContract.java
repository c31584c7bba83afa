package dev.batchwright.store;

import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Usage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;

/** What every store does. */
@SuppressWarnings("ClassCanBeStatic")
abstract class JobStoreContract {
    final SettableClock clock = new SettableClock();
    private final List<JobStore> opened = new ArrayList<>();

    /** Opens the same store each time: two of them stand for two processes. */
    abstract JobStore connect();

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

    static void recordAll(Worker worker, Lease lease) throws InterruptedException {
        for (Item item : pending(worker, lease)) {
            worker.record(lease, item, ok(item.seq()));
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

    @Nested
    class A_draft {
        @Test
        void becomes_an_active_job_with_all_its_items() {
            JobStore store = open();
            Job job = load(store, "f1", 2_500);

            assertThat(store.find(job.id())).contains(job);
            assertThat(store.findByFingerprint("f1")).contains(job);
            assertThat(job.state()).isEqualTo(new JobState.Active());
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(2_500, 0, 0, Usage.NONE, Cost.ZERO));
            assertThat(results(store, job.id(), Selection.ALL))
                    .extracting(StoredResult::item)
                    .containsExactlyElementsOf(
                            LongStream.rangeClosed(1, 2_500).mapToObj(Samples::item).toList());
        }

        @Test
        void that_is_closed_without_a_commit_leaves_nothing() {
            JobStore store = open();
            JobId id;
            try (JobDraft draft = store.draft(spec("f1"))) {
                id = draft.id();
                draft.append(item(1));
                assertThat(store.jobs(10)).isEmpty();
                assertThat(store.findByFingerprint("f1")).isEmpty();
            }
            assertThat(store.find(id)).isEmpty();
        }
    }

    @Nested
    class A_worker {
        @Test
        void records_outcomes_of_many_threads_and_finishes_the_job() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3_000);
            try (Worker worker = store.openWorker(job.id());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Lease> leases = worker.claim(10);
                assertThat(leases).hasSize(3);
                var calls = new ArrayList<java.util.concurrent.Future<?>>();
                for (Lease lease : leases) {
                    for (Item item : pending(worker, lease)) {
                        Outcome outcome = item.seq() % 10 == 0 ? failed("timeout") : ok(item.seq());
                        calls.add(
                                threads.submit(
                                        () -> {
                                            worker.record(lease, item, outcome);
                                            return true;
                                        }));
                    }
                }
                for (var call : calls) {
                    call.get();
                }
                leases.forEach(worker::release);
                worker.flush();
                assertThat(worker.claim(1)).isEmpty();
            }
            assertThat(store.progress(job.id()))
                    .isEqualTo(
                            new Progress(
                                    3_000,
                                    2_700,
                                    300,
                                    new Usage(27_000, 5_400, 13_500),
                                    new Cost(8_100)));
            List<StoredResult> results = results(store, job.id(), Selection.ALL);
            assertThat(results).extracting(r -> r.item().seq()).isSorted().hasSize(3_000);
            assertThat(results.get(0).answer())
                    .hasToString(
                            "\"response\":{\"status_code\":200,\"request_id\":\"req\",\"body\":{\"answer\":1}},\"error\":null");
            assertThat(results.get(9).answer())
                    .hasToString(
                            "\"response\":null,\"error\":{\"code\":\"timeout\",\"message\":\"It"
                                    + " took too long.\"}");
        }

        @Test
        void loses_a_lease_that_it_does_not_renew() throws Exception {
            JobStore store = open();
            JobStore other = open();
            Job job = load(store, "f1", 10);
            try (Worker slow = store.openWorker(job.id());
                    Worker quick = other.openWorker(job.id())) {
                Lease old = slow.claim(1).getFirst();
                slow.record(old, item(1), ok(1));
                assertThat(quick.claim(1)).isEmpty();

                clock.advance(Worker.LEASE_TIME.plusMillis(1));
                Lease taken = quick.claim(1).getFirst();
                assertThat(taken.epoch()).isGreaterThan(old.epoch());
                assertThat(seqs(pending(quick, taken)))
                        .containsExactly(2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);

                slow.record(old, item(2), ok(2));
                assertThat(slow.renew().lost()).containsExactly(old);
                assertThatThrownBy(() -> slow.record(old, item(3), ok(3)))
                        .isInstanceOf(LeaseLostException.class);
                slow.flush();
                recordAll(quick, taken);
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(10);
            assertThat(store.strays(job.id(), 10))
                    .singleElement()
                    .satisfies(stray -> assertThat(stray.reason()).startsWith("late: item 2 "));
        }

        @Test
        void keeps_leases_that_it_renews() {
            JobStore store = open();
            Job job = load(store, "f1", 10);
            try (Worker first = store.openWorker(job.id());
                    Worker second = store.openWorker(job.id())) {
                first.claim(1);
                for (int i = 0; i < 5; i++) {
                    clock.advance(Duration.ofSeconds(20));
                    assertThat(first.renew().lost()).isEmpty();
                    assertThat(second.claim(1)).isEmpty();
                }
            }
        }
    }
}
