package dev.batchwright.store;

import static dev.batchwright.store.Samples.batch;
import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.live;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.planned;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Progress;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;
import dev.batchwright.store.BatchWork.Harvest;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/** What every store does with shards of the batch lane. */
@SuppressWarnings("ClassCanBeStatic")
abstract class BatchLaneContract extends AccountsContract {
    private static final BatchTag TAG = new BatchTag("bw0123456789abcd");
    private static final BatchTag OTHER_TAG = new BatchTag("bw0123456789abce");
    private static final Duration EXPIRY = Worker.LEASE_TIME.plusMillis(1);

    static Job loadAuto(JobStore store, long items) {
        return load(store, spec("auto", Mode.AUTO), items);
    }

    /** Makes one batch of all items of a job, and claims it. */
    static Lease batchOfAll(Worker worker) {
        List<Lease> open = worker.claim(Lane.OPEN, Integer.MAX_VALUE);
        SeqRanges all = SeqRanges.union(open.stream().map(o -> o.shard().members()).toList());
        worker.batches().replace(open, List.of(planned(1, all)));
        return worker.claim(Lane.BATCH, 1).getFirst();
    }

    static void download(Worker worker, Lease lease, String name, String content) {
        try (var download = worker.batches().download(lease, name)) {
            download.out().write(content.getBytes(StandardCharsets.UTF_8));
            download.commit();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static Harvest harvest(Worker worker, Lease lease, String name) {
        try {
            return worker.batches().harvest(lease, name, Samples::judge);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static Harvest harvest(Worker worker, Lease lease, String name, String content) {
        download(worker, lease, name, content);
        return harvest(worker, lease, name);
    }

    static List<String> answers(JobStore store, JobId job) {
        return results(store, job, Selection.ALL).stream()
                .map(result -> result.answer().toString())
                .toList();
    }

    static String bodies(long first, long last) {
        var lines = new StringBuilder();
        for (long seq = first; seq <= last; seq++) {
            lines.append("body %d {\"answer\":%d}\n".formatted(seq, seq));
        }
        return lines.toString();
    }

    @Nested
    class Shards {
        @Test
        void begin_undecided_unless_the_job_is_live() {
            JobStore store = open();
            Job job = loadAuto(store, 1_500);
            try (Worker worker = store.openWorker(job.id())) {
                assertThat(worker.claim(Lane.LIVE, 9)).isEmpty();
                assertThat(worker.claim(Lane.BATCH, 9)).isEmpty();
                assertThat(worker.claim(Lane.OPEN, 9))
                        .extracting(lease -> lease.shard().members().toString())
                        .containsExactly("1-1000", "1001-1500");
            }
        }

        @Test
        void of_failed_items_are_undecided_again_wherever_they_failed() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                harvest(worker, lease, "output", "error 1 {}\nbody 2 {}\nerror 3 {}\n");
            }
            assertThat(store.retryFailed(job.id())).isEqualTo(2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.OPEN, 9).getFirst();
                assertThat(lease.shard().members()).hasToString("1,3");
                assertThat(lease.shard().round()).isEqualTo(2);
                assertThat(worker.claim(Lane.LIVE, 9)).isEmpty();
            }
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(3, 1, 0, new Usage(30, 6, 15), new Cost(9)));
        }
    }

    @Nested
    class Replacing {
        @Test
        void cuts_undecided_shards_into_batches_and_live_ones() {
            JobStore store = open();
            Job job = loadAuto(store, 2_500);
            try (Worker worker = store.openWorker(job.id())) {
                List<Lease> open = worker.claim(Lane.OPEN, 9);
                worker.batches()
                        .replace(
                                open,
                                List.of(
                                        planned(1, SeqRanges.parse("1-1200,2001")),
                                        live(1, SeqRanges.parse("1201-2000")),
                                        planned(1, SeqRanges.parse("2002-2500"))));

                assertThat(worker.renew().lost()).isEmpty();
                assertThatThrownBy(() -> worker.pending(open.getFirst()))
                        .isInstanceOf(LeaseLostException.class);
                assertThat(worker.claim(Lane.OPEN, 9)).isEmpty();
                assertThat(worker.claim(Lane.LIVE, 9))
                        .extracting(lease -> lease.shard().members().toString())
                        .containsExactly("1201-2000");
                List<Lease> batches = worker.claim(Lane.BATCH, 9);
                assertThat(batches)
                        .extracting(lease -> lease.shard().members().toString())
                        .containsExactly("1-1200,2001", "2002-2500");
                assertThat(worker.batches().read(batches.getFirst()))
                        .isEqualTo(batch(new BatchState.Planned()));
                assertThat(pending(worker, batches.get(0))).hasSize(1_201);
                assertThat(store.batches(job.id()))
                        .extracting(StoredBatch::items)
                        .containsExactly(1_201L, 499L);
                assertThat(store.progress(job.id()).pending()).isEqualTo(2_500);
            }
        }

