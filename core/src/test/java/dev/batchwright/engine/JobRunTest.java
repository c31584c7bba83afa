package dev.batchwright.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Job;
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
import dev.batchwright.job.SpendingCap;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.limit.Limits;
import dev.batchwright.limit.Throttles;
import dev.batchwright.limit.Timer;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.retry.Backoff;
import dev.batchwright.retry.RetryPolicy;
import dev.batchwright.store.Account;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.LeaseLostException;
import dev.batchwright.store.Results;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.store.StoredResult;
import dev.batchwright.store.Worker;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.Stream;

@Timeout(60)
class JobRunTest {
    private static final int MAX_ATTEMPTS = 3;
    private static final Cost A_DOLLAR = Cost.ofUsd(java.math.BigDecimal.ONE);

    @TempDir Path directory;
    private JobStore store;
    private final Map<Long, AtomicInteger> sent = new ConcurrentHashMap<>();

    @BeforeEach
    void openStore() {
        store = open(InstantSource.system());
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Nested
    class A_run {
        @Test
        void gives_every_item_its_outcome_and_finishes_the_job() throws Exception {
            Job job = job(2500, Optional.empty(), Optional.empty());

            assertThat(run(job, JobRunTest::answer)).isEqualTo(new RunEnd.Finished());

            assertThat(state(job)).isEqualTo(new JobState.Finished());
            assertThat(progress(job).succeeded()).isEqualTo(2500);
            assertThat(answers(job))
                    .allSatisfy((seq, text) -> assertThat(text).contains("\"n\":" + seq + "}"));
            assertThat(sent.values()).allSatisfy(calls -> assertThat(calls).hasValue(1));
        }

        @Test
        void tries_again_what_may_go_better_and_keeps_what_never_does() throws Exception {
            Job job = job(3, Optional.empty(), Optional.empty());

            RunEnd end =
                    run(
                            job,
                            request ->
                                    switch (number(request)) {
                                        case 1 ->
                                                calls(1) < MAX_ATTEMPTS
                                                        ? broken()
                                                        : answer(request);
                                        case 2 -> broken();
                                        default -> rejected();
                                    });

            assertThat(end).isEqualTo(new RunEnd.Finished());
            List<StoredResult> results = results(job);
            assertThat(results)
                    .extracting(StoredResult::kind)
                    .containsExactly(
                            StoredResult.Kind.SUCCEEDED,
                            StoredResult.Kind.FAILED,
                            StoredResult.Kind.FAILED);
            assertThat(results)
                    .extracting(StoredResult::attempts)
                    .containsExactly(MAX_ATTEMPTS, MAX_ATTEMPTS, 1);
        }

        @Test
        void counts_being_throttled_as_no_attempt() throws Exception {
            Job job = job(1, Optional.empty(), Optional.empty());

            run(job, request -> calls(1) <= 2 * MAX_ATTEMPTS ? throttled() : answer(request));

            assertThat(results(job).getFirst().attempts()).isEqualTo(1);
        }

        @Test
        void is_not_held_up_by_one_slow_item() throws Exception {
            Job job = job(500, Optional.empty(), Optional.empty());
            var others = new CountDownLatch(499);

            RunEnd end =
                    run(
                            job,
                            request -> {
                                if (number(request) == 1) {
                                    await(others);
                                } else {
                                    others.countDown();
                                }
                                return answer(request);
                            });

            assertThat(end).isEqualTo(new RunEnd.Finished());
        }
    }

    @Nested
    class Stops_the_whole_job {
        @Test
        void when_the_account_is_refused_and_leaves_its_items_untouched() throws Exception {
            Job job = job(1000, Optional.empty(), Optional.empty());

            RunEnd end =
                    run(job, request -> new AttemptOutcome.Blocked("Bad key.", LimitReport.NONE));

            assertThat(end).isEqualTo(new RunEnd.Blocked("Bad key."));
            assertThat(state(job)).isEqualTo(new JobState.Blocked("Bad key."));
            assertThat(progress(job).pending()).isEqualTo(1000);
            assertThat(sent).hasSizeLessThan(100);
        }

        @Test
        void when_the_provider_cannot_be_reached() throws Exception {
            Job job = job(10, Optional.empty(), Optional.empty());

            RunEnd end =
                    run(
                            job,
                            request -> new AttemptOutcome.Unreachable("No one.", LimitReport.NONE));

            assertThat(end).isEqualTo(new RunEnd.Blocked("No one."));
            assertThat(progress(job).pending()).isEqualTo(10);
        }

        @Test
        void at_its_deadline() throws Exception {
            Job job = job(10, Optional.of(Instant.now().plusMillis(300)), Optional.empty());

            RunEnd end = run(job, request -> throttled());

            assertThat(end).isInstanceOf(RunEnd.Stopped.class);
            assertThat(state(job)).isInstanceOf(JobState.Stopped.class);
            assertThat(progress(job).pending()).isEqualTo(10);
        }

        @Test
        void but_not_when_the_calls_under_way_at_its_deadline_were_the_last_ones()
                throws Exception {
            Instant deadline = Instant.now().plusSeconds(20);
            Job job = job(2, Optional.of(deadline), Optional.empty());
            var underWay = new CountDownLatch(2);
            InstantSource clock =
                    () -> underWay.getCount() > 0 ? Instant.now() : deadline.plusMillis(1);

            RunEnd end =
                    newRun(
                                    store,
                                    job,
                                    request -> {
                                        underWay.countDown();
                                        await(underWay);
                                        // Until the run has looked at its clock, most likely.
                                        LockSupport.parkNanos(Duration.ofMillis(1500).toNanos());
                                        return answer(request);
                                    },
                                    2,
                                    clock)
                            .run();

            assertThat(end).isEqualTo(new RunEnd.Finished());
            assertThat(state(job)).isEqualTo(new JobState.Finished());
        }

        @Test
        void and_says_so_while_it_is_there_so_that_nobody_takes_the_job_up_before()
                throws Exception {
            Job job = job(1, Optional.empty(), Optional.empty());
            var workers = new AtomicInteger(-1);
            JobStore watched =
                    changed(
                            JobStore.class,
                            store,
                            "transition",
                            (result, arguments) -> {
                                workers.set(store.workers(job.id()).size());
                                return result;
                            });

            newRun(
                            watched,
                            job,
                            request -> new AttemptOutcome.Blocked("Bad key.", LimitReport.NONE),
                            1,
                            InstantSource.system())
                    .run();

            assertThat(state(job)).isEqualTo(new JobState.Blocked("Bad key."));
            assertThat(workers).hasValue(1);
        }

        @Test
        void at_its_budget_which_is_never_passed() throws Exception {
            Job job = job(50, Optional.empty(), Optional.of(cost(10)));

            RunEnd end = run(job, JobRunTest::answer);

            assertThat(end).isInstanceOf(RunEnd.Stopped.class);
            assertThat(progress(job).cost()).isLessThanOrEqualTo(cost(10));
            assertThat(progress(job).succeeded()).as("%s", end).isBetween(1L, 10L);
        }

        @Test
        void at_its_budget_of_which_a_lost_answer_may_have_taken_all() throws Exception {
            long most = new TokenEstimator().estimate(request(1)).cautiousUsage().totalTokens();
            Job job = job(1, Optional.empty(), Optional.of(cost(2 * most - 1)));

            RunEnd end = run(job, request -> broken());

            assertThat(end).isInstanceOf(RunEnd.Stopped.class);
            assertThat(calls(1)).isEqualTo(1);
        }

        @Test
        void when_another_process_cancels_it() throws Exception {
            Job job = job(1, Optional.empty(), Optional.empty());
            var running = new CountDownLatch(1);
            FutureTask<RunEnd> run =
                    start(
                            job,
                            request -> {
                                running.countDown();
                                return throttled();
                            });
            running.await();

            assertThat(store.transition(job.id(), new JobState.Active(), new JobState.Cancelled()))
                    .isTrue();

            assertThat(run.get()).isEqualTo(new RunEnd.Cancelled());
            assertThat(state(job)).isEqualTo(new JobState.Cancelled());
        }

        @Test
        void when_another_process_that_works_on_it_ran_into_a_block() throws Exception {
            Job job = job(1, Optional.empty(), Optional.empty());
            var running = new CountDownLatch(1);
            FutureTask<RunEnd> run =
                    start(
                            job,
                            request -> {
                                running.countDown();
                                return throttled();
                            });
            running.await();
            var blocked = new JobState.Blocked("Quota.");

            assertThat(store.transition(job.id(), new JobState.Active(), blocked)).isTrue();

            assertThat(run.get()).isEqualTo(new RunEnd.Blocked("Quota."));
            assertThat(state(job)).isEqualTo(blocked);
        }
    }

    @Nested
    class Of_an_owner_with_a_budget {
        @Test
        void items_that_it_can_not_pay_for_fail_unsent_and_may_be_tried_again() throws Exception {
            store.accounts()
                    .cap("team", Optional.of(new SpendingCap(cost(30), SpendingCap.Period.TOTAL)));
            Job job = job(50, Optional.empty(), Optional.empty(), "team");

            assertThat(run(job, JobRunTest::answer)).isEqualTo(new RunEnd.Finished());

            Account account = store.accounts().find("team").orElseThrow();
            assertThat(account.spent()).isEqualTo(progress(job).cost());
            assertThat(account.spent()).isLessThanOrEqualTo(cost(30));
            assertThat(account.reserved()).isEqualTo(Cost.ZERO);
            long unsent = 50L - sent.size();
            assertThat(unsent).isPositive().isEqualTo(progress(job).failed());
            assertThat(answers(job).values())
                    .filteredOn(answer -> answer.contains("\"insufficient_quota\""))
                    .hasSize(Math.toIntExact(unsent));

            store.accounts().cap("team", Optional.empty());
            store.retryFailed(job.id());

            assertThat(run(job, JobRunTest::answer)).isEqualTo(new RunEnd.Finished());
            assertThat(progress(job).succeeded()).isEqualTo(50);
            assertThat(sent.values()).allSatisfy(calls -> assertThat(calls).hasValue(1));
        }
    }

    @Test
    void a_stopped_run_lets_the_calls_under_way_finish_and_the_next_run_does_the_rest()
            throws Exception {
        Job job = job(200, Optional.empty(), Optional.empty());
        var underWay = new CountDownLatch(4);
        var goOn = new CountDownLatch(1);
        JobRun first =
                newRun(
                        job,
                        request -> {
                            underWay.countDown();
                            await(goOn);
                            return answer(request);
                        },
                        4);
        var firstEnd = new FutureTask<>(first::run);
        Thread.ofVirtual().start(firstEnd);
        underWay.await();
        first.stop();
        goOn.countDown();

        assertThat(firstEnd.get()).isEqualTo(new RunEnd.Interrupted());
        assertThat(state(job)).isEqualTo(new JobState.Active());
        assertThat(progress(job).succeeded()).isEqualTo(4);

        assertThat(run(job, JobRunTest::answer)).isEqualTo(new RunEnd.Finished());
        assertThat(sent.values()).allSatisfy(calls -> assertThat(calls).hasValue(1));
    }

    @Test
    void two_runs_of_one_job_share_its_items() throws Exception {
        Job job = job(20_000, Optional.empty(), Optional.empty());
        try (JobStore other = open(InstantSource.system())) {
            FutureTask<RunEnd> here = start(job, JobRunTest::answer);
            var there =
                    new FutureTask<>(
                            newRun(other, job, JobRunTest::answer, 50, InstantSource.system())
                                    ::run);
            Thread.ofVirtual().start(there);

            assertThat(here.get()).isEqualTo(new RunEnd.Finished());
            assertThat(there.get()).isEqualTo(new RunEnd.Finished());
        }
        assertThat(progress(job).succeeded()).isEqualTo(20_000);
        assertThat(sent.values()).allSatisfy(calls -> assertThat(calls).hasValue(1));
    }

    @Test
    void a_run_that_was_suspended_makes_no_call_under_leases_that_it_lost() throws Exception {
        Job job = job(200, Optional.empty(), Optional.empty());
        var now = new AtomicReference<>(Instant.now());
        var underWay = new CountDownLatch(4);
        var wakeUp = new CountDownLatch(1);
        try (JobStore here = open(now::get);
                JobStore there = open(now::get);
                Worker other = there.openWorker(job.id())) {
            JobRun run =
                    newRun(
                            here,
                            job,
                            request -> {
                                underWay.countDown();
                                await(wakeUp);
                                return answer(request);
                            },
                            4,
                            now::get);
            var end = new FutureTask<>(run::run);
            Thread.ofVirtual().start(end);
            underWay.await();
            List<Lease> taken = List.of();
            while (taken.isEmpty()) { // Its heart may beat in between: it is not really suspended.
                now.updateAndGet(instant -> instant.plus(Worker.LEASE_TIME).plusMillis(1));
                taken = other.claim(Lane.LIVE, 10);
            }
            wakeUp.countDown();
            for (Lease lease : taken) {
                try (var pending = other.pending(lease)) {
                    for (Item item : pending.toList()) {
                        other.record(
                                lease,
                                item,
                                new Outcome.Succeeded(
                                        1,
                                        new Reply(200, "other", item.request().body()),
                                        Usage.NONE,
                                        Cost.ZERO));
                    }
                }
            }
            assertThat(end.get()).isEqualTo(new RunEnd.Finished());
        }
        assertThat(progress(job).succeeded()).isEqualTo(200);
        assertThat(sent).hasSize(4);
    }

    private JobStore open(InstantSource clock) {
        return JobStores.open(new StoreLocation.Sqlite(directory.resolve("jobs.db")), clock);
    }

    @Test
    void a_lease_that_is_lost_before_its_items_were_read_ends_no_run() throws Exception {
        Job job = job(2500, Optional.empty(), Optional.empty());
        var once = new AtomicInteger();
        JobStore losing =
                changed(
                        JobStore.class,
                        store,
                        "openWorker",
                        (opened, arguments) ->
                                changed(
                                        Worker.class,
                                        (Worker) opened,
                                        "pending",
                                        (items, lease) -> {
                                            if (once.getAndIncrement() > 0) {
                                                return items;
                                            }
                                            ((Stream<?>) items).close();
                                            ((Worker) opened).release((Lease) lease[0]);
                                            throw new LeaseLostException((Lease) lease[0]);
                                        }));

        assertThat(newRun(losing, job, JobRunTest::answer, 50, InstantSource.system()).run())
                .isEqualTo(new RunEnd.Finished());

        assertThat(progress(job).succeeded()).isEqualTo(2500);
    }

    @Test
    void what_its_caller_gave_up_while_it_stood_in_line_is_not_sent() throws Exception {
        Job job = job(2, Optional.empty(), Optional.empty());
        // Behind the second look the first one counts for sure.
        var looks = new CountDownLatch(2);
        JobStore watched =
                changed(
                        JobStore.class,
                        store,
                        "openWorker",
                        (opened, arguments) ->
                                changed(
                                        Worker.class,
                                        (Worker) opened,
                                        "unwanted",
                                        (unwanted, none) -> {
                                            if (!((Set<?>) unwanted).isEmpty()) {
                                                looks.countDown();
                                            }
                                            return unwanted;
                                        }));

        RunEnd end =
                newRun(
                                watched,
                                job,
                                request -> {
                                    store.calls().drop(job.id(), 2);
                                    await(looks);
                                    return answer(request);
                                },
                                1,
                                InstantSource.system())
                        .run();

        assertThat(end).isEqualTo(new RunEnd.Finished());
        assertThat(sent).containsOnlyKeys(1L);
        assertThat(results(job))
                .extracting(StoredResult::kind)
                .containsExactly(StoredResult.Kind.SUCCEEDED, StoredResult.Kind.FAILED);
    }

    private interface Then {
        Object of(Object result, Object[] arguments);
    }

    /** The real thing, but for what comes after one of its methods. */
    private static <T> T changed(Class<T> type, T real, String method, Then then) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, called, arguments) -> {
                            try {
                                Object result = called.invoke(real, arguments);
                                return called.getName().equals(method)
                                        ? then.of(result, arguments)
                                        : result;
                            } catch (InvocationTargetException e) {
                                throw e.getCause();
                            }
                        }));
    }

    private RunEnd run(Job job, Function<Request, AttemptOutcome> server)
            throws InterruptedException {
        return newRun(job, server, 50).run();
    }

    private FutureTask<RunEnd> start(Job job, Function<Request, AttemptOutcome> server) {
        var task = new FutureTask<>(newRun(job, server, 50)::run);
        Thread.ofVirtual().start(task);
        return task;
    }

    private JobRun newRun(Job job, Function<Request, AttemptOutcome> server, int concurrency) {
        return newRun(store, job, server, concurrency, InstantSource.system());
    }

    private JobRun newRun(
            JobStore in,
            Job job,
            Function<Request, AttemptOutcome> server,
            int concurrency,
            InstantSource clock) {
        var limits =
                new Limits(OptionalInt.of(concurrency), OptionalLong.empty(), OptionalLong.empty());
        var throttles = new Throttles((provider, model) -> limits, Timer.system(), new Random(7));
        LiveApi api =
                (request, timeout) -> {
                    sent.computeIfAbsent((long) number(request), n -> new AtomicInteger())
                            .incrementAndGet();
                    return server.apply(request);
                };
        var route =
                new LiveRoute(
                        api, throttles.of("scripted", "m"), usage -> cost(usage.totalTokens()));
        return new JobRun(
                in,
                job,
                concurrency,
                new Routes() {
                    @Override
                    public LiveRoute live(Request request) {
                        return route;
                    }

                    @Override
                    public Optional<BatchRoute> batch(String provider) {
                        return Optional.empty();
                    }
                },
                new TokenEstimator(),
                new RetryPolicy(
                        MAX_ATTEMPTS, new Backoff.Fixed(Duration.ofMillis(1)), new Random(7)),
                LanePolicy.STANDARD,
                clock,
                new Random(7),
                directory,
                choice -> {});
    }

    private Job job(int items, Optional<Instant> deadline, Optional<Cost> maxCost) {
        return job(items, deadline, maxCost, "");
    }

    private Job job(int items, Optional<Instant> deadline, Optional<Cost> maxCost, String owner) {
        var spec =
                new JobSpec(
                        "test",
                        "fingerprint",
                        "nowhere",
                        List.of(),
                        Map.of(),
                        Mode.LIVE,
                        new JobSpec.LiveSettings(
                                OptionalInt.empty(),
                                OptionalLong.empty(),
                                OptionalLong.empty(),
                                MAX_ATTEMPTS,
                                Duration.ofSeconds(30)),
                        JobSpec.BatchSettings.NONE,
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
        var body = RawJson.of("{\"max_tokens\":0,\"n\":" + n + "}");
        return new Request("scripted", "/v1/embeddings", "m", body);
    }

    /** What one token costs here is a millionth of a dollar; an item has ten of them at most. */
    private static Cost cost(long tokens) {
        return new Cost(A_DOLLAR.picoUsd() / 1_000_000 * tokens);
    }

    private static int number(Request request) {
        String body = request.body().toString();
        return Integer.parseInt(body.substring(body.lastIndexOf(':') + 1, body.length() - 1));
    }

    private int calls(long number) {
        return sent.getOrDefault(number, new AtomicInteger()).get();
    }

    private static AttemptOutcome answer(Request request) {
        return new AttemptOutcome.Success(
                new Reply(200, "r", request.body()), new Usage(1, 0, 0), LimitReport.NONE);
    }

    private static AttemptOutcome broken() {
        return new AttemptOutcome.Transient(
                new ItemError("connection_broken", "It broke."),
                Optional.empty(),
                false,
                Optional.empty(),
                Usage.NONE,
                LimitReport.NONE);
    }

    private static AttemptOutcome rejected() {
        return new AttemptOutcome.Rejected(
                new ItemError("invalid_value", "No."),
                new Reply(400, "r", RawJson.of("{\"error\":{}}")),
                LimitReport.NONE);
    }

    private static AttemptOutcome throttled() {
        return new AttemptOutcome.Throttled(
                Optional.of(Duration.ofMillis(5)),
                new ItemError("rate_limit_exceeded", "Slower."),
                LimitReport.NONE);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private JobState state(Job job) {
        return store.find(job.id()).orElseThrow().state();
    }

    private Progress progress(Job job) {
        return store.progress(job.id());
    }

    private List<StoredResult> results(Job job) {
        var all = new ArrayList<StoredResult>();
        try (Results results = store.results(job.id(), Selection.ALL)) {
            results.forEachRemaining(all::add);
        }
        return all;
    }

    private Map<Long, String> answers(Job job) {
        var answers = new ConcurrentHashMap<Long, String>();
        results(job)
                .forEach(result -> answers.put(result.item().seq(), result.answer().toString()));
        return answers;
    }
}
