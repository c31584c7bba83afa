package dev.batchwright.store;

import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.planned;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.Progress;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Shard;
import dev.batchwright.job.Usage;
import dev.batchwright.store.Views.ItemFilter;
import dev.batchwright.store.Views.ItemLook;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.LongStream;

/** What every store does. */
@SuppressWarnings("ClassCanBeStatic")
abstract class JobStoreContract extends BatchLaneContract {
    @Nested
    class Opening {
        @Test
        void by_many_at_once_migrates_once() throws Exception {
            try (var threads = Executors.newFixedThreadPool(8)) {
                var stores = new ArrayList<Future<JobStore>>();
                for (int i = 0; i < 8; i++) {
                    stores.add(threads.submit(() -> connect()));
                }
                for (var store : stores) {
                    try (JobStore opened = store.get()) {
                        assertThat(opened.jobs(1)).isEmpty();
                    }
                }
            }
        }

        @Test
        void of_a_newer_store_is_refused() throws Exception {
            open();
            sql("update schema_version set version = 99");
            assertThatThrownBy(() -> open())
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("schema version 99")
                    .hasMessageContaining("versions up to " + Migrations.newest())
                    .hasMessageContaining("--store");
        }

        private byte[] itemLines(int items) {
            var lines = new ByteArrayOutputStream();
            for (long seq = 1; seq <= items; seq++) {
                var line = new JsonLine(300);
                ItemLine.write(item(seq), line);
                lines.write(line.bytes(), 0, line.length());
            }
            return lines.toByteArray();
        }

        @Test
        void of_version_1_goes_on_where_it_was() throws Exception {
            var job = new JobId("job_old");
            byte[] input = itemLines(3);
            var done = new ByteArrayOutputStream();
            var shard = new Shard(1, job, Lane.LIVE, SeqRanges.of(1, 2), 1);
            OutcomeLine first = OutcomeLine.of(new Lease(shard, "worker_old", 1), 1, ok(1));
            OutcomeLine second = OutcomeLine.of(new Lease(shard, "worker_old", 1), 2, ok(2));
            first.appendTo(Samples.into(done));
            int applied = done.size();
            second.appendTo(Samples.into(done));
            String answer = first.answer().toString();
            int answerOffset = done.toString(StandardCharsets.UTF_8).indexOf(answer);
            createVersion(
                    1,
                    job,
                    Map.of(Segments.INPUT, input, "outcomes-worker_old.jsonl", done.toByteArray()),
                    connection -> {
                        Sql.update(
                                connection,
                                """
                                insert into job (id, fingerprint, spec, state, items, created_at)
                                values ('job_old', 'f1', ?, 'active', 3, 1)
                                """,
                                """
                                {"name":"n","fingerprint":"f1","input":"in","columns":[],
                                 "endpoints":{},"live":{"max_attempts":1,"timeout":"PT90S"},
                                 "metadata":{}}
                                """);
                        Sql.update(
                                connection,
                                """
                                insert into block (job_id, first_seq, items, segment, start_offset,
                                                   length)
                                values ('job_old', 1, 3, 'input.jsonl', 0, ?)
                                """,
                                input.length);
                        Sql.update(
                                connection,
                                """
                                insert into shard (job_id, lane, round, members, items, lease_owner,
                                                   lease_epoch, lease_until, succeeded, cost)
                                values ('job_old', 'live', 1, '1-2', 2, 'worker_old', 1,
                                        9000000000000, 1, 3),
                                       ('job_old', 'live', 1, '3', 1, null, 0, null, 0, 0)
                                """);
                        Sql.update(
                                connection,
                                """
                                insert into outcome values
                                    ('job_old', 1, 'ok', 200, 1, 10, 2, 5, 3, 1,
                                     'outcomes-worker_old.jsonl', ?, ?)
                                """,
                                answerOffset,
                                answer.length());
                        Sql.update(
                                connection,
                                """
                                insert into segment (job_id, name, kind, worker, applied) values
                                    ('job_old', 'input.jsonl', 'input', null, 0),
                                    ('job_old', 'outcomes-worker_old.jsonl', 'outcomes',
                                     'worker_old', ?)
                                """,
                                applied);
                        Sql.update(
                                connection,
                                "insert into worker values ('worker_old', 'job_old', 'h', 1, 1)");
                        return true;
                    });

            JobStore store = open();
            assertThat(store.find(job).orElseThrow().spec().mode()).isEqualTo(Mode.LIVE);
            assertThat(results(store, job, Selection.SUCCEEDED))
                    .extracting(result -> result.answer().toString())
                    .containsExactly(answer);
            try (Worker worker = store.openWorker(job)) {
                Lease three = worker.claim(Lane.LIVE, 9).getFirst();
                assertThat(three.shard().members()).isEqualTo(SeqRanges.of(3, 3));
                worker.batches().replace(List.of(three), List.of(planned(2, SeqRanges.of(3, 3))));
                Lease batch = worker.claim(Lane.BATCH, 9).getFirst();
                assertThat(batch.shard().id()).isGreaterThan(2);
            }
            assertThat(store.progress(job).succeeded()).isEqualTo(2);
            assertThat(store.batches(job)).hasSize(1);
            store.delete(job);
        }

