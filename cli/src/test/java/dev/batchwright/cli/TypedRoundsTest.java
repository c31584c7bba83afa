package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.Batchwright;
import dev.batchwright.InvalidJobException;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.answer.Reask;
import dev.batchwright.job.Mode;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What may happen between and behind the rounds in which a job asks again. */
@Timeout(120)
class TypedRoundsTest {
    private static final int ITEMS = 60;
    private static final String INVALID = "invalid_answer";

    @TempDir Path directory;
    private final List<AutoCloseable> open = new ArrayList<>();

    private record Ticket(String title, int urgency, boolean angry) {}

    /** What every answer fits that is JSON at all. */
    private record Anything(Optional<String> title) {}

    /** What no answer fits. */
    private record Other(String nothingOfThis) {}

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
                        setting.apply(SimulatorOptions.builder().eventLoops(1).timeScale(20))
                                .build());
        open.add(simulator);
        Files.writeString(
                directory.resolve("batchwright.yaml"),
                """
                providers:
                  openai: {base_url: "%s"}
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

    private static String id(int number) {
        return "t" + number;
    }

    private static JobSpec<Ticket> tickets() {
        return JobSpec.of("tickets")
                .model("gpt-4o-mini")
                .provider("openai")
                .mode(Mode.LIVE)
                .items(
                        IntStream.range(0, ITEMS).boxed().toList(),
                        number ->
                                Request.chat()
                                        .id(id(number))
                                        .user("Classify no. " + number)
                                        .maxTokens(400))
                .returning(Ticket.class);
    }

    private static long executed(Simulator simulator) {
        return simulator.bill().executed() + simulator.bill().executedInBatches();
    }

    private static <T> Map<String, String> outcomes(Stream<? extends Result<T>> results) {
        var outcomes = new HashMap<String, String>();
        results.forEach(
                result -> {
                    String outcome =
                            switch (result) {
                                case Result.Succeeded<T> ok -> String.valueOf(ok.value());
                                case Result.Failed<T> failed -> failed.error().toString();
                            };
                    assertThat(outcomes.put(result.customId(), outcome))
                            .as(result.customId())
                            .isNull();
                });
        return outcomes;
    }

    /** All ways to the results tell the same; returns it. */
    private static <T> Map<String, String> toldInEveryWay(Job<T> job) {
        Map<String, String> outcomes = outcomes(job.stream());
        assertThat(outcomes).hasSize(ITEMS);
        assertThat(job.resultsInOrder())
                .extracting(Result::customId)
                .containsExactlyElementsOf(
                        IntStream.range(0, ITEMS).mapToObj(TypedRoundsTest::id).toList());
        var inOrder = new ArrayList<Result<T>>();
        job.resultsInOrder().forEach(inOrder::add);
        assertThat(outcomes(inOrder.stream())).isEqualTo(outcomes);
        assertThat(outcomes(Stream.<Result<T>>concat(job.succeeded(), job.failed())))
                .isEqualTo(outcomes);
        return outcomes;
    }

    private static long refused(Job<?> job) {
        return job.failed().filter(failed -> !failed.error().code().equals(INVALID)).count();
    }

    @Test
    void what_failed_in_any_round_is_tried_again_and_asked_again_if_its_answer_does_not_fit()
            throws Exception {
        Simulator simulator =
                simulator(options -> options.brokenAnswers("60%").fault("400:30% first=1"));
        Job<Ticket> job = library().submit(tickets());
        job.awaitFinished();
        long failed = refused(job);
        assertThat(failed).isBetween(5L, 40L);

        int times = 0;
        while (failed > 0) {
            assertThat(job.retryFailed()).isEqualTo(failed);
            assertThat(job.status().state()).isEqualTo(JobStatus.State.RUNNING);
            job.awaitFinished();
            toldInEveryWay(job);
            failed = refused(job);
            times++;
        }

        assertThat(times).isGreaterThan(1);
        assertThat(job.retryFailed()).isZero();
        // Each was answered up to three times, however it came to that.
        assertThat(job.failed())
                .allSatisfy(
                        it -> assertThat(it.error().message()).contains("after 3 of 3 answers"));
        assertThat(job.succeeded().count()).isGreaterThan(ITEMS / 2);
        assertThat(simulator.bill().executedTwiceAnywhere()).isZero();

        // Who reads it as it is gets each item once, too, and the same as after a restart.
        Job<String> asText = library().job(job.id()).orElseThrow();
        assertThat(toldInEveryWay(asText)).hasSize(ITEMS);
        assertThat(toldInEveryWay(asText.returning(Ticket.class))).isEqualTo(toldInEveryWay(job));
    }

    @Test
    void nothing_is_tried_again_while_the_job_goes_on() throws Exception {
        simulator(options -> options.latency("200ms"));
        Job<Ticket> job = library().submit(tickets().concurrency(1));
        assertThat(job.stream().findFirst()).isPresent();
        assertThatThrownBy(job::retryFailed).isInstanceOf(InvalidJobException.class);
        job.cancel();
    }

    @Test
    void a_job_that_is_cancelled_between_two_rounds_does_not_ask_again_until_it_is_resumed()
            throws Exception {
        Simulator simulator = simulator(options -> options.brokenAnswers("100%"));
        Batchwright library = library();
        // One that never asks again leaves the job as it is between two rounds.
        Job<Ticket> once = library.submit(tickets().asking(new Reask(1, 1_000)));
        once.awaitFinished();
        Job<Ticket> job = library.job(once.id()).orElseThrow().returning(Ticket.class);

        job.cancel();

        assertThat(job.await().state()).isEqualTo(JobStatus.State.CANCELLED);
        assertThat(toldInEveryWay(job)).hasSize(ITEMS);
        assertThat(executed(simulator)).isEqualTo(ITEMS);

        job.resume();
        assertThat(job.awaitFinished().asked().requests()).isPositive();
        assertThat(executed(simulator)).isGreaterThan(ITEMS);
        assertThat(toldInEveryWay(job)).hasSize(ITEMS);
    }

    @Test
    void a_finished_job_whose_answers_fit_stays_finished_when_it_is_cancelled() throws Exception {
        simulator(options -> options);
        Job<Ticket> job = library().submit(tickets());
        job.awaitFinished();
        job.cancel();
        assertThat(job.status().state()).isEqualTo(JobStatus.State.FINISHED);
    }

    @Test
    void who_waits_with_another_type_asks_for_that_one_and_the_first_keeps_its_answers()
            throws Exception {
        Simulator simulator = simulator(options -> options);
        Batchwright library = library();
        Job<Ticket> job = library.submit(tickets());
        job.awaitFinished();
        Map<String, String> before = toldInEveryWay(job);

        // A type that all answers fit costs nothing.
        Job<Anything> looser = library.job(job.id()).orElseThrow().returning(Anything.class);
        looser.awaitFinished();
        assertThat(toldInEveryWay(looser)).hasSize(ITEMS);
        assertThat(looser.failed()).isEmpty();
        assertThat(executed(simulator)).isEqualTo(ITEMS);

        Job<Other> stricter = library.job(job.id()).orElseThrow().returning(Other.class);
        JobStatus end = stricter.awaitFinished();
        assertThat(toldInEveryWay(stricter)).hasSize(ITEMS);
        assertThat(stricter.failed())
                .hasSize(ITEMS)
                .allSatisfy(
                        it -> assertThat(it.error().message()).contains("after 3 of 3 answers"));
        assertThat(end.asked().requests()).isEqualTo(2L * ITEMS);
        assertThat(toldInEveryWay(job)).isEqualTo(before);
    }
}
