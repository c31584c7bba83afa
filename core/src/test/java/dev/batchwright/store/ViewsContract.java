package dev.batchwright.store;

import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.planned;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.Progress;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Shard;
import dev.batchwright.job.Usage;
import dev.batchwright.store.Views.FailureGroup;
import dev.batchwright.store.Views.Filter;
import dev.batchwright.store.Views.ItemFilter;
import dev.batchwright.store.Views.ItemLook;
import dev.batchwright.store.Views.JobLine;
import dev.batchwright.store.Views.JobPlace;
import dev.batchwright.store.Views.Stretch;
import dev.batchwright.store.Views.Whose;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** What people see of every store. */
@SuppressWarnings("ClassCanBeStatic")
abstract class ViewsContract extends GathererContract {
    private static final Whose ALL = new Whose.Everybodys();

    private static Outcome.Failed refused(int status, String code) {
        return new Outcome.Failed(
                1,
                new ItemError(code, "No."),
                Optional.of(new Reply(status, "req", RawJson.of("{\"no\":1}"))),
                Usage.NONE,
                Cost.ZERO);
    }

    /** Every item gets what is said of it; those of which nothing is said stay without. */
    private static Job recorded(JobStore store, String name, Map<Long, Outcome> outcomes, long of)
            throws InterruptedException {
        Job job = load(store, name, of);
        try (Worker worker = store.openWorker(job.id())) {
            for (Lease lease : worker.claim(Lane.LIVE, Integer.MAX_VALUE)) {
                for (var item : pending(worker, lease)) {
                    if (outcomes.containsKey(item.seq())) {
                        worker.record(lease, Map.of(item.seq(), outcomes.get(item.seq())));
                    }
                }
            }
        }
        return job;
    }

    private static Job recordedAll(JobStore store, String name, LongFunction<Outcome> outcomes) {
        Job job = load(store, name, 5);
        try (Worker worker = store.openWorker(job.id())) {
            recordEach(worker, worker.claim(Lane.LIVE, 1).getFirst(), outcomes);
        }
        return job;
    }

    private static List<Long> seqs(JobStore store, Job job, ItemFilter filter, long after, int n) {
        return store.views().items(job.id(), filter, after, n).stream().map(ItemLook::seq).toList();
    }

    @Nested
    class Lists_of_jobs {
        private Job aged(JobStore store, String name) {
            clock.advance(Duration.ofMinutes(1));
            return load(store, name, 2);
        }

        private List<JobId> ids(List<JobLine> lines) {
            return lines.stream().map(line -> line.job().id()).toList();
        }

        @Test
        void show_the_newest_first_a_page_at_a_time() {
            JobStore store = open();
            Job one = aged(store, "f1");
            Job two = aged(store, "f2");
            Job three = aged(store, "f3");
            List<JobLine> first = store.views().jobs(Filter.ALL, Optional.empty(), 2);
            assertThat(ids(first)).containsExactly(three.id(), two.id());
            var place = new JobPlace(two.createdAt(), two.id());
            assertThat(ids(store.views().jobs(Filter.ALL, Optional.of(place), 2)))
                    .containsExactly(one.id());
        }

        @Test
        void tell_jobs_of_one_millisecond_apart() {
            JobStore store = open();
            Job one = load(store, "f1", 1);
            Job two = load(store, "f2", 1);
            JobLine first = store.views().jobs(Filter.ALL, Optional.empty(), 1).getFirst();
            var place = new JobPlace(first.job().createdAt(), first.job().id());
            JobLine second = store.views().jobs(Filter.ALL, Optional.of(place), 1).getFirst();
            assertThat(ids(List.of(first, second))).containsExactlyInAnyOrder(one.id(), two.id());
        }

        @Test
        void are_counted_and_told_apart_by_state() {
            JobStore store = open();
            Job one = load(store, "f1", 2);
            load(store, "f2", 3);
            store.transition(one.id(), new JobState.Active(), new JobState.Cancelled());
            store.draft(spec("loading"));
            assertThat(store.views().jobsByState(ALL))
                    .containsExactlyInAnyOrderEntriesOf(Map.of("active", 1L, "cancelled", 1L));
            assertThat(store.views().pendingItems(ALL)).isEqualTo(3);
            var cancelled = new Filter(ALL, Optional.of("cancelled"));
            assertThat(ids(store.views().jobs(cancelled, Optional.empty(), 9)))
                    .containsExactly(one.id());
        }