        @Test
        void of_version_8_keeps_what_every_outcome_says() throws Exception {
            var job = new JobId("job_old");
            byte[] input = itemLines(4);
            createVersion(
                    8,
                    job,
                    Map.of(
                            Segments.INPUT,
                            input,
                            "results.jsonl",
                            "{\"a\":1} {\"b\":2} {\"c\":3}".getBytes(StandardCharsets.UTF_8),
                            "outcomes-worker_old.jsonl",
                            "\"response\":null,\"error\":{\"d\":4}"
                                    .getBytes(StandardCharsets.UTF_8)),
                    connection -> {
                        Sql.update(
                                connection,
                                """
                                insert into job (id, fingerprint, spec, state, items, created_at)
                                values ('job_before', 'f0', ?, 'active', 4, 1),
                                       ('job_old', 'f1', ?, 'active', 4, 2)
                                """,
                                SpecJson.write(spec("f0", Mode.AUTO)),
                                SpecJson.write(spec("f1", Mode.AUTO)));
                        Sql.update(
                                connection,
                                """
                                insert into block (job_id, first_seq, items, segment, start_offset,
                                                   length)
                                values ('job_old', 1, 4, 'input.jsonl', 0, ?)
                                """,
                                input.length);
                        Sql.update(
                                connection,
                                """
                                insert into segment (job_id, name, kind, worker, shard_id, source)
                                values ('job_before', 'results.jsonl', 'results', null, 1, 'x'),
                                       ('job_old', 'results.jsonl', 'results', null, 2, 'x'),
                                       ('job_old', 'outcomes-worker_old.jsonl', 'outcomes',
                                        'worker_old', null, null)
                                """);
                        Sql.update(
                                connection,
                                """
                                insert into outcome (job_id, seq, kind, status, attempts,
                                                     input_tokens, cached_tokens, output_tokens,
                                                     cost, shard_id, segment, answer_offset,
                                                     answer_length, form, cause)
                                values ('job_before', 1, 'ok', 200, 1, 9, 9, 9, 9, 1,
                                        'results.jsonl', 0, 7, 'body', ''),
                                       ('job_old', 1, 'ok', 200, 1, 3, 2, 1, 7, 2,
                                        'results.jsonl', 0, 7, 'response', ''),
                                       ('job_old', 2, 'ok', 201, 2, 0, 0, 0, 0, 2,
                                        'results.jsonl', 8, 7, 'body', ''),
                                       ('job_old', 3, 'failed', 0, 1, 0, 0, 0, 0, 2,
                                        'results.jsonl', 16, 7, 'error', 'gone'),
                                       ('job_old', 4, 'failed', 503, 1, 0, 0, 0, 0, 2,
                                        'outcomes-worker_old.jsonl', 0, 31, 'fields', 'busy'),
                                       ('job_deleted', 1, 'ok', 200, 1, 0, 0, 0, 0, 9,
                                        'results.jsonl', 0, 7, 'body', '')
                                """);
                        return true;
                    });

            JobStore store = open();
            List<StoredResult> results = results(store, job, Selection.ALL);
            assertThat(results)
                    .extracting(result -> result.answer().toString())
                    .containsExactly(
                            "\"response\":{\"a\":1},\"error\":null",
                            "\"response\":{\"status_code\":201,\"request_id\":\"\",\"body\":{\"b\":2}},\"error\":null",
                            "\"response\":null,\"error\":{\"c\":3}",
                            "\"response\":null,\"error\":{\"d\":4}");
            assertThat(results)
                    .extracting(StoredResult::kind)
                    .containsExactly(
                            StoredResult.Kind.SUCCEEDED,
                            StoredResult.Kind.SUCCEEDED,
                            StoredResult.Kind.FAILED,
                            StoredResult.Kind.FAILED);
            assertThat(results.getFirst().usage()).isEqualTo(new Usage(3, 2, 1));
            assertThat(results.getFirst().cost()).isEqualTo(new Cost(7));
            assertThat(store.views().items(job, new ItemFilter.FailedOf(503, "busy"), 0, 9))
                    .extracting(ItemLook::seq)
                    .containsExactly(4L);
            Job later = load(store, "f2", 1);
            try (Worker worker = store.openWorker(later.id())) {
                recordAll(worker, worker.claim(Lane.LIVE, 1).getFirst());
            }
            store.delete(job);
            assertThat(results(store, later.id(), Selection.SUCCEEDED)).hasSize(1);
        }

