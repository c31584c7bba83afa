package dev.batchwright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.job.SpendingCap;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.limit.Limits;
import dev.batchwright.limit.Throttles;
import dev.batchwright.limit.Timer;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.provider.Search;
import dev.batchwright.retry.Backoff;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.Account;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.Results;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.store.StoredBatch;
import dev.batchwright.store.StoredResult;
import dev.batchwright.store.Worker;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

@Timeout(60)
class BatchRunTest {
    private static final int MAX_ATTEMPTS = 3;
    private static final String ENDPOINT = "/v1/embeddings";

    @TempDir Path directory;
    private JobStore store;
    private final FakeBatchApi api = new FakeBatchApi();
    private final AtomicInteger liveCalls = new AtomicInteger();
    // How far the run's clock is ahead.
    private final AtomicReference<Duration> later = new AtomicReference<>(Duration.ZERO);

    @BeforeEach
    void openStore() {
        store =
                JobStores.open(
                        new StoreLocation.Sqlite(directory.resolve("store.db")),
                        InstantSource.system());
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Nested
    class A_run_in_the_batch_lane {
        @Test
        void gives_every_item_its_outcome_by_as_few_batches_as_it_takes() throws Exception {
            Job job = job(2_500);

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(store.find(job.id()).orElseThrow().state())
                    .isEqualTo(new JobState.Finished());
            assertThat(api.created()).hasSize(3);
            assertThat(api.created())
                    .allSatisfy(batch -> assertThat(batch.lines).hasSizeBetween(832, 834));
            assertJoined(job, 2_500);
            assertThat(liveCalls).hasValue(0);
        }

        @Test
        void joins_by_id_whatever_the_order_and_keeps_what_belongs_to_nobody() throws Exception {
            Job job = job(10);
            api.onPoll =
                    (batch, n) -> {
                        var results =
                                new ArrayList<>(batch.lines.stream().map(api.answer).toList());
                        Collections.reverse(results);
                        results.add(3, "bw00000000000000001 200 {\"n\":1}");
                        results.add(5, "torn");
                        results.add(results.getFirst());
                        results.add("");
                        return FakeBatchApi.given(
                                api.ended(batch, new RemoteBatch.End.Completed(), results));
                    };

            run(job);

            assertJoined(job, 10);
            assertThat(store.strays(job.id(), 10)).hasSize(3);
        }

        @Test
        void sends_on_another_round_what_is_missing_or_may_go_better() throws Exception {
            Job job = job(10);
            api.onPoll =
                    (batch, n) ->
                            batch.id.equals("batch-1")
                                    ? FakeBatchApi.given(
                                            api.ended(
                                                    batch,
                                                    new RemoteBatch.End.Expired(),
                                                    List.of(
                                                            api.answer.apply(batch.lines.get(0)),
                                                            FakeBatchApi.id(batch.lines.get(1))
                                                                    + " 500 {}",
                                                            FakeBatchApi.id(batch.lines.get(2))
                                                                    + " 400 {}")))
                                    : FakeBatchApi.given(api.completed(batch));

            run(job);

            assertThat(api.created())
                    .extracting(batch -> batch.lines.size())
                    .containsExactly(10, 8);
            List<StoredResult> results = results(job);
            assertThat(results.get(0).attempts()).isEqualTo(1);
            assertThat(results.get(1).attempts()).isEqualTo(2);
            assertThat(results.get(2).kind()).isEqualTo(StoredResult.Kind.FAILED);
            assertThat(results.get(2).answer().toString()).contains("\"status_code\":400");
            assertThat(store.progress(job.id()).failed()).isEqualTo(1);
        }

        @Test
        void gives_up_an_item_after_so_many_rounds_and_says_why() throws Exception {
            Job job = job(2);
            api.onPoll =
                    (batch, n) ->
                            FakeBatchApi.given(
                                    api.ended(
                                            batch,
                                            new RemoteBatch.End.Completed(),
                                            List.of(
                                                    FakeBatchApi.id(batch.lines.get(0))
                                                            + " 500 {}")));

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).hasSize(MAX_ATTEMPTS);
            assertThat(results(job))
                    .allSatisfy(
                            result -> {
                                assertThat(result.kind()).isEqualTo(StoredResult.Kind.FAILED);
                                assertThat(result.attempts()).isEqualTo(MAX_ATTEMPTS);
                            });
            assertThat(results(job).get(1).answer().toString()).contains("missing_from_results");
        }

        @Test
        void reads_what_it_has_when_another_result_file_is_gone_for_good() throws Exception {
            Job job = job(10);
            api.onPoll =
                    (batch, n) -> {
                        api.files.put(
                                "errors",
                                batch.lines.subList(0, 4).stream()
                                        .map(line -> FakeBatchApi.id(line) + " 400 {}")
                                        .toList());
                        var files = List.of(new ResultFile("gone"), new ResultFile("errors"));
                        return FakeBatchApi.given(
                                FakeBatchApi.remote(
                                        batch,
                                        new RemoteBatch.Phase.Ended(
                                                new RemoteBatch.End.Completed(), files)));
                    };
            api.onDownload =
                    file -> {
                        if (!file.reference().equals("gone")) {
                            return Optional.empty();
                        }
                        later.set(Duration.ofHours(2));
                        return Optional.of(
                                new BatchAnswer.Missing<>(new ItemError("not_found", "Gone.")));
                    };

            assertThat(run(job)).isInstanceOf(RunEnd.Blocked.class);

            assertThat(store.batches(job.id()).getFirst().batch().state())
                    .isInstanceOf(BatchState.Quarantined.class);
            assertThat(store.progress(job.id()).failed()).isEqualTo(4);
            assertThat(store.progress(job.id()).pending()).isEqualTo(6);
        }

        @Test
        void goes_on_asking_when_the_provider_does_not_answer_or_does_not_show_it()
                throws Exception {
            Job job = job(5);
            api.onPoll =
                    (batch, n) ->
                            switch (n) {
                                case 1 -> FakeBatchApi.unknown();
                                case 2 ->
                                        new BatchAnswer.Missing<>(
                                                new ItemError("not_found", "No batch."));
                                case 3 -> FakeBatchApi.given(FakeBatchApi.running(batch));
                                default -> FakeBatchApi.given(api.completed(batch));
                            };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());
            assertThat(api.created()).hasSize(1);
        }
    }

    @Nested
    class When_the_answer_to_the_create_call_is_lost {
        @Test
        void the_batch_is_found_by_its_tag_and_not_made_again() throws Exception {
            Job job = job(20);
            api.onCreate = batch -> FakeBatchApi.unknown();

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).hasSize(1);
            assertJoined(job, 20);
        }

        @Test
        void it_is_made_again_only_after_the_provider_had_the_time_to_show_it() throws Exception {
            Job job = job(20);
            var calls = new AtomicInteger();
            var looks = new AtomicInteger();
            api.beforeCreate =
                    order ->
                            calls.incrementAndGet() == 1
                                    ? Optional.of(FakeBatchApi.unknown())
                                    : Optional.empty();
            api.onFind =
                    order -> {
                        looks.incrementAndGet();
                        return Optional.empty();
                    };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(looks.get()).isGreaterThan(1);
            assertThat(api.created()).hasSize(1);
        }

        @Test
        void the_provider_gets_its_time_after_the_last_call_however_long_ago_the_first_was()
                throws Exception {
            Job job = job(20);
            var calls = new AtomicInteger();
            var looks = new AtomicInteger();
            api.beforeCreate =
                    order ->
                            calls.incrementAndGet() == 1
                                    ? Optional.of(
                                            new BatchAnswer.Later<>(
                                                    new ItemError("slow_down", "Slower."),
                                                    Optional.of(FakeBatchApi.LAG.multipliedBy(3)),
                                                    false))
                                    : Optional.empty();
            api.onCreate = batch -> FakeBatchApi.unknown();
            api.onFind =
                    order ->
                            looks.incrementAndGet() == 1
                                    ? Optional.of(FakeBatchApi.given(new Search.NotShown()))
                                    : Optional.empty();

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).hasSize(1);
        }

        @Test
        void a_job_that_was_cancelled_meanwhile_makes_no_other() throws Exception {
            Job job = job(20);
            api.beforeCreate =
                    order -> {
                        store.transition(job.id(), new JobState.Active(), new JobState.Cancelled());
                        return Optional.of(FakeBatchApi.unknown());
                    };
            // The run hears of it with its next heartbeat; until then nobody answers.
            Instant heard = Instant.now().plus(Worker.HEARTBEAT.multipliedBy(2));
            api.onFind =
                    order ->
                            Optional.of(
                                    Instant.now().isBefore(heard)
                                            ? FakeBatchApi.unknown()
                                            : FakeBatchApi.given(new Search.NotShown()));

            assertThat(run(job)).isEqualTo(new RunEnd.Cancelled());

            assertThat(api.created()).isEmpty();
            assertThat(store.progress(job.id()).pending()).isEqualTo(20);
        }

        @Test
        void and_nothing_can_be_proved_then_it_waits_in_quarantine_for_a_person() throws Exception {
            Job job = job(20);
            api.onCreate = batch -> FakeBatchApi.unknown();
            api.onFind =
                    order ->
                            Optional.of(
                                    new BatchAnswer.Missing<Search>(
                                            new ItemError("not_found", "No such page.")));

            RunEnd end = run(job);

            assertThat(end).isInstanceOf(RunEnd.Blocked.class);
            assertThat(((RunEnd.Blocked) end).problem()).contains("batchwright attach");
            StoredBatch held = store.batches(job.id()).getFirst();
            assertThat(held.batch().state()).isInstanceOf(BatchState.Quarantined.class);

            store.attachBatch(job.id(), held.shard(), "batch-1");
            assertThat(run(store.find(job.id()).orElseThrow())).isEqualTo(new RunEnd.Finished());
            assertThat(api.created()).hasSize(1);
            assertJoined(job, 20);
        }
    }

    @Nested
    class An_input_that_is_refused {
        @Test
        void costs_the_lines_that_are_to_blame_and_sends_the_others_again() throws Exception {
            Job job = job(10);
            api.beforeCreate =
                    order ->
                            order.requests() == 10
                                    ? Optional.of(
                                            FakeBatchApi.refused(
                                                    new InputProblem(
                                                            Optional.of(4L),
                                                            Optional.empty(),
                                                            new ItemError("bad_line", "Bad."))))
                                    : Optional.empty();

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).extracting(batch -> batch.lines.size()).containsExactly(9);
            assertThat(results(job)).extracting(StoredResult::attempts).containsOnly(1);
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(9);
            assertThat(results(job).get(3).answer().toString()).contains("bad_line");
        }

        @Test
        void for_no_line_of_its_own_stops_the_job_and_costs_nothing() throws Exception {
            Job job = job(10);
            api.beforeCreate = order -> Optional.of(FakeBatchApi.refused());

            assertThat(run(job)).isInstanceOf(RunEnd.Blocked.class);

            assertThat(store.progress(job.id()).pending()).isEqualTo(10);
        }
    }

    @Nested
    class A_queue_that_is_full {
        @Test
        void is_waited_for_and_remembered() throws Exception {
            Job job = job(30);
            api.requestsPerBatch = 10;
            long tokens = 3L * 10;
            api.onPoll =
                    (batch, n) ->
                            batch.id.equals("batch-2") && n == 1
                                    ? FakeBatchApi.given(
                                            api.ended(
                                                    batch,
                                                    new RemoteBatch.End.QueueFull(
                                                            new ItemError("full", "Full."),
                                                            Optional.of(tokens * 1000)),
                                                    List.of()))
                                    : FakeBatchApi.given(api.completed(batch));

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertJoined(job, 30);
            assertThat(store.queue("fake", "m").learned()).hasValue(tokens * 1000);
        }

        @Test
        void holds_no_more_tokens_than_it_takes() throws Exception {
            Job job = job(40);
            long limit = 2 * inputTokens("{\"n\":10}") * 10;
            api.enqueuedTokens = OptionalLong.of(limit);
            var waiting = new AtomicLong();
            var most = new AtomicLong();
            api.onCreate =
                    batch -> {
                        most.accumulateAndGet(waiting.addAndGet(inputTokens(batch)), Math::max);
                        return FakeBatchApi.given(FakeBatchApi.running(batch));
                    };
            api.onPoll =
                    (batch, n) -> {
                        if (n == 1) {
                            return FakeBatchApi.given(FakeBatchApi.running(batch));
                        }
                        waiting.addAndGet(-inputTokens(batch));
                        return FakeBatchApi.given(api.completed(batch));
                    };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(most.get()).isPositive().isLessThanOrEqualTo(limit);
            assertThat(api.created()).hasSizeGreaterThan(1);
            assertJoined(job, 40);
        }

        private long inputTokens(FakeBatchApi.Batch batch) {
            return batch.lines.stream()
                    .mapToLong(line -> inputTokens(FakeBatchApi.body(line)))
                    .sum();
        }

        private long inputTokens(String body) {
            var request = new Request("fake", ENDPOINT, "m", RawJson.of(body));
            return new TokenEstimator().estimate(request).input();
        }
    }

    @Nested
    class A_batch_that_takes_too_long {
        @Test
        void is_called_back_and_its_rest_runs_live_before_the_deadline() throws Exception {
            Job job =
                    job(
                            200,
                            Mode.AUTO,
                            Optional.of(Instant.now().plusSeconds(4)),
                            Optional.empty());
            api.onPoll = (batch, n) -> FakeBatchApi.given(FakeBatchApi.running(batch));

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).hasSize(1);
            assertThat(liveCalls).hasValue(100);
            assertJoined(job, 200);
        }

        @Test
        void is_helped_by_the_live_lane_where_neither_alone_would_meet_the_deadline()
                throws Exception {
            // At ten calls a second, forty of two hundred can be done live in time.
            Job job =
                    job(
                            200,
                            Mode.AUTO,
                            OptionalLong.of(600),
                            Optional.of(Instant.now().plusSeconds(4)),
                            Optional.empty());

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(liveCalls.get()).isBetween(20, 40);
            assertThat(api.created())
                    .singleElement()
                    .satisfies(batch -> assertThat(batch.lines).hasSize(200 - liveCalls.get()));
            assertJoined(job, 200);
        }

        @Test
        void is_cancelled_and_harvested_when_the_job_is_cancelled() throws Exception {
            Job job = job(100);
            var polled = new CountDownLatch(2);
            api.onPoll =
                    (batch, n) -> {
                        polled.countDown();
                        return FakeBatchApi.given(FakeBatchApi.running(batch));
                    };
            var task = new FutureTask<>(() -> run(job));
            Thread.ofVirtual().start(task);
            polled.await();

            store.transition(job.id(), new JobState.Active(), new JobState.Cancelled());

            assertThat(task.get()).isEqualTo(new RunEnd.Cancelled());
            assertThat(api.created().getFirst().cancelled).isTrue();
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(50);
        }

        @Test
        void is_left_alone_when_the_run_is_told_to_stop_and_the_next_run_goes_on_with_it()
                throws Exception {
            Job job = job(100);
            var polled = new CountDownLatch(2);
            api.onPoll =
                    (batch, n) -> {
                        polled.countDown();
                        return FakeBatchApi.given(FakeBatchApi.running(batch));
                    };
            JobRun first = newRun(job);
            var task = new FutureTask<>(first::run);
            Thread.ofVirtual().start(task);
            polled.await();
            first.stop();

            assertThat(task.get()).isEqualTo(new RunEnd.Interrupted());
            assertThat(api.created().getFirst().cancelled).isFalse();

            api.onPoll = (batch, n) -> FakeBatchApi.given(api.completed(batch));
            assertThat(run(job)).isEqualTo(new RunEnd.Finished());
            assertThat(api.created()).hasSize(1);
            assertJoined(job, 100);
        }
    }

    @Nested
    class Results_that_are_there_while_a_batch_runs {
        @Test
        void are_read_as_they_come_and_each_once() throws Exception {
            Job job = job(40);
            var succeeded = new ArrayList<Long>();
            api.onPoll =
                    (batch, n) -> {
                        succeeded.add(store.progress(job.id()).succeeded());
                        return FakeBatchApi.given(
                                switch (n) {
                                    case 1 -> api.partly(batch, 10);
                                    // Not worth a call.
                                    case 2 -> api.partly(batch, 11);
                                    case 3 -> api.partly(batch, 30);
                                    default -> api.completed(batch);
                                });
                    };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(succeeded).containsExactly(0L, 10L, 10L, 30L);
            assertThat(api.downloads)
                    .containsExactly(
                            "results-batch-1@0", "results-batch-1@10", "results-batch-1@30");
            assertJoined(job, 40);
            assertThat(store.strays(job.id(), 10)).isEmpty();
        }

        private void readsTenAndStops(Job job) throws Exception {
            var read = new CountDownLatch(3);
            api.onPoll =
                    (batch, n) -> {
                        read.countDown();
                        return FakeBatchApi.given(api.partly(batch, 10));
                    };
            JobRun first = newRun(job);
            var task = new FutureTask<>(first::run);
            Thread.ofVirtual().start(task);
            read.await();
            first.stop();
            task.get();
        }

        @Test
        void are_found_by_the_next_run_which_reads_on_behind_them() throws Exception {
            Job job = job(40);
            readsTenAndStops(job);
            assertThat(store.progress(job.id()).succeeded()).isEqualTo(10);

            api.onPoll =
                    (batch, n) ->
                            FakeBatchApi.given(
                                    store.progress(job.id()).succeeded() == 10
                                            ? api.partly(batch, 25)
                                            : api.completed(batch));
            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.downloads)
                    .containsExactly(
                            "results-batch-1@0", "results-batch-1@10", "results-batch-1@25");
            assertThat(api.created()).hasSize(1);
            assertJoined(job, 40);
            assertThat(store.strays(job.id(), 10)).isEmpty();
        }

        @Test
        void are_not_asked_for_again_by_a_run_that_finds_the_batch_over() throws Exception {
            Job job = job(40);
            readsTenAndStops(job);

            api.onPoll = (batch, n) -> FakeBatchApi.given(api.completed(batch));
            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.downloads).containsExactly("results-batch-1@0", "results-batch-1@10");
            assertJoined(job, 40);
        }

        @Test
        void make_no_batch_anew_of_lines_that_came_in_between() throws Exception {
            Job job = job(40);
            api.onPoll =
                    (batch, n) -> {
                        if (n == 1) {
                            return FakeBatchApi.given(api.partly(batch, 10));
                        }
                        var results =
                                new ArrayList<>(batch.lines.stream().map(api.answer).toList());
                        Collections.reverse(results);
                        return FakeBatchApi.given(
                                api.ended(batch, new RemoteBatch.End.Completed(), results));
                    };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.created()).hasSize(1);
            assertJoined(job, 40);
        }

        @Test
        void are_read_whole_at_the_end_where_they_can_not_be_gone_on_with() throws Exception {
            Job job = job(40);
            api.onDownload =
                    file ->
                            file.reference().equals("results-batch-1@10")
                                    ? Optional.of(
                                            new BatchAnswer.Refused<>(
                                                    new ItemError("no", "No."), List.of()))
                                    : Optional.empty();
            api.onPoll =
                    (batch, n) ->
                            FakeBatchApi.given(
                                    n == 1 ? api.partly(batch, 10) : api.completed(batch));

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.downloads)
                    .containsExactly("results-batch-1@0", "results-batch-1@10", "results-batch-1");
            assertJoined(job, 40);
            assertThat(store.strays(job.id(), 10)).isEmpty();
        }

        @Test
        void may_be_all_of_them() throws Exception {
            Job job = job(40);
            api.onPoll =
                    (batch, n) -> {
                        RemoteBatch partly = api.partly(batch, 39);
                        api.completed(batch);
                        return FakeBatchApi.given(partly);
                    };

            assertThat(run(job)).isEqualTo(new RunEnd.Finished());

            assertThat(api.downloads).containsExactly("results-batch-1@0");
            assertJoined(job, 40);
        }
    }

    @Nested
    class A_budget {
        @Test
        void is_never_passed_by_what_batches_may_cost() throws Exception {
            long tokens = tokensOf(request(1));
            Cost each = cost(tokens);
            api.usage = new Usage(tokens, 0, 0);
            Job job =
                    job(
                            100,
                            Mode.BATCH,
                            Optional.empty(),
                            Optional.of(new Cost(each.picoUsd() * 60)));

            RunEnd end = run(job);

            assertThat(end).isInstanceOf(RunEnd.Stopped.class);
            assertThat(store.progress(job.id()).cost())
                    .isLessThanOrEqualTo(new Cost(each.picoUsd() * 60));
            assertThat(store.progress(job.id()).succeeded()).isGreaterThan(30);
        }

        @Test
        void of_the_owner_ends_what_it_can_not_pay_for() throws Exception {
            long tokens = tokensOf(request(1));
            Cost each = cost(tokens);
            api.usage = new Usage(tokens, 0, 0);
            var cap = new SpendingCap(new Cost(each.picoUsd() * 60), SpendingCap.Period.MONTH);
            store.accounts().cap("team", Optional.of(cap));
            Job job =
                    job(
                            100,
                            Mode.BATCH,
                            OptionalLong.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            "team");

            RunEnd end = run(job);

            assertThat(end).isEqualTo(new RunEnd.Finished());
            Account account = store.accounts().find("team").orElseThrow();
            assertThat(account.spent())
                    .isEqualTo(store.progress(job.id()).cost())
                    .isLessThanOrEqualTo(cap.amount());
            assertThat(account.reserved()).isEqualTo(Cost.ZERO);
            assertThat(store.progress(job.id()).succeeded()).isBetween(30L, 60L);
            assertThat(liveCalls).hasValue(0);
        }
    }

    private RunEnd run(Job job) throws InterruptedException {
        return newRun(job).run();
    }

    private JobRun newRun(Job job) {
        var limits = new Limits(OptionalInt.of(100), OptionalLong.empty(), OptionalLong.empty());
        var throttles = new Throttles((provider, model) -> limits, Timer.system(), new Random(7));
        var live =
                new LiveRoute(
                        (request, timeout) -> {
                            liveCalls.incrementAndGet();
                            return new AttemptOutcome.Success(
                                    new Reply(200, "r", request.body()),
                                    new Usage(1, 0, 0),
                                    LimitReport.NONE);
                        },
                        throttles.of("fake", "m"),
                        usage -> cost(usage.totalTokens()));
        var batch =
                new BatchRoute(
                        api,
                        "fake",
                        model ->
                                new BatchRoute.Prices(
                                        usage -> Optional.of(cost(usage.totalTokens())),
                                        usage -> Optional.of(cost(1_000_000 * usage.totalTokens())),
                                        OptionalLong.empty()),
                        Optional.empty(),
                        Optional.empty());
        return new JobRun(
                store,
                job,
                100,
                new Routes() {
                    @Override
                    public LiveRoute live(Request request) {
                        return live;
                    }

                    @Override
                    public Optional<BatchRoute> batch(String provider) {
                        return Optional.of(batch);
                    }
                },
                new TokenEstimator(),
                new RetryPolicy(
                        MAX_ATTEMPTS, new Backoff.Fixed(Duration.ofMillis(1)), new Random(7)),
                new LanePolicy(Duration.ofSeconds(1)),
                () -> Instant.now().plus(later.get()),
                new Random(7),
                directory,
                choice -> {});
    }

    private Job job(int items) {
        return job(items, Mode.BATCH, Optional.empty(), Optional.empty());
    }

    private Job job(int items, Mode mode, Optional<Instant> deadline, Optional<Cost> maxCost) {
        return job(items, mode, OptionalLong.empty(), deadline, maxCost);
    }

    private Job job(
            int items,
            Mode mode,
            OptionalLong requestsPerMinute,
            Optional<Instant> deadline,
            Optional<Cost> maxCost) {
        return job(items, mode, requestsPerMinute, deadline, maxCost, "");
    }

    private Job job(
            int items,
            Mode mode,
            OptionalLong requestsPerMinute,
            Optional<Instant> deadline,
            Optional<Cost> maxCost,
            String owner) {
        var spec =
                new JobSpec(
                        "test",
                        "fingerprint",
                        "nowhere",
                        List.of(),
                        Map.of(),
                        mode,
                        new JobSpec.LiveSettings(
                                OptionalInt.of(10_000),
                                requestsPerMinute,
                                OptionalLong.empty(),
                                MAX_ATTEMPTS,
                                Duration.ofSeconds(30)),
                        new JobSpec.BatchSettings(
                                Optional.empty(), Optional.of(Duration.ofMillis(5))),
                        deadline,
                        maxCost,
                        Map.of());
        try (JobDraft draft = store.draft(spec.ownedBy(owner))) {
            for (int n = 1; n <= items; n++) {
                draft.append(new Item(n, "id-" + n, request(n), Optional.empty()));
            }
            return draft.commit();
        }
    }

    private static Request request(int n) {
        return new Request("fake", ENDPOINT, "m", RawJson.of("{\"n\":" + n + "}"));
    }

    private static long tokensOf(Request request) {
        return new TokenEstimator().estimate(request).cautiousUsage().totalTokens();
    }

    /** What one token costs here is a billionth of a dollar. */
    private static Cost cost(long tokens) {
        return new Cost(1_000 * tokens);
    }

    private void assertJoined(Job job, int items) {
        List<StoredResult> results = results(job);
        assertThat(results).hasSize(items);
        for (int n = 1; n <= items; n++) {
            assertThat(results.get(n - 1).kind()).isEqualTo(StoredResult.Kind.SUCCEEDED);
            assertThat(results.get(n - 1).answer().toString()).contains("\"n\":" + n + "}");
        }
    }

    private List<StoredResult> results(Job job) {
        var all = new ArrayList<StoredResult>();
        try (Results results = store.results(job.id(), Selection.ALL)) {
            results.forEachRemaining(all::add);
        }
        return all;
    }
}
