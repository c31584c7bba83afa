package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.bill.Bill;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/** What is spent, in money and time: never more than the user allowed. */
@Execution(ExecutionMode.CONCURRENT)
class SpendingTest {
    private static final double INPUT = 100;
    private static final double OUTPUT = 400;

    @TempDir Path directory;

    private static void prices(BatchScene scene, String more) {
        scene.user()
                .writes(
                        "batchwright.yaml",
                        """
                        %s
                        providers:
                          openai: {batch_lag: 600ms}
                        prices:
                          openai:
                            gpt-4o-mini: {input: 100, output: 400, batch_input: 50, batch_output: 200}
                        """
                                .formatted(more));
    }

    private static double billed(Bill bill) {
        return bill.price().live(bill.promptTokens(), bill.completionTokens())
                + bill.price().batch(bill.batchPromptTokens(), bill.batchCompletionTokens());
    }

    /** A line with random text and a random cap on its answer. */
    private static String request(Random chance, int number) {
        return "{\"messages\": [{\"role\": \"user\", \"content\": \"%d %s\"}], \"max_tokens\": %d}\n"
                .formatted(number, "word ".repeat(1 + chance.nextInt(60)), 1 + chance.nextInt(80));
    }

    /** 25 runs against each of these providers. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "row-fails=500:10%",
                "row-missing:20%",
                "row-garbled:5%",
                "fail=13:30%",
                "create-lost:20%",
                "create-500:10%",
                "row-fails=429:30%"
            })
    void a_cap_is_a_cap_whatever_happens(String quirk) {
        try (var scene =
                new BatchScene(
                        directory,
                        "openai",
                        1,
                        1,
                        builder -> {
                            builder.price(INPUT, OUTPUT).timeScale(200).fault("500:5%");
                            return quirk.isEmpty() ? builder : builder.quirk(quirk);
                        })) {
            prices(scene, "");
            for (int seed = 0; seed < 25; seed++) {
                capped(scene, seed);
            }
        }
    }

    private static void capped(BatchScene scene, int seed) {
        var chance = new Random(seed);
        int items = 1 + chance.nextInt(40);
        var rows = new StringBuilder();
        for (int i = 0; i < items; i++) {
            rows.append(request(chance, i));
        }
        // From too little for one to enough for all.
        BigDecimal cap =
                BigDecimal.valueOf(0.002 + items * 0.025 * chance.nextDouble())
                        .setScale(4, RoundingMode.UP);
        scene.user().writes("rows.jsonl", rows.toString());
        scene.server().bill().reset();

        User.Answer answer =
                scene.run(
                        "--mode",
                        chance.nextBoolean() ? "live" : "batch",
                        "--max-cost",
                        cap.toPlainString(),
                        "--max-attempts",
                        "3");

        assertThat(billed(scene.server().bill()))
                .as("seed %d: %s", seed, answer.err())
                .isLessThanOrEqualTo(cap.doubleValue());
        assertThat(answer.code())
                .as("seed %d: %s", seed, answer.err())
                .isIn(answer.err().contains("items left") ? List.of(5) : List.of(0, 1));
    }

    @Test
    void a_batch_that_hangs_is_called_back_so_that_its_items_end_live_before_the_deadline() {
        try (var scene =
                new BatchScene(
                        directory,
                        "openai",
                        300,
                        1,
                        builder -> builder.batchTime("100m").price(INPUT, OUTPUT))) {
            prices(scene, "defaults: {shortest_batch: 5s}");
            long began = System.nanoTime();
            var polled = scene.calls(2, "GET", "batches/");
            CompletableFuture<User.Answer> running =
                    scene.starts("--mode", "auto", "--deadline", "20s", "--concurrency", "300");
            BatchScene.await(polled);
            // A third is done when the provider begins to hang.
            var cancelled = scene.calls(1, "POST", "cancel");
            scene.server().time().advance(Duration.ofMinutes(33));
            BatchScene.await(cancelled);
            scene.server().time().advance(Duration.ofHours(1));

            User.Answer answer = running.join();

            assertThat(answer.code()).as(answer.err()).isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .isLessThan(Duration.ofSeconds(20));
            Bill bill = scene.server().bill();
            assertThat(bill.executedInBatches()).isBetween(90L, 130L);
            assertThat(bill.executed()).isEqualTo(300 - bill.executedInBatches());
            assertThat(bill.executedTwiceAnywhere()).isZero();
            assertThat(scene.user().reads("out.jsonl").lines()).hasSize(300);
        }
    }

    @Test
    void two_jobs_share_a_queue_that_is_too_small_for_either() {
        try (var scene =
                new BatchScene(
                        directory,
                        "openai",
                        60,
                        400,
                        builder -> builder.enqueuedTokens(2_500).batchTime("4s"))) {
            scene.user()
                    .writes(
                            "batchwright.yaml",
                            "providers:\n  openai: {batch_lag: 600ms, enqueued_tokens: 2500}\n")
                    .writes("other.jsonl", BatchScene.rows(60, 401));

            CompletableFuture<User.Answer> one = scene.starts();
            CompletableFuture<User.Answer> other =
                    CompletableFuture.supplyAsync(
                            () ->
                                    scene.user()
                                            .types(
                                                    "run",
                                                    "other.jsonl",
                                                    "-p",
                                                    "openai",
                                                    "-m",
                                                    "gpt-4o-mini",
                                                    "--mode",
                                                    "batch",
                                                    "--poll-interval",
                                                    "20ms",
                                                    "--base-url",
                                                    scene.server().baseUrl()),
                            task -> Thread.ofPlatform().daemon().start(task));

            assertThat(one.join().code()).as(one.join().err()).isZero();
            assertThat(other.join().code()).as(other.join().err()).isZero();
            assertThat(scene.server().bill().executedInBatches()).isEqualTo(120);
            assertThat(scene.server().bill().executedTwiceAnywhere()).isZero();
            // However close together they look for room: the provider has to send nobody away.
            assertThat(scene.server().bill().batches())
                    .filteredOn(batch -> !batch.state().equals("completed"))
                    .isEmpty();
        }
    }
}