        @Test
        @Timeout(60)
        void removes_a_job_whose_loader_was_killed() throws Exception {
            JobStore store = open();
            Process loader = RecordingProcess.start("load", location());
            var id = new JobId(loader.inputReader().readLine());
            open();
            assertThat(store.find(id)).isPresent();

            loader.destroyForcibly().waitFor();
            while (store.find(id).isPresent()) {
                open();
            }
            assertThat(store.jobs(10)).isEmpty();
        }
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
    class A_job {
        @Test
        void takes_a_spec_that_is_known_only_once_its_input_was_read() {
            JobStore store = open();
            try (JobDraft draft = store.draft(spec("by name"))) {
                draft.append(item(1));
                JobSpec known = spec("by content").loaded(List.of("a"), Map.of());
                store.updateSpec(draft.id(), known);
                Job job = draft.commit();
                assertThat(job.spec()).isEqualTo(known);
                assertThat(store.findByFingerprint("by content")).contains(job);
                assertThat(store.findByFingerprint("by name")).isEmpty();
            }
        }

        @Test
        void changes_its_state_only_from_the_one_expected() {
            JobStore store = open();
            JobId id = load(store, "f1", 1).id();
            var blocked = new JobState.Blocked("The key was refused. Set OPENAI_API_KEY.");

            assertThat(store.transition(id, new JobState.Active(), blocked)).isTrue();
            assertThat(store.transition(id, new JobState.Active(), new JobState.Finished()))
                    .isFalse();
            assertThat(open().find(id).orElseThrow().state()).isEqualTo(blocked);
        }

        @Test
        void keeps_its_owner_and_is_listed_for_that_one_alone() {
            JobStore store = open();
            Job mine = load(store, spec("mine").ownedBy("mine"), 1);
            clock.advance(Duration.ofSeconds(1));
            Job newer = load(store, spec("newer").ownedBy("mine"), 1);
            Job other = load(store, spec("other").ownedBy("other"), 1);
            Job nobodys = load(store, spec("nobody's"), 1);

            store.updateSpec(mine.id(), mine.spec().ownedBy("another"));
            JobStore again = open();
            assertThat(again.find(mine.id()).orElseThrow().spec().owner()).isEqualTo("mine");
            assertThat(again.jobs("mine", 9)).containsExactly(newer, mine);
            assertThat(again.jobs("mine", 1)).containsExactly(newer);
            assertThat(again.jobs("other", 9)).containsExactly(other);
            assertThat(again.jobs("", 9)).containsExactly(nobodys);
        }

        @Test
        void is_found_by_the_fingerprint_of_its_newest_run() {
            JobStore store = open();
            Job first = load(store, "same", 1);
            clock.advance(Duration.ofSeconds(1));
            Job second = load(store, "same", 1);
            clock.advance(Duration.ofSeconds(1));
            Job other = load(store, "other", 1);

            assertThat(store.findByFingerprint("same")).contains(second);
            assertThat(store.jobs(2)).containsExactly(other, second);
            store.delete(second.id());
            assertThat(store.findByFingerprint("same")).contains(first);
            assertThat(store.find(second.id())).isEmpty();
        }

