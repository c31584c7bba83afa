package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Joined;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.answer.Reask;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Range;
import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.Bill;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/** Answers that have to fit a type, from a model that does not always give what is asked for. */
class TypedAnswersTest {
    @TempDir Path directory;
    private final List<AutoCloseable> open = new ArrayList<>();

    enum Urgency {
        LOW,
        HIGH
    }

    record Customer(String name, List<String> orders, Optional<String> phone) {}

    record Ticket(
            String title,
            Urgency urgency,
            @Range(min = 0, max = 1) double confidence,
            Customer customer,
            boolean angry) {}

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
    }

    private Simulator simulator(UnaryOperator<SimulatorOptions.Builder> setting)
            throws IOException {
        var simulator =
                Simulator.start(
                        setting.apply(
                                        SimulatorOptions.builder()
                                                .eventLoops(1)
                                                .timeScale(20)
                                                .price(100, 400))
                                .build());
        open.add(simulator);
        Files.writeString(
                directory.resolve("batchwright.yaml"),
                """
                providers:
                  openai: {batch_lag: 600ms, base_url: "%s"}
                prices:
                  openai:
                    gpt-4o-mini: {input: 100, output: 400, batch_input: 50, batch_output: 200}
                """
                        .formatted(simulator.baseUrl()));
        return simulator;
    }

    private Batchwright library() {
        var library =
                Batchwright.builder()
                        .directory(directory)
                        .store(directory.resolve("store.db"))
                        .variable("OPENAI_API_KEY", "right-key")
                        .open();
        open.add(library);
        return library;
    }

    private static List<Integer> numbers(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    private static String id(int number) {
        return "t" + number;
    }

    private static JobSpec<Ticket> tickets(String name, int count) {
        return JobSpec.of(name)
                .model("gpt-4o-mini")
                .provider("openai")
                .pollInterval(Duration.ofMillis(20))
                .items(
                        numbers(count),
                        number ->
                                Request.chat()
                                        .id(id(number))
                                        .user("Classify no. " + number)
                                        .maxTokens(400))
                .returning(Ticket.class);
    }

    private static <T> List<T> all(Iterable<T> elements) {
        return StreamSupport.stream(elements.spliterator(), false).toList();
    }

    /** What became of each item, each of which must be there once. */
    private static Map<String, String> outcomes(Iterable<? extends Result<Ticket>> results) {
        var outcomes = new HashMap<String, String>();
        for (Result<Ticket> result : results) {
            String outcome =
                    switch (result) {
                        case Result.Succeeded<Ticket> ok -> ok.value().toString();
                        case Result.Failed<Ticket> failed -> failed.error().toString();
                    };
            assertThat(outcomes.put(result.customId(), outcome)).as(result.customId()).isNull();
        }
        return outcomes;
    }

    /** All ways to the results tell the same; returns it. */
    private static Map<String, String> toldInEveryWay(Job<Ticket> job, int count) {
        Map<String, String> outcomes = outcomes(job.results());
        List<Result<Ticket>> inOrder = all(job.resultsInOrder());
        var now = new ArrayList<Result<Ticket>>(job.succeeded().toList());
        now.addAll(job.failed().toList());
        List<Result<Ticket>> joined =
                job.join(numbers(count), TypedAnswersTest::id)
                        .map(Joined::result)
                        .map(Optional::orElseThrow)
                        .toList();

        assertThat(inOrder)
                .extracting(Result::customId)
                .containsExactlyElementsOf(
                        numbers(count).stream().map(TypedAnswersTest::id).toList());
        assertThat(outcomes).isEqualTo(outcomes(inOrder));
        assertThat(outcomes(now)).isEqualTo(outcomes);
        assertThat(outcomes(joined)).isEqualTo(outcomes);
        return outcomes;
    }

    private static double billed(Bill bill) {
        return bill.price().live(bill.promptTokens(), bill.completionTokens())
                + bill.price().batch(bill.batchPromptTokens(), bill.batchCompletionTokens());
    }

    private static long executed(Bill bill) {
        return bill.executed() + bill.executedInBatches();
    }

    /** To be awaited: some items are being asked again. */
    private static CountDownLatch secondRound(Simulator simulator, Mode mode, int items) {
        var begun = new CountDownLatch(1);
        var calls = new AtomicInteger();
        int awaited = mode == Mode.LIVE ? items + 8 : 2;
        String path = mode == Mode.LIVE ? "/v1/chat/completions" : "/v1/batches";
        simulator.onCall(
                new CallListener() {
                    @Override
                    public void before(String method, String called) {}

                    @Override
                    public void answered(String method, String called) {
                        if (method.equals("POST")
                                && called.equals(path)
                                && calls.incrementAndGet() == awaited) {
                            begun.countDown();
                        }
                    }
                });
        return begun;
    }

    @ParameterizedTest
    @EnumSource(names = {"LIVE", "BATCH"})
    void
            of_a_thousand_answers_150_are_broken_and_each_item_is_valid_in_the_end_or_failed_with_a_reason(
                    Mode mode) throws Exception {
        Bill bill = simulator(options -> options.brokenAnswers("15%")).bill();
        Batchwright library = library();
        var told = new AtomicInteger();
        var toldInTheEnd = new CompletableFuture<Integer>();

        Job<Ticket> job =
                library.submit(
                        tickets("thousand", 1_000)
                                .mode(mode)
                                .onResult(result -> told.incrementAndGet())
                                .onCompletion(end -> toldInTheEnd.complete(told.get())));
        JobStatus end = job.awaitFinished();

        Map<String, String> outcomes = toldInEveryWay(job, 1_000);
        assertThat(outcomes).hasSize(1_000);
        assertThat(toldInTheEnd.get()).isEqualTo(1_000);
        assertThat(job.succeeded())
                .hasSizeGreaterThan(990)
                .allSatisfy(
                        ok ->
                                assertThat(ok.value().title())
                                        .matches(
                                                "echo: (Classify no. %s|Your answer (?s:.*))"
                                                        .formatted(ok.customId().substring(1))));
        assertThat(job.failed())
                .allSatisfy(
                        failed -> {
                            assertThat(failed.error().code()).isEqualTo("invalid_answer");
                            assertThat(failed.error().message()).contains("after 3 of 3 answers");
                            assertThat(failed.reply()).isPresent();
                        });
        // Prose around the JSON does not matter: about 112 are asked again, and 12 of them twice.
        assertThat(end.asked().requests()).isBetween(90L, 170L).isEqualTo(executed(bill) - 1_000);
        assertThat(end.progress().cost().usd().doubleValue()).isCloseTo(billed(bill), within(1e-6));
        assertThat(end.asked().cost()).isGreaterThan(Cost.ZERO);
        assertThat(end.asked().cost().usd().doubleValue()).isLessThan(billed(bill) / 3);
        assertThat(bill.executedTwiceAnywhere()).isZero();

        Job<Ticket> found = library.job(job.id()).orElseThrow().returning(Ticket.class);
        assertThat(toldInEveryWay(found, 1_000)).isEqualTo(outcomes);
        assertThat(found.status()).isEqualTo(end);
    }

    @Test
    void what_never_fits_has_failed_with_its_reason_and_its_last_answer() throws Exception {
        Bill bill = simulator(options -> options.brokenAnswers("100%")).bill();

        Job<Ticket> job = library().submit(tickets("hopeless", 60).mode(Mode.LIVE));
        JobStatus end = job.awaitFinished();

        assertThat(toldInEveryWay(job, 60)).hasSize(60);
        assertThat(job.failed())
                .hasSizeBetween(10, 40)
                .allSatisfy(
                        failed -> {
                            assertThat(failed.error().code()).isEqualTo("invalid_answer");
                            assertThat(failed.error().message()).isNotBlank();
                            assertThat(failed.reply().orElseThrow().text()).isNotBlank();
                        });
        assertThat(end.asked().requests()).isEqualTo(executed(bill) - 60);
    }

    /** What every answer fits that is JSON at all. */
    private record Anything(Optional<String> title) {}

    @Test
    void who_reads_the_answers_as_another_type_still_gets_each_item_once() throws Exception {
        simulator(options -> options.brokenAnswers("100%"));
        Batchwright library = library();
        Job<Ticket> job = library.submit(tickets("two types", 60).mode(Mode.LIVE));
        job.awaitFinished();

        Job<Anything> other = library.job(job.id()).orElseThrow().returning(Anything.class);

        List<String> ids = numbers(60).stream().map(TypedAnswersTest::id).toList();
        assertThat(other.results())
                .extracting(Result::customId)
                .containsExactlyInAnyOrderElementsOf(ids);
        assertThat(other.resultsInOrder()).extracting(Result::customId).isEqualTo(ids);
        assertThat(other.succeeded().count()).isGreaterThan(job.succeeded().count());
    }

    @ParameterizedTest
    @EnumSource(names = {"LIVE", "BATCH"})
    void a_restart_while_items_are_asked_again_pays_nothing_twice(Mode mode) throws Exception {
        Simulator simulator =
                simulator(options -> options.brokenAnswers("100%").latency("20ms").seed(3));
        CountDownLatch begun = secondRound(simulator, mode, 60);
        Function<Batchwright, Job<Ticket>> submit =
                library -> library.submit(tickets("restart", 60).mode(mode).concurrency(4));
        Batchwright first = library();
        String id = submit.apply(first).id();
        BatchScene.await(begun);
        first.close();

        Batchwright second = library();
        assertThat(second.job(id).orElseThrow().status().state())
                .isEqualTo(JobStatus.State.RUNNING);
        Job<Ticket> job = submit.apply(second);
        JobStatus end = job.awaitFinished();

        assertThat(job.id()).isEqualTo(id);
        assertThat(toldInEveryWay(job, 60)).hasSize(60);
        assertThat(simulator.bill().executedTwiceAnywhere()).isZero();
        assertThat(end.asked().requests()).isEqualTo(executed(simulator.bill()) - 60);
    }

    @ParameterizedTest
    @EnumSource(names = {"LIVE", "BATCH"})
    void cancelled_while_items_are_asked_again_each_has_the_answer_that_it_had(Mode mode)
            throws Exception {
        Simulator simulator =
                simulator(
                        options -> options.brokenAnswers("100%").latency("20ms").batchTime("20s"));
        CountDownLatch begun = secondRound(simulator, mode, 60);
        Job<Ticket> job = library().submit(tickets("cancelled", 60).mode(mode).concurrency(4));
        BatchScene.await(begun);

        job.cancel();

        assertThat(job.await().state()).isEqualTo(JobStatus.State.CANCELLED);
        assertThat(toldInEveryWay(job, 60)).hasSize(60);
        assertThat(job.failed())
                .isNotEmpty()
                .allSatisfy(
                        failed -> {
                            assertThat(failed.error().code()).isEqualTo("invalid_answer");
                            assertThat(failed.reply()).isPresent();
                        });

        job.resume();
        JobStatus end = job.awaitFinished();
        assertThat(toldInEveryWay(job, 60)).hasSize(60);
        assertThat(end.asked().requests()).isGreaterThanOrEqualTo(30);
    }

    @Test
    void where_the_cap_leaves_no_room_to_ask_again_answers_stay_invalid() throws Exception {
        Bill bill = simulator(options -> options.brokenAnswers("100%")).bill();
        Batchwright library = library();
        JobStatus once =
                library.submit(tickets("once", 60).mode(Mode.LIVE).asking(new Reask(1, 1_000)))
                        .awaitFinished();
        double most = once.progress().cost().usd().doubleValue() + 0.25;

        Job<Ticket> job =
                library.submit(
                        tickets("capped", 60)
                                .mode(Mode.LIVE)
                                .concurrency(1)
                                .maxCost("%.4f".formatted(most)));
        JobStatus end = job.await();

        assertThat(end.state()).isEqualTo(JobStatus.State.STOPPED);
        assertThat(end.problem()).isPresent();
        assertThat(end.progress().cost().usd().doubleValue()).isLessThanOrEqualTo(most);
        assertThat(executed(bill)).isLessThan(60 + 60 + 20);
        assertThat(toldInEveryWay(job, 60)).hasSize(60);
        assertThat(job.failed())
                .hasSizeGreaterThan(25)
                .allSatisfy(
                        failed -> {
                            assertThat(failed.error().code()).isEqualTo("invalid_answer");
                            assertThat(failed.reply()).isPresent();
                        });
    }
}
