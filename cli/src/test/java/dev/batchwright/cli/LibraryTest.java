package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.Batch;
import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.job.Mode;
import dev.batchwright.simulator.CallListener;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.BatchEntry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** The library in front of a provider that keeps a bill. */
@Timeout(60)
class LibraryTest {
    @TempDir Path directory;
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
    }

    private Simulator simulator(UnaryOperator<SimulatorOptions.Builder> setting) {
        var simulator =
                Simulator.start(
                        setting.apply(SimulatorOptions.builder().eventLoops(1).timeScale(20))
                                .build());
        open.add(simulator);
        return simulator;
    }

    /** A program, so to say; all of them have one store. */
    private Batchwright program() {
        var library =
                Batchwright.builder()
                        .directory(directory)
                        .store(directory.resolve("store.db"))
                        .variable("OPENAI_API_KEY", "right-key")
                        .open();
        open.add(library);
        return library;
    }

    private static JobSpec<String> questions(Simulator simulator, int count) {
        return JobSpec.of("questions")
                .model("gpt-4o-mini")
                .provider("openai")
                .baseUrl(simulator.baseUrl())
                .pollInterval(Duration.ofMillis(20))
                .items(
                        IntStream.range(0, count).boxed().toList(),
                        i -> Request.chat().id("q" + i).user("question " + i));
    }

    @Test
    void what_a_job_is_called_goes_along_with_its_batches_and_they_are_known_by_their_names()
            throws Exception {
        Simulator simulator = simulator(options -> options);

        Job<String> job =
                program()
                        .submit(
                                questions(simulator, 3)
                                        .mode(Mode.BATCH)
                                        .description("For the blog")
                                        .tags("blog", "May")
                                        .metadata("team", "web"));
        job.awaitFinished();

        BatchEntry ordered = simulator.bill().batches().getFirst();
        assertThat(ordered.metadata())
                .containsEntry("description", "For the blog")
                .containsEntry("tags", "blog,May")
                .containsEntry("team", "web");
        assertThat(job.batches())
                .singleElement()
                .satisfies(
                        batch -> {
                            assertThat(batch.provider()).isEqualTo("openai");
                            assertThat(batch.id()).contains(ordered.id());
                            assertThat(batch.endpoint()).isEqualTo("/v1/chat/completions");
                            assertThat(batch.state()).isEqualTo(Batch.State.SETTLED);
                            assertThat(batch.done()).isEqualTo(batch.items()).isEqualTo(3);
                            assertThat(batch.failed()).isZero();
                        });
    }

    @Test
    void two_programs_share_a_job_of_one_store_and_one_goes_on_when_the_other_ends()
            throws Exception {
        Simulator simulator = simulator(options -> options.latency("20ms").timeScale(1));
        CountDownLatch begun = answered(simulator, 20);
        Batchwright first = program();
        Batchwright second = program();
        String id = first.submit(questions(simulator, 120).mode(Mode.LIVE).concurrency(4)).id();
        Job<String> watched = second.job(id).orElseThrow();
        CompletableFuture<JobStatus> end = watched.completion();

        BatchScene.await(begun);
        first.close();
        assertThat(watched.progress().pending()).isPositive();

        assertThat(watched.results())
                .hasSize(120)
                .allSatisfy(
                        result ->
                                assertThat(result.orThrow())
                                        .isEqualTo(
                                                "echo: question "
                                                        + result.customId().substring(1)));
        assertThat(end.get().state()).isEqualTo(JobStatus.State.FINISHED);
        assertThat(simulator.bill().executed()).isEqualTo(120);
        assertThat(simulator.bill().executedTwice()).isZero();
    }

    private static CountDownLatch answered(Simulator simulator, int calls) {
        var seen = new CountDownLatch(calls);
        simulator.onCall(
                new CallListener() {
                    @Override
                    public void before(String method, String path) {}

                    @Override
                    public void answered(String method, String path) {
                        seen.countDown();
                    }
                });
        return seen;
    }
}