        @Test
        void takes_a_changed_spec_and_remembers_events_in_order() {
            JobStore store = open();
            Job job = load(store, "f1", 1);
            JobSpec changed = job.spec().loaded(List.of("a", "b"), Map.of());
            store.updateSpec(job.id(), changed);
            store.addEvent(job.id(), "created", "");
            clock.advance(Duration.ofSeconds(5));
            store.addEvent(job.id(), "resumed", "by process 7");

            assertThat(store.find(job.id()).orElseThrow().spec()).isEqualTo(changed);
            assertThat(store.events(job.id()))
                    .containsExactly(
                            new JobEvent(clock.instant().minusSeconds(5), "created", ""),
                            new JobEvent(clock.instant(), "resumed", "by process 7"));
            assertThat(store.events(job.id(), 1))
                    .containsExactly(new JobEvent(clock.instant(), "resumed", "by process 7"));
            assertThat(store.events(job.id(), 2)).isEmpty();
        }

        @Test
        void that_does_not_exist_is_an_error_that_says_so() {
            JobStore store = open();
            var id = new JobId("job_nowhere");
            assertThatThrownBy(() -> store.progress(id))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("no job job_nowhere");
            assertThatThrownBy(() -> store.openWorker(id)).isInstanceOf(StoreException.class);
            assertThatThrownBy(() -> store.delete(id)).isInstanceOf(StoreException.class);
        }

        @Test
        void is_not_deleted_while_somebody_works_on_it() {
            JobStore store = open();
            Job job = load(store, "f1", 5);
            JobStore other = open();
            try (Worker worker = other.openWorker(job.id())) {
                assertThat(store.workers(job.id()))
                        .singleElement()
                        .satisfies(
                                info -> {
                                    assertThat(info.id()).isEqualTo(worker.id());
                                    assertThat(info.pid()).isEqualTo(ProcessHandle.current().pid());
                                });
                assertThatThrownBy(() -> store.delete(job.id()))
                        .isInstanceOf(JobInUseException.class);
                assertThatThrownBy(() -> store.retryFailed(job.id()))
                        .isInstanceOf(JobInUseException.class);
            }
            assertThat(store.workers(job.id())).isEmpty();
            store.delete(job.id());
            assertThat(store.jobs(10)).isEmpty();
            assertThatThrownBy(() -> store.results(job.id(), Selection.ALL))
                    .isInstanceOf(StoreException.class);
        }
    }

    @Nested
    class Retrying {
        @Test
        void sends_failed_items_on_another_round_and_keeps_what_they_cost() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 2_000);
            var paid =
                    new Outcome.Failed(
                            2,
                            new ItemError("bad", "No."),
                            Optional.empty(),
                            new Usage(7, 0, 0),
                            new Cost(1));
            try (Worker worker = store.openWorker(job.id())) {
                for (Lease lease : worker.claim(Lane.LIVE, 9)) {
                    recordEach(worker, lease, seq -> seq % 500 == 1 ? paid : ok(seq));
                }
            }
            store.transition(job.id(), new JobState.Active(), new JobState.Finished());
            Progress before = store.progress(job.id());
            assertThat(before.failed()).isEqualTo(4);

            assertThat(store.retryFailed(job.id())).isEqualTo(4);
            assertThat(store.find(job.id()).orElseThrow().state()).isEqualTo(new JobState.Active());
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(2_000, 1_996, 0, before.usage(), before.cost()));

