package dev.batchwright.store;

import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What every store does with calls that are taken in one by one. */
@SuppressWarnings("ClassCanBeStatic")
abstract class GathererContract extends CallsContract {
    private static final Duration KEPT = Duration.ofHours(24);

    private static CallKey key(int call) {
        return CallKey.first(new byte[] {7, (byte) (call >> 8), (byte) call});
    }

    private long add(GrowingJob job, int call) {
        Instant until = clock.instant().plus(KEPT);
        return job.add(key(call), 0, "call-" + call, item(call).request(), until);
    }

    private List<CallPlace> places(JobStore store, int... calls) {
        var places = new ArrayList<CallPlace>();
        for (int call : calls) {
            var found = store.calls().find(List.of(key(call)), clock.instant());
            if (found.containsKey(key(call))) {
                places.add(found.get(key(call)));
            }
        }
        return places;
    }

    /** What a crash leaves of a gatherer. */
    private void dies() throws Exception {
        sql(
                "update job set gatherer = 'gatherer_gone', loader = case when state = 'loading'"
                        + " then 'gatherer_gone' end where gathered = 1");
    }

    private static List<String> work(JobStore store, Job job) throws InterruptedException {
        var ids = new ArrayList<String>();
        try (Worker worker = store.openWorker(job.id())) {
            for (Lane lane : List.of(Lane.OPEN, Lane.LIVE)) {
                for (Lease lease : worker.claim(lane, 99)) {
                    for (var item : pending(worker, lease)) {
                        ids.add(item.customId());
                        worker.record(lease, item, ok(item.seq()));
                    }
                }
            }
            worker.flush();
        }
        return ids;
    }

    @Nested
    class A_gathered_call {
        @Test
        void is_known_to_every_process_once_it_is_accepted_and_not_before() {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob job = gatherer.begin(spec("calls").ownedBy("me"));
                assertThat(add(job, 1)).isEqualTo(1);
                assertThat(places(open(), 1)).isEmpty();
                gatherer.accept();
                assertThat(add(job, 2)).isEqualTo(2);
                assertThat(places(open(), 1, 2)).containsExactly(new CallPlace(job.id(), 1));
                assertThat(store.find(job.id()).orElseThrow().state())
                        .isEqualTo(new JobState.Loading());
                assertThat(store.jobs(9)).isEmpty();
            }
        }