        @Test
        void add_up_what_shards_have_done_in_each_lane() throws Exception {
            JobStore store = open();
            Job job = BatchLaneContract.loadAuto(store, 1_500);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.OPEN, 1).getFirst();
                worker.batches()
                        .replace(
                                List.of(lease),
                                List.of(
                                        planned(1, SeqRanges.of(1, 900)),
                                        Samples.live(1, SeqRanges.of(901, 1_000))));
                Lease live = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(live, item(901), ok(901));
                worker.record(live, item(902), failed("timeout"));
            }
            assertThat(store.views().jobs(Filter.ALL, Optional.empty(), 9).getFirst())
                    .isEqualTo(
                            new JobLine(
                                    job,
                                    new Progress(1_500, 1, 1, new Usage(10, 2, 5), new Cost(3)),
                                    Map.of(Lane.OPEN, 500L, Lane.LIVE, 100L, Lane.BATCH, 900L)));
        }
    }

    @Nested
    class Failures {
        @Test
        void are_grouped_by_status_and_code_the_most_frequent_first() {
            JobStore store = open();
            Job job =
                    recordedAll(
                            store,
                            "f1",
                            seq ->
                                    seq == 1
                                            ? ok(seq)
                                            : seq == 2
                                                    ? failed("timeout")
                                                    : seq == 3
                                                            ? refused(400, "too_long")
                                                            : refused(422, "too_long"));
            assertThat(store.views().failures(job.id(), 9))
                    .containsExactly(
                            new FailureGroup(422, "too_long", 2),
                            new FailureGroup(0, "timeout", 1),
                            new FailureGroup(400, "too_long", 1));
            assertThat(store.views().failures(job.id(), 1)).hasSize(1);
        }

        @Test
        void of_a_batch_are_among_them() throws Exception {
            JobStore store = open();
            Job job = BatchLaneContract.loadAuto(store, 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = BatchLaneContract.batchOfAll(worker);
                // The second line of an item is a stray: it counts nowhere.
                BatchLaneContract.harvest(
                        worker, lease, "output", "error 1 {}\nbody 2 {}\nerror 1 {}\nerror 3 {}\n");
            }
            assertThat(store.views().failures(job.id(), 9))
                    .containsExactly(new FailureGroup(0, "refused", 2));
        }

        @Test
        void that_are_tried_again_are_none_until_they_fail_again() throws Exception {
            JobStore store = open();
            Job job = recordedAll(store, "f1", seq -> seq < 3 ? ok(seq) : failed("timeout"));
            store.retryFailed(job.id());
            assertThat(store.views().failures(job.id(), 9)).isEmpty();
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, item(4), failed("late"));
            }
            assertThat(store.views().failures(job.id(), 9))
                    .containsExactly(new FailureGroup(0, "late", 1));
        }

        @Test
        void have_codes_that_every_database_takes_whatever_a_provider_says() {
            JobStore store = open();
            String hostile = "a\0b\nc\ud800d" + "x".repeat(10_000);
            Job job = recordedAll(store, "f1", seq -> refused(400, hostile));
            assertThat(store.views().failures(job.id(), 9))
                    .singleElement()
                    .satisfies(
                            group -> {
                                assertThat(group.cause()).startsWith("a b c?dxxx").hasSize(100);
                                assertThat(group.items()).isEqualTo(5);
                            });
        }

        @Test
        void are_known_by_their_code_also_where_a_segment_is_read_again() {
            var shard = new Shard(1, new JobId("job_1"), Lane.LIVE, SeqRanges.of(1, 2), 1);
            var lease = new Lease(shard, "worker_1", 1);
            for (Outcome outcome :
                    List.of(ok(1), failed("timeout"), refused(400, "too \"long\""))) {
                OutcomeLine line = OutcomeLine.of(lease, 1, outcome);
                IndexedOutcome indexed = line.indexed(lease, 1, outcome, 70);
                assertThat(OutcomeLine.read(json(line), 70)).contains(indexed);
            }
        }

        private byte[] json(OutcomeLine line) {
            var bytes = new ByteArrayOutputStream();
            try {
                line.appendTo(Samples.into(bytes));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return Arrays.copyOf(bytes.toByteArray(), bytes.size() - JsonLine.TRAILER);
        }
    }

    @Nested
    class Pages_of_items {
        private static final ItemFilter EACH = new ItemFilter.All();

        @Test
        void hold_what_became_of_each() throws Exception {
            JobStore store = open();
            Job job = recorded(store, "f1", Map.of(1L, ok(1), 2L, refused(400, "bad")), 3);
            assertThat(store.views().items(job.id(), EACH, 0, 9))
                    .containsExactly(
                            new ItemLook(
                                    1,
                                    "item-1",
                                    "/v1/chat/completions",
                                    "m",
                                    StoredResult.Kind.SUCCEEDED,
                                    200,
                                    "",
                                    1,
                                    new Usage(10, 2, 5),
                                    new Cost(3),
                                    answerLength(ok(1))),
                            new ItemLook(
                                    2,
                                    "item-2",
                                    "/v1/chat/completions",
                                    "m",
                                    StoredResult.Kind.FAILED,
                                    400,
                                    "bad",
                                    1,
                                    Usage.NONE,
                                    Cost.ZERO,
                                    answerLength(refused(400, "bad"))),
                            new ItemLook(
                                    3,
                                    "item-3",
                                    "/v1/chat/completions",
                                    "m",
                                    StoredResult.Kind.PENDING,
                                    0,
                                    "",
                                    0,
                                    Usage.NONE,
                                    Cost.ZERO,
                                    0));
        }

        private int answerLength(Outcome outcome) {
            var shard = new Shard(1, new JobId("job_1"), Lane.LIVE, SeqRanges.of(1, 2), 1);
            return OutcomeLine.of(new Lease(shard, "w", 1), 1, outcome).answer().length();
        }

        @Test
        void go_by_the_place_in_the_input() throws Exception {
            JobStore store = open();
            Job job = recorded(store, "f1", Map.of(1_400L, ok(1_400)), 2_500);
            assertThat(seqs(store, job, EACH, 0, 2)).containsExactly(1L, 2L);
            assertThat(seqs(store, job, EACH, 999, 2)).containsExactly(1_000L, 1_001L);
            assertThat(seqs(store, job, EACH, 2_498, 9)).containsExactly(2_499L, 2_500L);
            assertThat(seqs(store, job, EACH, 2_500, 9)).isEmpty();
        }

        @Test
        void can_be_of_one_kind_alone() throws Exception {
            JobStore store = open();
            Job job =
                    recorded(
                            store,
                            "f1",
                            Map.of(
                                    2L, ok(2),
                                    4L, refused(400, "bad"),
                                    6L, ok(6),
                                    7L, failed("timeout"),
                                    1_200L, refused(400, "bad")),
                            1_202);
            assertThat(seqs(store, job, new ItemFilter.Succeeded(), 0, 9)).containsExactly(2L, 6L);
            assertThat(seqs(store, job, new ItemFilter.Succeeded(), 2, 9)).containsExactly(6L);
            assertThat(seqs(store, job, new ItemFilter.Failed(), 0, 2)).containsExactly(4L, 7L);
            assertThat(seqs(store, job, new ItemFilter.Failed(), 7, 2)).containsExactly(1_200L);
            assertThat(seqs(store, job, new ItemFilter.FailedOf(400, "bad"), 0, 9))
                    .containsExactly(4L, 1_200L);
            assertThat(seqs(store, job, new ItemFilter.FailedOf(0, "timeout"), 4, 9))
                    .containsExactly(7L);
            assertThat(seqs(store, job, new ItemFilter.Pending(), 0, 4))
                    .containsExactly(1L, 3L, 5L, 8L);
            assertThat(seqs(store, job, new ItemFilter.Pending(), 998, 3))
                    .containsExactly(999L, 1_000L, 1_001L);
            assertThat(seqs(store, job, new ItemFilter.Pending(), 1_199, 3))
                    .containsExactly(1_201L, 1_202L);
        }

        @Test
        void of_pending_ones_are_in_order_whatever_shards_they_are_in() {
            JobStore store = open();
            Job job = recordedAll(store, "f1", seq -> seq % 2 == 0 ? failed("timeout") : ok(seq));
            store.retryFailed(job.id());
            assertThat(seqs(store, job, new ItemFilter.Pending(), 0, 9)).containsExactly(2L, 4L);
        }
    }

    @Nested
    class A_single_item {
        @Test
        void is_shown_whole() throws Exception {
            JobStore store = open();
            Job job = recorded(store, "f1", Map.of(2L, ok(2)), 3);
            List<StoredResult> all = results(store, job.id(), Selection.ALL);
            assertThat(store.views().result(job.id(), 2)).contains(all.get(1));
            assertThat(store.views().result(job.id(), 3)).contains(all.get(2));
        }

        @Test
        void that_is_not_there_is_empty() {
            JobStore store = open();
            Job job = load(store, "f1", 3);
            assertThat(store.views().result(job.id(), 0)).isEmpty();
            assertThat(store.views().result(job.id(), 4)).isEmpty();
            assertThat(store.views().result(new JobId("job_none"), 1)).isEmpty();
        }
    }

    @Nested
    class History {
        @Test
        void adds_up_stretches_of_ten_seconds() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 5);
            var start = clock.instant();
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, item(1), ok(1));
                worker.flush();
                worker.record(lease, item(2), failed("timeout"));
                worker.flush();
                clock.advance(Duration.ofSeconds(25));
                worker.record(lease, item(3), ok(3));
                worker.flush();
            }
            Views.History history = store.views().history(job.id());
            assertThat(history.width()).isEqualTo(Duration.ofSeconds(10));
            assertThat(history.stretches())
                    .containsExactly(
                            new Stretch(
                                    start,
                                    Lane.LIVE,
                                    "",
                                    "",
                                    1,
                                    1,
                                    new Usage(10, 2, 5),
                                    new Cost(3)),
                            new Stretch(
                                    start.plusSeconds(20),
                                    Lane.LIVE,
                                    "",
                                    "",
                                    1,
                                    0,
                                    new Usage(10, 2, 5),
                                    new Cost(3)));
            assertThat(store.views().completedSince(start))
                    .containsExactly(Map.entry(job.id(), 3L));
            assertThat(store.views().completedSince(start.plusSeconds(5)))
                    .containsExactly(Map.entry(job.id(), 1L));
            assertThat(store.views().history(ALL, start, Duration.ofMinutes(1)))
                    .singleElement()
                    .satisfies(all -> assertThat(all.succeeded()).isEqualTo(2));
        }

        @Test
        void knows_the_model_of_a_batch_by_which_it_has_a_price() throws Exception {
            JobStore store = open();
            Job job = BatchLaneContract.loadAuto(store, 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = BatchLaneContract.batchOfAll(worker);
                BatchLaneContract.harvest(worker, lease, "output", "body 1 {}\nbody 2 {}\n");
            }
            assertThat(store.views().history(job.id()).stretches())
                    .containsExactly(
                            new Stretch(
                                    clock.instant(),
                                    Lane.BATCH,
                                    "openai",
                                    "m",
                                    2,
                                    0,
                                    new Usage(20, 4, 10),
                                    new Cost(6)));
        }

        @Test
        void of_a_long_job_has_wider_stretches() throws Exception {
            JobStore store = open();
            Job job = load(store, "f1", 5);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 1).getFirst();
                for (long seq = 1; seq <= 5; seq++) {
                    worker.record(lease, item(seq), ok(seq));
                    worker.flush();
                    worker.renew();
                    clock.advance(Duration.ofMinutes(40));
                }
            }
            assertThat(store.views().history(job.id()).width()).isEqualTo(Duration.ofMinutes(1));
        }

        @Test
        void of_a_job_that_has_nothing_yet_is_empty() {
            JobStore store = open();
            Job job = load(store, "f1", 5);
            assertThat(store.views().history(job.id()).stretches()).isEmpty();
        }
    }

    @Nested
    class Events {
        @Test
        void are_told_from_the_newest_on() {
            JobStore store = open();
            Job job = load(store, "f1", 1);
            for (String kind : List.of("created", "planned", "blocked")) {
                store.addEvent(job.id(), kind, "");
            }
            assertThat(store.views().lastEvents(job.id(), 2))
                    .extracting(JobEvent::kind)
                    .containsExactly("blocked", "planned");
        }
    }

    @Nested
    class A_secret {
        @Test
        void is_the_same_for_every_process_and_differs_from_others() {
            byte[] made = open().secret("one");
            assertThat(made).hasSize(32).isEqualTo(open().secret("one"));
            assertThat(open().secret("two")).isNotEqualTo(made);
        }
    }

    @Nested
    class Open_batches {
        @Test
        void of_all_jobs_are_shown_until_they_are_over() throws Exception {
            JobStore store = open();
            Job done = BatchLaneContract.loadAuto(store, 1);
            try (Worker worker = store.openWorker(done.id())) {
                Lease lease = BatchLaneContract.batchOfAll(worker);
                assertThat(store.views().openBatches(ALL, 9)).hasSize(1);
                BatchLaneContract.harvest(worker, lease, "output", "body 1 {}\n");
            }
            Job waiting = load(store, spec("other", Mode.AUTO), 2);
            try (Worker worker = store.openWorker(waiting.id())) {
                BatchLaneContract.batchOfAll(worker);
            }
            assertThat(store.views().openBatches(ALL, 9))
                    .singleElement()
                    .satisfies(
                            each -> {
                                assertThat(each.job().id()).isEqualTo(waiting.id());
                                assertThat(each.batch().items()).isEqualTo(2);
                                assertThat(each.batch().batch().state())
                                        .isEqualTo(new BatchState.Planned());
                            });
        }
    }

    @Nested
    class Of_a_store_of_version_1 {
        @Test
        void failures_are_counted_without_their_codes() throws Exception {
            var job = new JobId("job_old");
            createVersion(
                    1,
                    job,
                    Map.of(Segments.INPUT, "{}\n".getBytes(StandardCharsets.UTF_8)),
                    connection -> {
                        Sql.update(
                                connection,
                                """
                                insert into job (id, fingerprint, spec, state, items, created_at)
                                values ('job_old', 'f1', '{}', 'active', 3, 1)
                                """);
                        for (long seq : LongStream.rangeClosed(1, 3).toArray()) {
                            Sql.update(
                                    connection,
                                    """
                                    insert into outcome values
                                        ('job_old', ?, 'failed', 503, 1, 1, 0, 0, 3, 1, 's', 0, 9)
                                    """,
                                    seq);
                        }
                        return true;
                    });
            assertThat(open().views().failures(job, 9))
                    .containsExactly(new FailureGroup(503, "", 3));
        }
    }

    @Nested
    class Of_one_owner {
        private static final Whose MINE = new Whose.Owners("me");

        @Test
        void nothing_of_another_is_seen() throws Exception {
            JobStore store = open();
            Job mine = load(store, spec("f1", Mode.AUTO).ownedBy("me"), 2);
            Job other = load(store, spec("f2", Mode.AUTO).ownedBy("you"), 3);
            var start = clock.instant();
            for (Job job : List.of(mine, other)) {
                try (Worker worker = store.openWorker(job.id())) {
                    Lease lease = BatchLaneContract.batchOfAll(worker);
                    BatchLaneContract.harvest(worker, lease, "output", "body 1 {}\n");
                }
            }
            Views views = store.views();
            assertThat(views.jobsByState(MINE)).containsExactly(Map.entry("active", 1L));
            assertThat(views.pendingItems(MINE)).isEqualTo(1);
            assertThat(views.jobs(new Filter(MINE, Optional.empty()), Optional.empty(), 9))
                    .singleElement()
                    .satisfies(line -> assertThat(line.job().id()).isEqualTo(mine.id()));
            assertThat(views.jobs(new Filter(MINE, Optional.of("active")), Optional.empty(), 9))
                    .hasSize(1);
            assertThat(views.openBatches(MINE, 9))
                    .singleElement()
                    .satisfies(each -> assertThat(each.job().id()).isEqualTo(mine.id()));
            assertThat(views.history(MINE, start, Duration.ofHours(1)))
                    .singleElement()
                    .satisfies(stretch -> assertThat(stretch.succeeded()).isEqualTo(1));
            assertThat(views.history(ALL, start, Duration.ofHours(1)))
                    .singleElement()
                    .satisfies(stretch -> assertThat(stretch.succeeded()).isEqualTo(2));
        }
    }
}