            try (Worker worker = store.openWorker(job.id())) {
                List<Lease> leases = worker.claim(Lane.LIVE, 9);
                assertThat(leases).hasSize(1);
                assertThat(leases.getFirst().shard().round()).isEqualTo(2);
                assertThat(seqs(pending(worker, leases.getFirst())))
                        .containsExactly(1L, 501L, 1001L, 1501L);
                recordAll(worker, leases.getFirst());
            }
            assertThat(store.progress(job.id()))
                    .isEqualTo(
                            new Progress(
                                    2_000,
                                    2_000,
                                    0,
                                    before.usage().plus(new Usage(40, 8, 20)),
                                    before.cost().plus(new Cost(12))));
            assertThat(store.retryFailed(job.id())).isZero();
            assertThat(store.strays(job.id(), 9)).isEmpty();
        }

        @Test
        void of_a_half_done_shard_leaves_its_pending_items_where_they_are() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 6);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, item(2), failed("timeout"));
                worker.record(lease, item(3), ok(3));
            }
            assertThat(store.retryFailed(job.id())).isEqualTo(1);
            try (Worker worker = store.openWorker(job.id())) {
                List<Lease> leases = worker.claim(Lane.LIVE, 9);
                assertThat(leases).hasSize(2);
                assertThat(seqs(pending(worker, leases.get(0)))).containsExactly(1L, 4L, 5L, 6L);
                assertThat(seqs(pending(worker, leases.get(1)))).containsExactly(2L);
            }
        }
    }

    @Nested
    class Drafts_of_one_fingerprint {
        @Test
        void become_one_job_however_many_are_committed_at_once() throws Exception {
            JobStore store = open();
            var start = new CountDownLatch(1);
            List<Future<Optional<Job>>> commits = new ArrayList<>();
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int i = 0; i < 8; i++) {
                    commits.add(
                            threads.submit(
                                    () -> {
                                        try (JobDraft draft = store.draft(spec("same"))) {
                                            draft.append(item(1));
                                            start.await();
                                            return draft.commitUnlessKnown();
                                        }
                                    }));
                }
                start.countDown();
            }
            var made = new ArrayList<Job>();
            for (Future<Optional<Job>> commit : commits) {
                commit.get().ifPresent(made::add);
            }
            assertThat(made).hasSize(1);
            assertThat(store.findByFingerprint("same").orElseThrow().id())
                    .isEqualTo(made.getFirst().id());
            assertThat(store.jobs(100)).hasSize(1);
        }

        @Test
        void become_jobs_of_their_own_where_that_is_asked_for() {
            JobStore store = open();
            load(store, "same", 1);
            try (JobDraft draft = store.draft(spec("same"))) {
                draft.append(item(1));
                assertThat(draft.commitUnlessKnown()).isEmpty();
                assertThat(draft.commit().items()).isEqualTo(1);
            }
            assertThat(store.jobs(100)).hasSize(2);
        }
    }

    @Nested
    class Results_of_a_job {
        @Test
        void come_in_input_order_and_as_selected() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 6_000);
            var order = new ArrayList<Long>();
            LongStream.rangeClosed(1, 6_000).filter(seq -> seq % 3 != 0).forEach(order::add);
            Collections.shuffle(order, new Random(11));
            try (Worker worker = store.openWorker(job.id());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Lease> leases = worker.claim(Lane.LIVE, 9);
                for (long seq : order) {
                    Lease lease =
                            leases.stream()
                                    .filter(l -> l.shard().members().contains(seq))
                                    .findFirst()
                                    .orElseThrow();
                    Outcome outcome = seq % 3 == 1 ? ok(seq) : failed("code" + seq);
                    threads.execute(() -> recordUnchecked(worker, lease, item(seq), outcome));
                }
            }
            List<StoredResult> all = results(store, job.id(), Selection.ALL);
            for (int i = 0; i < 6_000; i++) {
                StoredResult result = all.get(i);
                long seq = i + 1L;
                assertThat(result.item()).isEqualTo(item(seq));
                String answer = result.answer().toString();
                switch ((int) (seq % 3)) {
                    case 1 -> assertThat(answer).contains("{\"answer\":" + seq + "}");
                    case 2 -> assertThat(answer).contains("\"code" + seq + "\"");
                    default ->
                            assertThat(answer)
                                    .startsWith(
                                            "\"response\":null,\"error\":{\"code\":\"not_executed\"");
                }
            }
            assertThat(results(store, job.id(), Selection.SUCCEEDED))
                    .hasSize(2_000)
                    .allMatch(result -> result.kind() == StoredResult.Kind.SUCCEEDED);
            assertThat(results(store, job.id(), Selection.FAILED))
                    .hasSize(2_000)
                    .allMatch(result -> result.kind() == StoredResult.Kind.FAILED);
            store.transition(job.id(), new JobState.Active(), new JobState.Cancelled());
            assertThat(results(store, job.id(), Selection.FAILED)).hasSize(4_000);
        }

        @Test
        void come_once_each_to_who_asks_again_and_again() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 12_000);
            var known = new BitSet();
            assertThat(completed(store, job, known)).isEmpty();
            var order = new ArrayList<Long>();
            LongStream.rangeClosed(2, 12_000).forEach(order::add);
            Collections.shuffle(order, new Random(13));
            var given = new ArrayList<Long>();
            try (Worker worker = store.openWorker(job.id())) {
                List<Lease> leases = worker.claim(Lane.LIVE, 20);
                for (int from = 0; from < order.size(); from += 3_000) {
                    List<Long> part = order.subList(from, Math.min(order.size(), from + 3_000));
                    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                        for (long seq : part) {
                            Lease lease =
                                    leases.stream()
                                            .filter(l -> l.shard().members().contains(seq))
                                            .findFirst()
                                            .orElseThrow();
                            threads.execute(
                                    () -> recordUnchecked(worker, lease, item(seq), ok(seq)));
                        }
                    }
                    worker.flush();
                    assertThat(completed(store, job, known))
                            .containsExactlyElementsOf(part.stream().sorted().toList());
                    part.forEach(seq -> known.set(seq.intValue()));
                    given.addAll(part);
                }
            }
            assertThat(completed(store, job, known)).isEmpty();
            assertThat(given).hasSize(11_999).doesNotHaveDuplicates();
        }

        @Test
        void are_told_of_a_few_items_that_are_completed() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 10);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, Map.of(2L, ok(2), 3L, ok(3), 9L, ok(9), 10L, ok(10)));
            }
            assertThat(completed(store, job.id(), List.of(9L, 5L, 2L))).containsExactly(2L, 9L);
            assertThat(completed(store, new JobId("job_gone"), List.of(1L))).isEmpty();
        }

        private static List<Long> completed(JobStore store, JobId job, List<Long> wanted) {
            var seqs = new ArrayList<Long>();
            try (Results results = store.completed(job, wanted)) {
                results.forEachRemaining(result -> seqs.add(result.item().seq()));
            }
            return seqs;
        }

        private List<Long> completed(JobStore store, Job job, BitSet known) {
            var seqs = new ArrayList<Long>();
            try (Results results = store.results(job.id(), Selection.COMPLETED, known)) {
                results.forEachRemaining(
                        result -> {
                            assertThat(result.answer().toString())
                                    .contains("{\"answer\":" + result.item().seq() + "}");
                            seqs.add(result.item().seq());
                        });
            }
            return seqs;
        }

        @Test
        void keep_large_bodies_and_control_characters() throws Exception {
            JobStore store = open();
            String large = "\"" + "p".repeat(20 << 20) + "\"";
            var strange =
                    new Item(
                            2,
                            "tab\there \ud83d\ude00 \ud800 \"\\\n",
                            new Request("echo", "/v1/x", "", RawJson.of("{\n\t\"a\": 1}")),
                            Optional.of(RawJson.of("{\"c\":\"}\"}")));
            Job job;
            try (JobDraft draft = store.draft(spec("f1"))) {
                draft.append(item(1, large));
                draft.append(strange);
                draft.append(item(3));
                job = draft.commit();
            }
            var refused =
                    new Outcome.Failed(
                            1,
                            new ItemError("bad_request", "line\nbreak"),
                            Optional.of(new Reply(400, "r\t1", RawJson.of("{\n\t\"e\":1\r\n}"))),
                            Usage.NONE,
                            Cost.ZERO);
            try (Worker worker = store.openWorker(job.id())) {
                for (Lease lease : worker.claim(Lane.LIVE, 9)) {
                    for (Item item : pending(worker, lease)) {
                        worker.record(lease, item, item.seq() == 2 ? refused : ok(large));
                    }
                }
            }
            List<StoredResult> all = results(store, job.id(), Selection.ALL);
            assertThat(all.get(0).item()).isEqualTo(item(1, large));
            assertThat(all.get(0).answer().length()).isGreaterThan(20 << 20);
            assertThat(all.get(1).item()).isEqualTo(strange);
            assertThat(all.get(1).answer())
                    .hasToString(
                            "\"response\":{\"status_code\":400,\"request_id\":\"r\\u00091\",\"body\":{"
                                + "  \"e\":1  }},\"error\":null");
            assertThat(all.get(1).kind()).isEqualTo(StoredResult.Kind.FAILED);
            assertThat(all.get(2).item()).isEqualTo(item(3));
        }
    }

    @Nested
    class A_worker {
        @Test
        void shares_the_shards_with_others() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 4_000);
            try (Worker one = store.openWorker(job.id());
                    Worker two = open().openWorker(job.id())) {
                var shards = new ArrayList<Lease>(one.claim(Lane.LIVE, 2));
                shards.addAll(two.claim(Lane.LIVE, 9));
                assertThat(shards).extracting(lease -> lease.shard().id()).doesNotHaveDuplicates();
                assertThat(shards).hasSize(4);
                for (Lease lease : shards) {
                    recordAll(lease.owner().equals(one.id()) ? one : two, lease);
                }
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(4_000);
        }

        @Test
        void gives_a_half_done_shard_back_with_what_it_recorded() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 5);
            try (Worker one = store.openWorker(job.id());
                    Worker two = open().openWorker(job.id())) {
                Lease lease = one.claim(Lane.LIVE, 1).getFirst();
                one.record(lease, item(4), ok(4));
                assertThat(seqs(pending(one, lease))).containsExactly(1L, 2L, 3L, 5L);
                one.release(lease);
                assertThatThrownBy(() -> one.record(lease, item(5), ok(5)))
                        .isInstanceOf(LeaseLostException.class);

                Lease next = two.claim(Lane.LIVE, 1).getFirst();
                assertThat(seqs(pending(two, next))).containsExactly(1L, 2L, 3L, 5L);
            }
        }

        @Test
        void counts_an_item_once_and_keeps_the_second_outcome_as_a_stray() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, item(1), ok("\"first\""));
                worker.record(lease, item(1), failed("second"));
                worker.flush();
                worker.record(lease, item(1), failed("third"));
            }
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(3, 1, 0, new Usage(10, 2, 5), new Cost(3)));
            assertThat(store.strays(job.id(), 9))
                    .hasSize(2)
                    .allMatch(stray -> stray.reason().startsWith("duplicate: item 1 "));
            assertThat(results(store, job.id(), Selection.SUCCEEDED).getFirst().answer().toString())
                    .contains("first");
        }

        @Test
        void refuses_an_item_of_another_shard() {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                assertThatThrownBy(() -> worker.record(lease, item(4), ok(4)))
                        .isInstanceOf(IllegalArgumentException.class);
            }
        }

        @Test
        void hears_what_another_process_does_to_the_job() {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            try (Worker worker = store.openWorker(job.id())) {
                assertThat(worker.renew())
                        .isEqualTo(
                                new Worker.Pulse(
                                        new JobState.Active(),
                                        List.of(),
                                        clock.instant().plus(Worker.LEASE_TIME)));
                open().transition(job.id(), new JobState.Active(), new JobState.Cancelled());
                assertThat(worker.renew().job()).isEqualTo(new JobState.Cancelled());
            }
        }

        @Test
        void keeps_what_was_paid_for_even_if_it_is_interrupted() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                Thread.currentThread().interrupt();
                worker.record(lease, item(1), ok(1));
                assertThat(Thread.interrupted()).isTrue();
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(1);
        }

        @Test
        @Timeout(120)
        void that_is_killed_loses_nothing_that_was_acknowledged() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 20_000);
            Process process = RecordingProcess.start("record", location(), job.id().value());
            var acknowledged = new HashSet<Long>();
            try (var out = process.inputReader()) {
                for (String line = out.readLine(); line != null; line = out.readLine()) {
                    acknowledged.add(Long.parseLong(line));
                    if (acknowledged.size() == 1_000) {
                        // By its handle: the pipe stays open, and tells what else was acknowledged.
                        process.toHandle().destroyForcibly();
                    }
                }
            }
            process.waitFor();
            assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(1_000);

            try (Worker worker = store.openWorker(job.id())) {
                while (store.progress(job.id()).pending() > 0) {
                    Lease lease = claimOne(worker, Lane.LIVE);
                    assertThat(seqs(pending(worker, lease)))
                            .doesNotContainAnyElementsOf(acknowledged);
                    recordEach(worker, lease, seq -> failed("later"));
                    worker.flush();
                }
                assertThat(store.workers(job.id()))
                        .extracting(WorkerInfo::id)
                        .containsExactly(worker.id());
            }
            Progress progress = store.progress(job.id());
            assertThat(progress.done()).isEqualTo(20_000);
            assertThat(progress.succeeded()).isBetween((long) acknowledged.size(), 19_999L);
            assertThat(store.strays(job.id(), 9)).isEmpty();
        }

        @Test
        void records_several_outcomes_of_a_shard_at_once() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, Map.of(1L, ok(1), 3L, failed("timeout")));
                worker.record(lease, Map.of());
                assertThat(seqs(pending(worker, lease))).containsExactly(2L);
                worker.flush();
                assertThat(store.progress(job.id()).succeeded()).isEqualTo(1);
                assertThat(store.progress(job.id()).failed()).isEqualTo(1);
                assertThat(store.progressByLane(job.id()))
                        .containsExactly(Map.entry(Lane.LIVE, store.progress(job.id())));
            }
        }

        @Test
        void records_outcomes_of_many_threads_and_finishes_the_job() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3_000);
            try (Worker worker = store.openWorker(job.id());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                List<Lease> leases = worker.claim(Lane.LIVE, 10);
                assertThat(leases).hasSize(3);
                var calls = new ArrayList<Future<?>>();
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
                assertThat(worker.claim(Lane.LIVE, 1)).isEmpty();
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
                Lease old = slow.claim(Lane.LIVE, 1).getFirst();
                slow.record(old, item(1), ok(1));
                assertThat(quick.claim(Lane.LIVE, 1)).isEmpty();

                clock.advance(Worker.LEASE_TIME.plusMillis(1));
                Lease taken = quick.claim(Lane.LIVE, 1).getFirst();
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
        void is_not_counted_while_it_is_silent() {
            JobStore store = open();
            JobStore other = open();
            Job job = load(store, "f1", 10);
            try (Worker suspended = store.openWorker(job.id())) {
                suspended.claim(Lane.LIVE, 1);
                assertThat(other.workers(job.id())).hasSize(1);

                clock.advance(Worker.LEASE_TIME.plusMillis(1));
                assertThat(other.workers(job.id())).isEmpty();
                assertThatThrownBy(() -> other.delete(job.id()))
                        .isInstanceOf(JobInUseException.class);

                suspended.renew();
                assertThat(other.workers(job.id())).hasSize(1);
            }
        }

        @Test
        void forgets_a_shard_that_is_done_and_does_not_call_it_lost() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 3);

            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                recordAll(worker, lease);
                worker.flush();

                assertThat(worker.renew().lost()).isEmpty();

                assertThatThrownBy(() -> pending(worker, lease))
                        .isInstanceOf(LeaseLostException.class);
            }
        }

        @Test
        void finds_what_is_free_without_a_look_at_the_expired() {
            JobStore store = open();
            Job job = load(store, "f1", 10);
            try (Worker silent = store.openWorker(job.id());
                    Worker other = store.openWorker(job.id())) {
                Lease lease = silent.claimFree(Lane.LIVE, 9).getFirst();
                clock.advance(Worker.LEASE_TIME.plusMillis(1));

                assertThat(other.claimFree(Lane.LIVE, 9)).isEmpty();
                assertThat(other.claim(Lane.LIVE, 9))
                        .singleElement()
                        .satisfies(taken -> assertThat(taken.shard()).isEqualTo(lease.shard()));
            }
        }

        @Test
        void keeps_leases_that_it_renews() {
            JobStore store = open();
            Job job = load(store, "f1", 10);
            try (Worker first = store.openWorker(job.id());
                    Worker second = store.openWorker(job.id())) {
                first.claim(Lane.LIVE, 1);
                for (int i = 0; i < 5; i++) {
                    clock.advance(Duration.ofSeconds(20));
                    assertThat(first.renew().lost()).isEmpty();
                    assertThat(second.claim(Lane.LIVE, 1)).isEmpty();
                }
            }
        }
    }
}