        @Test
        void is_an_item_of_the_job_that_its_queue_becomes() throws Exception {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls"));
                add(growing, 1);
                add(growing, 2);
                gatherer.accept();
                add(growing, 3);
                gatherer.accept();
                Job job = growing.finish().orElseThrow();
                assertThat(job.state()).isEqualTo(new JobState.Active());
                assertThat(job.items()).isEqualTo(3);
                assertThat(work(store, job)).containsExactly("call-1", "call-2", "call-3");
                assertThat(store.progress(job.id()).succeeded()).isEqualTo(3);
            }
        }

        @Test
        void is_accepted_by_one_process_alone_and_those_added_with_it_are_dropped()
                throws Exception {
            JobStore store = open();
            JobStore other = open();
            try (Gatherer gatherer = store.gatherer();
                    Gatherer others = other.gatherer()) {
                GrowingJob theirs = others.begin(spec("theirs"));
                add(theirs, 2);
                others.accept();
                GrowingJob ours = gatherer.begin(spec("ours"));
                add(ours, 1);
                gatherer.accept();
                add(ours, 3);
                add(ours, 2);
                assertThatThrownBy(gatherer::accept).isInstanceOf(CallsTakenException.class);
                assertThat(ours.items()).isEqualTo(1);
                assertThat(add(ours, 4)).isEqualTo(2);
                gatherer.accept();
                Job job = ours.finish().orElseThrow();
                assertThat(work(store, job)).containsExactly("call-1", "call-4");
                assertThat(places(store, 3)).isEmpty();
                assertThat(places(store, 2)).containsExactly(new CallPlace(theirs.id(), 1));
            }
        }

        @Test
        void is_kept_as_long_as_it_is_under_way_and_for_its_time_from_the_answer_on()
                throws Exception {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls"));
                add(growing, 1);
                gatherer.accept();
                Job job = growing.finish().orElseThrow();
                clock.advance(KEPT.multipliedBy(2));
                store.calls().sweep(clock.instant());
                assertThat(places(store, 1)).hasSize(1);
                work(store, job);
                store.transition(job.id(), new JobState.Active(), new JobState.Finished());
                store.calls().keep(job.id(), clock.instant().plus(KEPT));
                store.calls().sweep(clock.instant());
                assertThat(places(store, 1)).hasSize(1);
                assertThat(store.calls().forgotten(clock.instant(), 9)).isEmpty();
                clock.advance(KEPT);
                store.calls().sweep(clock.instant());
                assertThat(places(store, 1)).isEmpty();
                assertThat(store.calls().forgotten(clock.instant(), 9)).containsExactly(job.id());
                store.delete(job.id());
                assertThat(store.find(job.id())).isEmpty();
            }
        }
    }

    @Nested
    class A_job_that_grows {
        @Test
        void runs_meanwhile_and_is_growing_until_it_is_finished() throws Exception {
            JobStore store = open();
            var told = new CopyOnWriteArrayList<Long>();
            try (Gatherer gatherer = store.gatherer();
                    var listening =
                            store.onOutcomes(
                                    (id, seqs) -> {
                                        for (long seq : seqs) {
                                            told.add(seq);
                                        }
                                    })) {
                GrowingJob growing = gatherer.begin(spec("calls", Mode.LIVE));
                add(growing, 1);
                gatherer.accept();
                Job job = growing.start();
                assertThat(store.calls().underWay()).containsExactly(job.id());
                assertThat(work(store, job)).containsExactly("call-1");
                assertThat(open().isGrowing(job.id())).isTrue();
                add(growing, 2);
                add(growing, 3);
                gatherer.accept();
                assertThat(work(store, job)).containsExactly("call-2", "call-3");
                assertThat(growing.finish().orElseThrow().items()).isEqualTo(3);
                assertThat(store.isGrowing(job.id())).isFalse();
                assertThat(store.progress(job.id()).pending()).isZero();
                assertThat(told).containsExactly(1L, 2L, 3L);
            }
        }

        @Test
        void has_blocks_of_a_size_that_can_be_claimed_one_by_one() throws Exception {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls", Mode.LIVE));
                for (int call = 1; call <= 2_500; call++) {
                    add(growing, call);
                    if (call % 700 == 0) {
                        gatherer.accept();
                    }
                }
                gatherer.accept();
                Job job = growing.finish().orElseThrow();
                assertThat(store.shards(job.id()))
                        .hasSize(4)
                        .allSatisfy(
                                shard ->
                                        assertThat(shard.members().size())
                                                .isLessThanOrEqualTo(1000));
                assertThat(work(store, job)).hasSize(2_500).doesNotHaveDuplicates();
            }
        }

        @Test
        void is_nothing_if_nothing_of_it_was_accepted() {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls"));
                add(growing, 1);
                assertThat(growing.finish()).isEmpty();
                assertThat(store.find(growing.id())).isEmpty();
                assertThat(places(store, 1)).isEmpty();
            }
        }

        @Test
        void whose_process_died_is_adopted_with_what_was_accepted_by_one_process()
                throws Exception {
            JobStore store = open();
            Gatherer gatherer = store.gatherer();
            GrowingJob draft = gatherer.begin(spec("draft"));
            add(draft, 1);
            GrowingJob running = gatherer.begin(spec("running", Mode.LIVE));
            add(running, 2);
            GrowingJob empty = gatherer.begin(spec("empty"));
            gatherer.accept();
            running.start();
            add(draft, 3);
            dies();

            JobStore survivor = open();
            assertThat(survivor.isGrowing(running.id())).isFalse();
            try (Gatherer next = survivor.gatherer()) {
                assertThat(next.adopt())
                        .extracting(Job::id)
                        .containsExactlyInAnyOrder(draft.id(), running.id());
                assertThat(next.adopt()).isEmpty();
            }
            assertThat(survivor.find(empty.id())).isEmpty();
            Job job = survivor.find(draft.id()).orElseThrow();
            assertThat(work(survivor, job)).containsExactly("call-1");
            assertThat(work(survivor, survivor.find(running.id()).orElseThrow()))
                    .containsExactly("call-2");
            assertThat(places(survivor, 1, 2, 3)).hasSize(2);
        }

        @Test
        void is_left_alone_by_others_as_long_as_its_process_lives() {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls"));
                add(growing, 1);
                gatherer.accept();
                JobStore other = open();
                try (JobDraft draft = other.draft(spec("f"));
                        Gatherer others = other.gatherer()) {
                    assertThat(draft.id()).isNotEqualTo(growing.id());
                    assertThat(others.adopt()).isEmpty();
                }
                add(growing, 2);
                gatherer.accept();
                assertThat(places(store, 1, 2)).hasSize(2);
            }
        }

        @Test
        void goes_on_as_a_job_when_its_gatherer_closes() {
            JobStore store = open();
            GrowingJob growing;
            try (Gatherer gatherer = store.gatherer()) {
                growing = gatherer.begin(spec("calls"));
                add(growing, 1);
                gatherer.accept();
            }
            assertThat(store.find(growing.id()).orElseThrow().state())
                    .isEqualTo(new JobState.Active());
        }

        @Test
        void tells_another_request_under_the_same_key() {
            JobStore store = open();
            try (Gatherer gatherer = store.gatherer()) {
                GrowingJob growing = gatherer.begin(spec("calls"));
                growing.add(key(1), 77, "call-1", item(1).request(), clock.instant().plus(KEPT));
                gatherer.accept();
                assertThat(places(store, 1)).containsExactly(new CallPlace(growing.id(), 1, 77));
                assertThat(store.calls().place(key(1)))
                        .contains(new CallPlace(growing.id(), 1, 77));
            }
        }
    }
}
