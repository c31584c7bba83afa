package dev.batchwright.store;

import static dev.batchwright.store.Samples.item;
import static dev.batchwright.store.Samples.load;
import static dev.batchwright.store.Samples.ok;
import static dev.batchwright.store.Samples.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Mode;
import dev.batchwright.job.SpendingCap;
import dev.batchwright.job.SpendingCap.Period;
import dev.batchwright.store.Funding.Granted;
import dev.batchwright.store.Funding.Lacking;
import dev.batchwright.store.Funding.Limit;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How every store keeps what its owners may spend. An outcome of the samples costs 3. */
@SuppressWarnings("ClassCanBeStatic")
abstract class AccountsContract extends ViewsContract {
    private static final Optional<Cost> NO_CAP = Optional.empty();

    private static Optional<SpendingCap> cap(long amount, Period per) {
        return Optional.of(new SpendingCap(new Cost(amount), per));
    }

    private static Job loadFor(JobStore store, String owner, String fingerprint, int items) {
        return load(store, spec(fingerprint, Mode.LIVE).ownedBy(owner), items);
    }

    private static Account account(JobStore store) {
        return store.accounts().find("team").orElseThrow();
    }

    @Nested
    class An_owner_with_a_cap {
        @Test
        void spends_what_outcomes_cost_out_of_what_was_set_aside() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(100, Period.TOTAL));
            Job job = loadFor(store, "team", "f1", 2);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 9).getFirst();
                assertThat(worker.draw(NO_CAP, new Cost(10))).isEqualTo(new Granted(new Cost(10)));
                assertThat(account(store).reserved()).isEqualTo(new Cost(10));

                worker.record(lease, item(1), ok(1));
                worker.flush();

                assertThat(account(store).spent()).isEqualTo(new Cost(3));
                assertThat(account(store).reserved()).isEqualTo(new Cost(7));
                worker.giveBack(new Cost(7));
                assertThat(account(store).left()).isEqualTo(new Cost(97));
            }
        }

        @Test
        void never_sets_aside_more_than_it_has_in_however_many_jobs_and_processes()
                throws Exception {
            JobStore one = open();
            JobStore other = open();
            one.accounts().cap("team", cap(100, Period.TOTAL));
            Job job = loadFor(one, "team", "f1", 1);
            Job second = loadFor(one, "team", "f2", 1);
            try (Worker here = one.openWorker(job.id());
                    Worker there = other.openWorker(second.id());
                    var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var draws = new ArrayList<Future<Funding>>();
                for (int i = 0; i < 8; i++) {
                    Worker worker = i % 2 == 0 ? here : there;
                    draws.add(threads.submit(() -> worker.draw(NO_CAP, new Cost(15))));
                }
                int granted = 0;
                for (Future<Funding> draw : draws) {
                    granted += draw.get() instanceof Granted ? 1 : 0;
                }
                assertThat(granted).isEqualTo(6);
                assertThat(account(one).reserved()).isEqualTo(new Cost(90));
                assertThat(here.draw(NO_CAP, new Cost(11)))
                        .isEqualTo(new Lacking(Limit.ACCOUNT, new Cost(10), true, false));
            }
        }

        @Test
        void is_charged_for_what_a_dead_worker_had_set_aside() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(100, Period.TOTAL));
            Job job = loadFor(store, "team", "f1", 1);
            sql(
                    "insert into worker (id, job_id, host, pid, since, held) values"
                            + " ('worker_dead', '%s', 'h', 1, 1, 40)".formatted(job.id()));
            assertThat(account(store).reserved()).isEqualTo(new Cost(40));

            store.accounts().settleDead();

            assertThat(account(store).spent()).isEqualTo(new Cost(40));
            assertThat(account(store).reserved()).isEqualTo(Cost.ZERO);
            try (Worker worker = store.openWorker(job.id())) {
                // The job's own cap counts it, too.
                assertThat(worker.draw(Optional.of(new Cost(50)), new Cost(20)))
                        .isEqualTo(new Lacking(Limit.JOB, new Cost(10), false, false));
            }
        }

        @Test
        void is_charged_for_what_a_job_leaves_behind_that_is_deleted() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(100, Period.TOTAL));
            Job job = loadFor(store, "team", "f1", 1);
            sql(
                    "insert into worker (id, job_id, host, pid, since, held) values"
                            + " ('worker_dead', '%s', 'h', 1, 1, 40)".formatted(job.id()));

            store.delete(job.id());

            assertThat(account(store).spent()).isEqualTo(new Cost(40));
        }

        @Test
        void pays_for_batches_as_they_are_read_and_for_what_they_do_not_say() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(100, Period.TOTAL));
            Job job = load(store, spec("f1", Mode.AUTO).ownedBy("team"), 3);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = BatchLaneContract.batchOfAll(worker);
                BatchWork work = worker.batches();
                assertThat(work.fund(lease, NO_CAP, new Cost(101)))
                        .isEqualTo(new Lacking(Limit.ACCOUNT, new Cost(100), false, false));
                assertThat(work.fund(lease, NO_CAP, new Cost(60)))
                        .isEqualTo(new Granted(new Cost(60)));
                assertThat(work.fund(lease, NO_CAP, new Cost(90)))
                        .isEqualTo(new Granted(new Cost(90)));
                work.advance(
                        lease,
                        Samples.batch(new BatchState.Uploading(new BatchTag("bw0123456789abcd"))));
                Cost before = store.progress(job.id()).cost();
                BatchLaneContract.harvest(worker, lease, "output", "body 1 {}\n");
                Cost paid = store.progress(job.id()).cost().minus(before);
                assertThat(account(store).spent()).isEqualTo(paid);
                assertThat(account(store).reserved()).isEqualTo(new Cost(90).minus(paid));

                work.settle(lease, new Cost(20));

                assertThat(account(store).spent()).isEqualTo(paid.plus(new Cost(20)));
                assertThat(account(store).reserved()).isEqualTo(Cost.ZERO);
            }
        }

        @Test
        void may_spend_anew_with_each_day() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(10, Period.DAY));
            Job job = loadFor(store, "team", "f1", 1);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 9).getFirst();
                worker.draw(NO_CAP, new Cost(10));
                worker.record(lease, item(1), ok(1));
                worker.flush();
                worker.giveBack(new Cost(7));
            }
            assertThat(account(store).left()).isEqualTo(new Cost(7));

            clock.advance(Duration.ofDays(1));

            assertThat(account(store).left()).isEqualTo(new Cost(10));
        }

        @Test
        void keeps_what_it_spent_when_the_cap_is_raised_and_is_free_without_one() throws Exception {
            JobStore store = open();
            store.accounts().cap("team", cap(10, Period.TOTAL));
            Job job = loadFor(store, "team", "f1", 1);
            try (Worker worker = store.openWorker(job.id())) {
                Lease lease = worker.claim(Lane.LIVE, 9).getFirst();
                worker.draw(NO_CAP, new Cost(10));
                worker.record(lease, item(1), ok(1));
            }
            // Nobody gave the rest back: it may have been paid for.
            assertThat(account(store).isExhausted()).isTrue();

            store.accounts().cap("team", cap(15, Period.TOTAL));

            assertThat(account(store).left()).isEqualTo(new Cost(5));
            store.accounts().cap("team", Optional.empty());
            assertThat(store.accounts().find("team")).isEmpty();
            assertThat(store.accounts().all()).isEmpty();
        }

        @Test
        void gets_some_of_much_in_advance() {
            JobStore store = open();
            store.accounts().cap("team", cap(64_000, Period.MONTH));
            Job job = loadFor(store, "team", "f1", 1);
            try (Worker worker = store.openWorker(job.id())) {
                assertThat(
                                List.of(
                                        worker.draw(NO_CAP, new Cost(10)),
                                        worker.draw(NO_CAP, new Cost(1))))
                        .containsExactly(new Granted(new Cost(1_000)), new Granted(new Cost(256)));
            }
        }
    }
}
