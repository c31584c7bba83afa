package dev.batchwright.store;

import static dev.batchwright.store.Samples.failed;
import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** What every store remembers of calls. */
@SuppressWarnings("ClassCanBeStatic")
abstract class CallsContract extends HostedContract {
    private static final CallKey ONE = CallKey.first(new byte[] {1});
    private static final CallKey TWO = CallKey.first(new byte[] {2});
    private static final Duration KEPT = Duration.ofHours(24);

    private Job answering(JobStore store, CallKey... calls) {
        Instant until = clock.instant().plus(KEPT);
        try (JobDraft draft = store.draft(spec("calls"))) {
            for (int i = 0; i < calls.length; i++) {
                draft.append(item(i + 1));
                draft.answers(calls[i], until);
            }
            return draft.commit();
        }
    }

    private @Nullable CallPlace place(JobStore store, CallKey call) {
        return store.calls().find(List.of(call), clock.instant()).get(call);
    }

    @Nested
    class Calls {
        @Test
        void are_found_with_the_item_that_answers_them() {
            JobStore store = open();
            Job job = answering(store, ONE, TWO, ONE.numbered(2));
            var found =
                    open().calls()
                            .find(List.of(ONE.numbered(2), TWO, ONE.numbered(3)), clock.instant());
            assertThat(found)
                    .hasSize(2)
                    .containsEntry(ONE.numbered(2), new CallPlace(job.id(), 3))
                    .containsEntry(TWO, new CallPlace(job.id(), 2));
        }

        @Test
        void of_a_draft_that_is_not_committed_are_unknown() {
            JobStore store = open();
            try (JobDraft draft = store.draft(spec("calls"))) {
                draft.append(item(1));
                draft.answers(ONE, clock.instant().plus(KEPT));
                assertThat(place(store, ONE)).isNull();
            }
            assertThat(place(store, ONE)).isNull();
        }

        @Test
        void are_answered_by_one_job_alone() {
            JobStore store = open();
            Job first = answering(store, ONE);
            assertThatThrownBy(() -> answering(store, TWO, ONE))
                    .isInstanceOf(CallsTakenException.class)
                    .hasMessageContaining("1 calls");
            assertThat(place(store, ONE)).isEqualTo(new CallPlace(first.id(), 1));
            assertThat(place(store, TWO)).isNull();
            assertThat(store.jobs(9)).hasSize(1);
        }

        @Test
        void that_failed_are_made_anew() throws Exception {
            JobStore store = open();
            Job job = answering(store, ONE, TWO);
            try (Worker worker = store.openWorker(job.id())) {
                recordEach(
                        worker,
                        worker.claim(Lane.LIVE, 1).getFirst(),
                        seq -> seq == 1 ? failed("timeout") : ok(seq));
                worker.flush();
            }
            assertThat(place(store, ONE)).isNull();
            assertThat(place(store, TWO)).isEqualTo(new CallPlace(job.id(), 2));
            Job again = answering(store, ONE);
            assertThat(place(store, ONE)).isEqualTo(new CallPlace(again.id(), 1));
        }

        @Test
        void of_a_cancelled_job_stand_if_they_have_their_answer() throws Exception {
            JobStore store = open();
            Job job = answering(store, ONE, TWO);
            try (Worker worker = store.openWorker(job.id())) {
                var lease = worker.claim(Lane.LIVE, 1).getFirst();
                worker.record(lease, item(1), ok(1));
                worker.flush();
            }
            store.transition(job.id(), new JobState.Active(), new JobState.Cancelled());
            assertThat(place(store, ONE)).isEqualTo(new CallPlace(job.id(), 1));
            assertThat(place(store, TWO)).isNull();
        }

        @Test
        void of_a_blocked_job_wait_on() {
            JobStore store = open();
            Job job = answering(store, ONE);
            store.transition(job.id(), new JobState.Active(), new JobState.Blocked("no key"));
            assertThat(place(store, ONE)).isEqualTo(new CallPlace(job.id(), 1));
        }

        @Test
        void go_with_their_time_or_their_job() {
            JobStore store = open();
            Job gone = answering(store, ONE);
            store.delete(gone.id());
            assertThat(place(store, ONE)).isNull();
            answering(store, TWO);
            clock.advance(KEPT.minusMillis(1));
            assertThat(store.calls().sweep(clock.instant())).isZero();
            assertThat(place(store, TWO)).isNotNull();
            clock.advance(Duration.ofMillis(1));
            assertThat(place(store, TWO)).isNull();
            answering(store, ONE);
            clock.advance(KEPT);
            assertThat(store.calls().sweep(clock.instant())).isEqualTo(1);
        }
    }
}