        @Test
        void leaves_what_has_an_outcome_where_it_is() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 6);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                harvest(worker, lease, "output", "body 2 {}\nleft 3 x\n");
                worker.record(lease, item(5), ok(5));

                worker.batches().replace(List.of(lease), List.of(live(2, items(1, 3, 4, 6))));

                assertThat(worker.renew().lost()).isEmpty();
                assertThat(store.batches(job.id()))
                        .singleElement()
                        .satisfies(
                                batch -> {
                                    assertThat(batch.settled()).isTrue();
                                    assertThat(batch.items()).isEqualTo(2);
                                    assertThat(batch.finished()).isEqualTo(2);
                                });
                assertThat(worker.claim(Lane.BATCH, 9)).isEmpty();
                Lease next = worker.claim(Lane.LIVE, 9).getFirst();
                assertThat(next.shard().round()).isEqualTo(2);
                recordAll(worker, next);
                worker.flush();
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(6);
            assertThat(store.strays(job.id(), 9)).isEmpty();
        }

        @Test
        void removes_a_shard_of_which_nothing_stays_and_never_uses_its_id_again() {
            JobStore store = open();
            Job job = loadAuto(store, 4);
            try (Worker worker = store.openWorker(job.id())) {
                Lease first = batchOfAll(worker);
                download(worker, first, "output", "left 1 x\n");
                worker.batches().replace(List.of(first), List.of(planned(2, items(1, 2, 3, 4))));

                Lease second = worker.claim(Lane.BATCH, 9).getFirst();

                assertThat(store.batches(job.id()))
                        .extracting(StoredBatch::shard)
                        .containsExactly(second.shard().id());
                assertThat(second.shard().id()).isGreaterThan(first.shard().id());
                assertThat(worker.batches().isDownloaded(second, "output")).isFalse();
            }
        }

        @Test
        void settles_a_batch_of_which_all_is_counted() {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                harvest(worker, lease, "output", bodies(1, 2));
                worker.batches().replace(List.of(lease), List.of());
                assertThatThrownBy(() -> worker.batches().note(lease, "over"))
                        .isInstanceOf(LeaseLostException.class);
            }
            assertThat(store.batches(job.id())).extracting(StoredBatch::finished).contains(2L);
        }

        @Test
        void refuses_any_other_items_and_changes_nothing() {
            JobStore store = open();
            Job job = loadAuto(store, 6);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                harvest(worker, lease, "output", "body 6 {}\n");
                BatchWork batches = worker.batches();
                for (List<ShardDraft> wrong :
                        List.of(
                                List.of(live(2, items(1, 2, 3, 4))),
                                List.of(live(2, items(1, 2, 3, 4, 5, 6))),
                                List.of(live(2, items(1, 2, 3, 4, 7))),
                                List.of(live(2, items(1, 2, 3)), live(2, items(3, 4, 5))),
                                List.<ShardDraft>of())) {
                    assertThatThrownBy(() -> batches.replace(List.of(lease), wrong))
                            .isInstanceOf(IllegalStateException.class);
                }
                assertThat(worker.renew().lost()).isEmpty();
                assertThat(seqs(pending(worker, lease))).containsExactly(1L, 2L, 3L, 4L, 5L);
                assertThat(store.batches(job.id())).hasSize(1);
            }
        }

        private SeqRanges items(long... seqs) {
            var all = new ArrayList<Long>();
            for (long seq : seqs) {
                all.add(seq);
            }
            return SeqRanges.ofAscending(all);
        }
    }

    @Nested
    class A_batch {
        @Test
        void is_read_as_it_was_written_in_every_state() {
            JobStore store = open();
            Job job = loadAuto(store, 3);
            Instant at = clock.instant();
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                for (BatchState state :
                        List.of(
                                new BatchState.Uploading(TAG),
                                new BatchState.Creating(TAG, "file-1", at),
                                new BatchState.Creating(TAG, "", at),
                                new BatchState.Running(TAG, "batch_1", at),
                                new BatchState.Ended(TAG, "batch_1", "completed", List.of()),
                                new BatchState.Ended(
                                        TAG, "batch_1", "expired", List.of("output:ä\"1", "e:2")),
                                new BatchState.Quarantined(TAG, "Look at the provider's page."),
                                new BatchState.Planned())) {
                    worker.batches().advance(lease, batch(state));
                    assertThat(worker.batches().read(lease)).isEqualTo(batch(state));
                    assertThat(open().batches(job.id()))
                            .containsExactly(
                                    new StoredBatch(
                                            lease.shard().id(),
                                            1,
                                            3,
                                            0,
                                            0,
                                            batch(state),
                                            Usage.NONE,
                                            Cost.ZERO,
                                            "",
                                            false));
                }
            }
        }

        @Test
        void keeps_a_word_on_how_it_goes_until_it_goes_on() {
            JobStore store = open();
            Job job = loadAuto(store, 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                worker.batches().note(lease, "1 of 3 done");
                assertThat(store.batches(job.id()).getFirst().note()).isEqualTo("1 of 3 done");
                worker.batches().advance(lease, batch(new BatchState.Uploading(TAG)));
                assertThat(store.batches(job.id()).getFirst().note()).isEmpty();
            }
        }

        @Test
        void reserves_what_it_may_cost_until_it_is_settled() {
            JobStore store = open();
            Job job = loadAuto(store, 3);
            assertThat(store.reserved(job.id())).isEqualTo(Cost.ZERO);
            try (Worker worker = store.openWorker(job.id())) {
                worker.batches()
                        .replace(
                                worker.claim(Lane.OPEN, 9),
                                List.of(
                                        planned(1, SeqRanges.of(1, 2)),
                                        planned(1, SeqRanges.of(3, 3))));
                List<Lease> leases = worker.claim(Lane.BATCH, 9);
                assertThat(store.reserved(job.id())).isEqualTo(new Cost(180));
                harvest(worker, leases.get(0), "output", bodies(1, 1));
                assertThat(store.reserved(job.id())).isEqualTo(new Cost(177));
                harvest(worker, leases.get(0), "errors", bodies(2, 2));
                assertThat(store.reserved(job.id())).isEqualTo(new Cost(90));
                worker.batches()
                        .replace(List.of(leases.get(1)), List.of(live(2, SeqRanges.of(3, 3))));
                assertThat(store.reserved(job.id())).isEqualTo(Cost.ZERO);
            }
        }

        @Test
        void is_taken_over_where_it_is_and_lost_to_its_former_owner() {
            JobStore store = open();
            Job job = loadAuto(store, 3);
            try (Worker silent = store.openWorker(job.id());
                    Worker next = open().openWorker(job.id())) {
                Lease old = batchOfAll(silent);
                silent.batches().advance(old, batch(new BatchState.Uploading(TAG)));
                download(silent, old, "output", bodies(1, 3));
                var begun = silent.batches().download(old, "errors");
                clock.advance(EXPIRY);

                Lease taken = next.claim(Lane.BATCH, 9).getFirst();

                assertThat(next.batches().read(taken))
                        .isEqualTo(batch(new BatchState.Uploading(TAG)));
                assertThat(next.batches().isDownloaded(taken, "output")).isTrue();
                assertThat(next.batches().isDownloaded(taken, "errors")).isFalse();
                var running = batch(new BatchState.Running(TAG, "b", clock.instant()));
                for (Runnable step :
                        List.<Runnable>of(
                                () -> silent.batches().advance(old, running),
                                () -> silent.batches().note(old, "x"),
                                () ->
                                        silent.batches()
                                                .replace(
                                                        List.of(old),
                                                        List.of(live(2, SeqRanges.of(1, 3)))),
                                () -> silent.batches().download(old, "more"),
                                begun::commit,
                                () -> harvest(silent, old, "output"))) {
                    assertThatThrownBy(step::run).isInstanceOf(LeaseLostException.class);
                }
                download(next, taken, "errors", "");
                begun.close();
                assertThat(harvest(next, taken, "errors")).isEqualTo(new Harvest(0, 0, 0));
                assertThat(harvest(next, taken, "output")).isEqualTo(new Harvest(3, 0, 0));
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(3);
            assertThat(store.strays(job.id(), 9)).isEmpty();
        }
    }

    @Nested
    class A_download {
        @Test
        void has_as_many_lines_as_end_in_a_newline_and_one_that_does_not() {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                download(worker, lease, "none", "");
                download(worker, lease, "two", "a\n\n");
                download(worker, lease, "three", "a\nb\nc");
                assertThat(worker.batches().lines(lease, "none")).isZero();
                assertThat(worker.batches().lines(lease, "two")).isEqualTo(2);
                assertThat(worker.batches().lines(lease, "three")).isEqualTo(3);
            }
        }

        @Test
        void is_known_once_it_is_complete_and_begins_anew_until_then() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            String name = "output:../../files/Größe?" + "x".repeat(300);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                try (var cutOff = worker.batches().download(lease, name)) {
                    cutOff.out().write("body 1 {\"cut".getBytes(StandardCharsets.UTF_8));
                    assertThat(cutOff.length()).isEqualTo(12);
                }
                assertThat(worker.batches().isDownloaded(lease, name)).isFalse();
                assertThatThrownBy(() -> harvest(worker, lease, name))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("not downloaded");

                download(worker, lease, name, bodies(1, 2));

                assertThat(worker.batches().isDownloaded(lease, name)).isTrue();
                assertThatThrownBy(() -> worker.batches().download(lease, name))
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("downloaded already");
                assertThat(harvest(worker, lease, name)).isEqualTo(new Harvest(2, 0, 0));
            }
        }

        @Test
        void that_a_crash_left_behind_is_replaced() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            Worker dead = store.openWorker(job.id());
            var begun = dead.batches().download(batchOfAll(dead), "output");
            begun.out().write(bodies(1, 1).getBytes(StandardCharsets.UTF_8));
            clock.advance(EXPIRY);
            try (Worker worker = open().openWorker(job.id())) {
                Lease lease = worker.claim(Lane.BATCH, 1).getFirst();
                assertThat(harvest(worker, lease, "output", bodies(2, 2)))
                        .isEqualTo(new Harvest(1, 0, 0));
            }
            begun.close();
            dead.close();
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(1);
        }
    }

    @Nested
    class A_harvest {
        @Test
        void shows_answers_of_every_form_as_lines_of_the_output() {
            JobStore store = open();
            Job job = loadAuto(store, 6);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                Harvest harvest =
                        harvest(
                                worker,
                                lease,
                                "output",
                                """
                                response 3 {"status_code":200,"request_id":"r","body":{"a":"é"}}
                                body 1 {\t"a":\t1}

                                error 4 {"code":"bad","message":"No."}
                                fields 2 "response":null,"error":{"code":"x","message":"y"}
                                made 6 {"made":true}
                                body 5 {"a":5}\
                                """);
                assertThat(harvest).isEqualTo(new Harvest(6, 0, 0));
            }
            assertThat(answers(store, job.id()))
                    .containsExactly(
                            "\"response\":{\"status_code\":200,\"request_id\":\"\",\"body\":{"
                                    + " \"a\": 1}},\"error\":null",
                            "\"response\":null,\"error\":{\"code\":\"x\",\"message\":\"y\"}",
                            "\"response\":{\"status_code\":200,\"request_id\":\"r\",\"body\":{\"a\":\"é\"}},\"error\":null",
                            "\"response\":null,\"error\":{\"code\":\"bad\",\"message\":\"No.\"}",
                            "\"response\":{\"status_code\":200,\"request_id\":\"\",\"body\":{\"a\":5}},\"error\":null",
                            "\"response\":{\"status_code\":200,\"request_id\":\"req\",\"body\":{\"made\":true}},\"error\":null");
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(6, 5, 1, new Usage(60, 12, 30), new Cost(18)));
            assertThat(results(store, job.id(), Selection.FAILED)).hasSize(1);
        }

        @Test
        void keeps_what_does_not_count_as_strays() {
            JobStore store = open();
            Job job = loadAuto(store, 5);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                String lines =
                        """
                        body 1 {"first":1}
                        body 1 {"second":1}
                        made 2 {"first":2}
                        made 2 {"second":2}
                        nonsense
                        body 6 {}
                        made 7 {}
                        left 8 x
                        left 3 x
                        """;
                assertThat(harvest(worker, lease, "output", lines)).isEqualTo(new Harvest(2, 1, 6));
                assertThat(harvest(worker, lease, "errors", "body 2 {\"third\":2}\nmade 1 {}\n"))
                        .isEqualTo(new Harvest(0, 0, 2));

                assertThat(seqs(pending(worker, lease))).containsExactly(3L, 4L, 5L);
                List<Stray> strays = store.strays(job.id(), 99);
                assertThat(strays)
                        .extracting(stray -> stray.reason().replaceAll(" in shard \\d+", ""))
                        .containsExactlyInAnyOrder(
                                "duplicate: item 1 has an outcome already",
                                "duplicate: item 2 has an outcome already",
                                "unreadable",
                                "foreign: item 6 is not",
                                "foreign: item 7 is not",
                                "foreign: item 8 is not",
                                "duplicate: item 2 has an outcome already",
                                "duplicate: item 1 has an outcome already");
                assertThat(strays).allMatch(stray -> stray.segment().startsWith("results-"));
            }
            assertThat(answers(store, job.id()).subList(0, 2))
                    .allMatch(answer -> answer.contains("first"));
        }

        @Test
        void of_the_last_item_ends_the_lease_without_losing_it() {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                assertThat(harvest(worker, lease, "output", bodies(1, 2) + bodies(1, 1)))
                        .isEqualTo(new Harvest(2, 0, 1));

                assertThat(worker.renew().lost()).isEmpty();
                assertThat(worker.claim(Lane.BATCH, 9)).isEmpty();
                assertThat(harvest(worker, lease, "errors", bodies(2, 2) + "made 1 {}"))
                        .isEqualTo(new Harvest(0, 0, 2));
                worker.batches().note(lease, "all done");
                worker.release(lease);
            }
            assertThat(store.batches(job.id()))
                    .singleElement()
                    .satisfies(
                            batch -> {
                                assertThat(batch.settled()).isTrue();
                                assertThat(batch.note()).isEqualTo("all done");
                            });
        }

        @Test
        void goes_on_where_it_was_stopped() {
            JobStore store = open();
            Job job = loadAuto(store, 45_000);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                download(worker, lease, "output", bodies(1, 45_000));
                var judged = new AtomicLong();
                assertThatThrownBy(
                                () ->
                                        worker.batches()
                                                .harvest(
                                                        lease,
                                                        "output",
                                                        (line, offset, length) -> {
                                                            if (judged.incrementAndGet() == 5) {
                                                                Thread.currentThread().interrupt();
                                                            }
                                                            return Samples.judge(
                                                                    line, offset, length);
                                                        }))
                        .isInstanceOf(InterruptedException.class);
                long counted = store.progress(job.id()).succeeded();
                assertThat(counted).isLessThan(45_000);

                assertThat(pending(worker, lease)).hasSize((int) (45_000 - counted));
                assertThat(harvest(worker, lease, "output"))
                        .isEqualTo(new Harvest(45_000 - counted, 0, 0));
                assertThat(harvest(worker, lease, "output")).isEqualTo(new Harvest(0, 0, 0));
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(45_000);
            assertThat(store.strays(job.id(), 9)).isEmpty();
            assertThat(answers(store, job.id()).get(44_999)).contains("{\"answer\":45000}");
        }

        @Test
        void that_made_answers_before_a_crash_knows_them_again() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 4);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                String lines =
                        """
                        made 1 {"a":1}
                        made 2 {"a":2}
                        made 1 {"b":1}
                        """;
                assertThat(harvest(worker, lease, "output", lines)).isEqualTo(new Harvest(2, 0, 1));
                // As a crash leaves it between the journal and the index over the file.
                sql("update segment set applied = 0 where kind = 'results'");
                sql("delete from stray");

                assertThat(harvest(worker, lease, "output")).isEqualTo(new Harvest(0, 0, 1));

                assertThat(store.strays(job.id(), 9)).hasSize(1);
                assertThat(seqs(pending(worker, lease))).containsExactly(3L, 4L);
            }
            assertThat(store.progress(job.id()))
                    .isEqualTo(new Progress(4, 2, 0, new Usage(20, 4, 10), new Cost(6)));
        }

        @Test
        void that_takes_over_knows_made_answers_again_though_it_would_make_them_otherwise()
                throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 4);
            try (Worker dead = store.openWorker(job.id())) {
                String lines =
                        """
                        made 1 {"a":1}
                        made 2 {"a":2}
                        made 1 {"b":1}
                        """;
                harvest(dead, batchOfAll(dead), "output", lines);
                sql("update segment set applied = 0 where kind = 'results'");
                sql("delete from stray");
            }
            BatchWork.Judge otherwise =
                    (line, offset, length) -> {
                        byte[] later =
                                new String(line, offset, length, StandardCharsets.UTF_8)
                                        .replace("\"a\"", "\"later\"")
                                        .getBytes(StandardCharsets.UTF_8);
                        return Samples.judge(later, 0, later.length);
                    };
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = claimOne(worker, Lane.BATCH);

                assertThat(worker.batches().harvest(lease, "output", otherwise))
                        .isEqualTo(new Harvest(0, 0, 1));
            }
            assertThat(store.strays(job.id(), 9)).hasSize(1);
            assertThat(answers(store, job.id()).getFirst()).contains("{\"a\":1}");
        }

        @Test
        @Timeout(120)
        void that_is_killed_loses_nothing_and_counts_nothing_twice() throws Exception {
            JobStore store = open();
            Job job = loadAuto(store, 30_000);
            Process process = RecordingProcess.start("harvest", location(), job.id().value());
            try (var out = process.inputReader()) {
                assertThat(out.readLine()).isEqualTo("most");
            }
            process.destroyForcibly().waitFor();
            long counted = store.progress(job.id()).succeeded();
            assertThat(counted).isBetween(1L, 29_989L);

            try (Worker worker = open().openWorker(job.id())) {
                Lease lease = claimOne(worker, Lane.BATCH);
                assertThat(worker.batches().isDownloaded(lease, "output")).isTrue();
                List<Item> pending = pending(worker, lease);
                assertThat(pending).hasSize((int) (30_000 - counted));
                assertThat(pending.getFirst().seq()).isEqualTo(1);
                assertThat(harvest(worker, lease, "output"))
                        .isEqualTo(new Harvest(30_000 - counted, 0, 0));
            }
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(30_000);
            assertThat(store.strays(job.id(), 9)).isEmpty();
        }
    }

    @Nested
    class A_queue {
        private static final String ACCOUNT = "openai of MY_KEY";

        @Test
        void has_the_batches_of_all_active_jobs() {
            JobStore store = open();
            assertThat(store.queue(ACCOUNT, "m").shares()).isEmpty();
            Job one = loadAuto(store, 3);
            Job two = loadAuto(store, 1);
            var running = batch(new BatchState.Running(TAG, "b", clock.instant()));
            var creating = batch(new BatchState.Creating(OTHER_TAG, "", clock.instant()));
            try (Worker worker = store.openWorker(one.id())) {
                worker.batches()
                        .replace(
                                worker.claim(Lane.OPEN, 9),
                                List.of(
                                        planned(1, SeqRanges.of(1, 1)),
                                        planned(1, SeqRanges.of(2, 2)),
                                        planned(1, SeqRanges.of(3, 3))));
                List<Lease> leases = worker.claim(Lane.BATCH, 9);
                worker.batches().advance(leases.get(0), running);
                worker.batches().advance(leases.get(1), creating);
                try (Worker other = store.openWorker(two.id())) {
                    batchOfAll(other);
                    assertThat(open().queue(ACCOUNT, "m").shares())
                            .containsExactlyInAnyOrder(
                                    new BatchQueue.Share(one.id(), 1_400, 2, 1),
                                    new BatchQueue.Share(two.id(), 0, 0, 1));
                }
                assertThat(store.queue(ACCOUNT, "m").shares())
                        .contains(new BatchQueue.Share(two.id(), 0, 0, 0));
                assertThat(store.queue(ACCOUNT, "other").shares()).isEmpty();
                assertThat(store.queue("other", "m").shares()).isEmpty();
            }
            store.transition(
                    one.id(), new JobState.Active(), new JobState.Blocked("The key was refused."));
            assertThat(store.queue(ACCOUNT, "m").shares())
                    .extracting(BatchQueue.Share::job)
                    .containsExactly(two.id());
        }

        @Test
        void lets_in_as_many_as_it_has_room_for_however_many_ask_at_once() throws Exception {
            JobStore store = open();
            List<Job> jobs = Stream.generate(() -> loadAuto(store, 1)).limit(6).toList();
            var ready = new CountDownLatch(jobs.size());
            var entered = new ArrayList<Future<Boolean>>();
            try (var askers = Executors.newFixedThreadPool(jobs.size())) {
                for (Job job : jobs) {
                    entered.add(
                            askers.submit(
                                    () -> {
                                        try (Worker worker = store.openWorker(job.id())) {
                                            Lease lease = batchOfAll(worker);
                                            ready.countDown();
                                            ready.await();
                                            return enqueue(worker, lease, 1_500, 9);
                                        }
                                    }));
                }
            }

            assertThat(entered).filteredOn(Future::resultNow).hasSize(2);
            assertThat(store.queue(ACCOUNT, "m").shares())
                    .filteredOn(share -> share.enqueuedTokens() == 700)
                    .hasSize(2);
        }

        @Test
        void that_is_empty_takes_a_batch_of_any_size_and_counts_batches_besides() {
            JobStore store = open();
            try (Worker worker = store.openWorker(loadAuto(store, 1).id());
                    Worker other = store.openWorker(loadAuto(store, 1).id())) {
                Lease lease = batchOfAll(worker);
                Lease later = batchOfAll(other);
                assertThat(enqueue(worker, lease, 10, 1)).isTrue();
                assertThat(enqueue(other, later, Long.MAX_VALUE, 1)).isFalse();
                assertThat(other.batches().read(later).state()).isEqualTo(new BatchState.Planned());
                assertThat(enqueue(other, later, Long.MAX_VALUE, 2)).isTrue();
            }
        }

        private boolean enqueue(Worker worker, Lease lease, long tokens, int batches) {
            var tag = new BatchTag("bw%014d".formatted(lease.shard().id()));
            BatchShard creating = batch(new BatchState.Creating(tag, "", clock.instant()));
            return worker.batches().enqueue(lease, creating, tokens, batches);
        }

        @Test
        void remembers_what_it_was_found_to_take() {
            JobStore store = open();
            assertThat(store.queue(ACCOUNT, "m").learned()).isEmpty();
            store.learnQueueLimit(ACCOUNT, "m", 90_000);
            store.learnQueueLimit(ACCOUNT, "m", 80_000);
            store.learnQueueLimit(ACCOUNT, "n", 1);
            assertThat(open().queue(ACCOUNT, "m").learned()).isEqualTo(OptionalLong.of(80_000));
        }

        @Test
        void forgets_it_after_a_day_because_providers_raise_their_limits() {
            JobStore store = open();
            store.learnQueueLimit(ACCOUNT, "m", 90_000);
            clock.advance(Duration.ofHours(23));
            assertThat(store.queue(ACCOUNT, "m").learned()).isEqualTo(OptionalLong.of(90_000));
            clock.advance(Duration.ofHours(1));
            assertThat(store.queue(ACCOUNT, "m").learned()).isEmpty();
        }
    }

    @Nested
    class A_quarantined_batch {
        private record Waiting(JobStore store, Job job, long shard) {}

        private Waiting quarantine() {
            JobStore store = open();
            Job job = loadAuto(store, 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = batchOfAll(worker);
                worker.batches().advance(lease, batch(new BatchState.Quarantined(TAG, "Look.")));
                worker.release(lease);
                store.transition(job.id(), new JobState.Active(), new JobState.Stopped("Waits."));
                return new Waiting(store, job, lease.shard().id());
            }
        }

        @Test
        void is_claimed_by_nobody_and_decided_on_when_nobody_works() {
            Waiting waiting = quarantine();
            JobStore store = waiting.store();
            JobId job = waiting.job().id();
            try (Worker worker = store.openWorker(job)) {
                assertThat(worker.claim(Lane.BATCH, 9)).isEmpty();
                assertThatThrownBy(() -> store.releaseQuarantine(job))
                        .isInstanceOf(JobInUseException.class);
                assertThatThrownBy(() -> store.attachBatch(job, waiting.shard(), "b"))
                        .isInstanceOf(JobInUseException.class);
            }
        }

        @Test
        void is_sent_again_when_a_person_says_so() {
            Waiting waiting = quarantine();
            JobStore store = waiting.store();
            JobId job = waiting.job().id();
            assertThat(store.releaseQuarantine(job)).isEqualTo(1);
            assertThat(store.releaseQuarantine(job)).isZero();
            assertThat(store.find(job).orElseThrow().state()).isEqualTo(new JobState.Active());
            try (Worker worker = store.openWorker(job)) {
                Lease lease = worker.claim(Lane.BATCH, 9).getFirst();
                BatchShard again = worker.batches().read(lease);
                assertThat(again.state()).isEqualTo(new BatchState.Planned());
                assertThat(again.reserved()).isEqualTo(Cost.ZERO);
            }
        }

        @Test
        void runs_when_a_person_found_it() {
            Waiting waiting = quarantine();
            JobStore store = waiting.store();
            JobId job = waiting.job().id();
            store.attachBatch(job, waiting.shard(), "batch_7");
            assertThat(store.find(job).orElseThrow().state()).isEqualTo(new JobState.Active());
            assertThat(store.batches(job).getFirst().batch())
                    .isEqualTo(batch(new BatchState.Running(TAG, "batch_7", clock.instant())));
            assertThatThrownBy(() -> store.attachBatch(job, waiting.shard(), "batch_8"))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("does not wait for a batch");
        }

        @Test
        void goes_with_its_job() {
            Waiting waiting = quarantine();
            JobStore store = waiting.store();
            JobId job = waiting.job().id();
            store.delete(job);
            assertThat(store.find(job)).isEmpty();
        }

        @Test
        void that_runs_keeps_its_job_from_being_deleted() {
            Waiting waiting = quarantine();
            JobStore store = waiting.store();
            JobId job = waiting.job().id();
            store.attachBatch(job, waiting.shard(), "batch_7");
            assertThatThrownBy(() -> store.delete(job))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("batchwright cancel " + job);
            try (Worker worker = store.openWorker(job)) {
                Lease lease = worker.claim(Lane.BATCH, 9).getFirst();
                harvest(worker, lease, "output", bodies(1, 2));
            }
            store.delete(job);
        }
    }

    @Test
    void an_undecided_shard_with_failures_recorded_live_keeps_them() throws Exception {
        JobStore store = open();
        Job job = loadAuto(store, 3);
        try (Worker worker = store.openWorker(job.id())) {
            worker.batches()
                    .replace(worker.claim(Lane.OPEN, 9), List.of(live(1, SeqRanges.of(1, 3))));
            Lease lease = worker.claim(Lane.LIVE, 9).getFirst();
            worker.record(lease, item(2), failed("timeout"));
            worker.batches().replace(List.of(lease), List.of(planned(2, SeqRanges.parse("1,3"))));
            Lease batch = worker.claim(Lane.BATCH, 9).getFirst();
            assertThat(harvest(worker, batch, "output", bodies(1, 3)))
                    .isEqualTo(new Harvest(2, 0, 1));
        }
        assertThat(store.progress(job.id()).done()).isEqualTo(3);
        assertThat(results(store, job.id(), Selection.FAILED)).hasSize(1);
    }
}
