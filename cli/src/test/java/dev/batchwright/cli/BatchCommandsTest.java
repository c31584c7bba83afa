package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The commands about batches, as a user types them. */
@Execution(ExecutionMode.CONCURRENT)
class BatchCommandsTest {
    @TempDir Path directory;

    private BatchScene scene(String provider, String... quirks) {
        return new BatchScene(
                directory,
                provider,
                20,
                1,
                builder -> {
                    List.of(quirks).forEach(builder::quirk);
                    return builder;
                });
    }

    private static String onlyBatch(BatchScene scene) {
        String id = scene.server().bill().batches().getFirst().id();
        return scene.provider().equals("gemini") ? "batches/" + id : id;
    }

    @Nested
    class Attach {
        private void attaches(String provider, boolean named) {
            try (var scene = scene(provider, "row-fails=400:first=1")) {
                // What made it is of no matter, once its job is gone.
                assertThat(scene.run().code()).isEqualTo(1);
                scene.user().types("delete", "last");

                var command =
                        new ArrayList<>(
                                List.of(
                                        "attach",
                                        onlyBatch(scene),
                                        "-o",
                                        "adopted.jsonl",
                                        "--errors",
                                        "errors.jsonl",
                                        "--poll-interval",
                                        "20ms"));
                if (named) {
                    command.addAll(List.of("-p", provider));
                }
                User.Answer answer = scene.user().types(command.toArray(String[]::new));

                assertThat(answer.err())
                        .contains(" of %s: 19 succeeded, 1 failed.".formatted(provider));
                assertThat(answer.code()).isEqualTo(1);
                assertThat(scene.user().reads("adopted.jsonl").lines())
                        .hasSize(19)
                        .allSatisfy(line -> assertThat(line).contains("question "))
                        .allSatisfy(line -> assertThat(line).contains("\"status_code\":200"));
                assertThat(scene.user().reads("errors.jsonl").lines()).hasSize(1);
                assertThat(scene.server().bill().executedTwiceAnywhere()).isZero();
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"openai", "anthropic", "gemini", "mistral"})
        void fetches_what_somebody_else_ordered(String provider) {
            attaches(provider, true);
        }

        @ParameterizedTest
        @ValueSource(strings = {"openai", "anthropic", "gemini", "mistral"})
        void finds_out_whose_it_is_by_itself(String provider) {
            attaches(provider, false);
        }

        @Test
        void waits_for_a_batch_that_runs() {
            try (var scene = scene("openai", "stuck=20s")) {
                var polled = scene.calls(1, "GET", "batches/");
                CompletableFuture<User.Answer> running = scene.starts();
                BatchScene.await(polled);

                User.Answer answer =
                        scene.user()
                                .types(
                                        "attach",
                                        onlyBatch(scene),
                                        "-p",
                                        "openai",
                                        "--poll-interval",
                                        "20ms");

                assertThat(answer.err())
                        .contains("Batch batch_")
                        .contains("20 succeeded, 0 failed.");
                assertThat(answer.outLines()).hasSize(20);
                assertThat(answer.code()).isZero();
                assertThat(running.join().code()).isZero();
            }
        }

        @Test
        void says_that_nobody_knows_it() {
            try (var scene = scene("openai")) {
                assertThat(scene.user().types("attach", "batch_x", "-p", "openai"))
                        .satisfies(lost -> assertThat(lost.code()).isEqualTo(3))
                        .satisfies(
                                lost ->
                                        assertThat(lost.err())
                                                .contains("openai does not know the batch batch_x")
                                                .contains("whose key is used"));
                assertThat(scene.user().types("attach", "batch_x"))
                        .satisfies(lost -> assertThat(lost.code()).isEqualTo(2))
                        .satisfies(
                                lost ->
                                        assertThat(lost.err())
                                                .contains("None of the providers whose key is set")
                                                .contains("openai"));
            }
        }
    }

    @Nested
    class Cancel {
        @Test
        void calls_batches_back_that_no_process_waits_for_any_more() {
            try (var scene = scene("openai", "poll-401:after=2:first=1", "stuck")) {
                // Its process ended, its batch goes on.
                assertThat(scene.run().code()).isEqualTo(3);
                assertThat(scene.user().types("status", "last").out()).contains("runs as batch_");

                User.Answer answer = scene.user().types("cancel", "last");

                assertThat(answer.code()).isZero();
                assertThat(answer.err())
                        .contains("Cancelling the batches of job")
                        .contains("is cancelled");
                assertThat(scene.server().bill().batches())
                        .singleElement()
                        .satisfies(batch -> assertThat(batch.state()).isEqualTo("cancelled"));
                assertThat(scene.user().types("cancel", "last").err())
                        .contains("is cancelled already");
            }
        }

        @Test
        void has_the_process_that_runs_the_job_call_them_back() {
            try (var scene = scene("anthropic", "stuck")) {
                var polled = scene.calls(2, "GET", "batches/");
                CompletableFuture<User.Answer> running = scene.starts();
                BatchScene.await(polled);

                assertThat(scene.user().types("status", "last").out())
                        .contains("batches    1: 0 over, 1 under way")
                        .contains("runs as msgbatch_")
                        .contains("reserved");
                assertThat(scene.user().types("cancel", "last").code()).isZero();

                assertThat(running.join().code()).isEqualTo(4);
                assertThat(scene.server().bill().executedInBatches()).isZero();
            }
        }
    }

    @Nested
    class Status {
        @Test
        void says_of_each_batch_where_it_is_what_it_waits_for_and_why_it_is_one() {
            try (var scene = new BatchScene(directory, "openai", 60, 400, b -> b.quirk("stuck"))) {
                // A third of the items fits into the queue.
                scene.user()
                        .writes(
                                "batchwright.yaml",
                                "providers: {openai: {batch_lag: 600ms, enqueued_tokens: 2500}}");
                var polled = scene.calls(2, "GET", "batches/");
                CompletableFuture<User.Answer> running = scene.starts();
                BatchScene.await(polled);

                assertThat(scene.user().types("status", "last").outLines())
                        .anySatisfy(line -> assertThat(line).contains(": runs as batch_"))
                        .anySatisfy(
                                line ->
                                        assertThat(line)
                                                .endsWith(
                                                        ": waits to be sent (waits for its turn in"
                                                            + " the provider's queue); in a batch:"
                                                            + " as asked for"))
                        .anySatisfy(
                                line ->
                                        assertThat(line)
                                                .contains("planned    60 requests of openai"));
                assertThat(scene.user().types("status", "last", "--json").out())
                        .contains("\"state\":\"running\"")
                        .contains("\"note\":\"waits for its turn in the provider's queue\"")
                        .contains("\"why_in_a_batch\":\"as asked for\"");

                scene.user().types("cancel", "last");
                assertThat(running.join().code()).isEqualTo(4);
            }
        }

        @Test
        void shows_what_each_lane_did_and_cost() {
            try (var scene = scene("openai", "row-fails=400:first=1")) {
                assertThat(scene.run().code()).isEqualTo(1);

                assertThat(scene.user().types("status", "last").outLines())
                        .anySatisfy(
                                line ->
                                        assertThat(line)
                                                .matches(" +batch +20 +20 +1 +1( +[$]\\S+){3}"));
                assertThat(scene.user().types("status", "last", "--json").out())
                        .contains(
                                "\"lanes\":{\"batch\":{\"items\":20,\"succeeded\":19,\"failed\":1,")
                        .contains("\"saved_usd\":0.0");
            }
        }
    }

    @Nested
    class Quarantine {
        private BatchScene quarantined(String... quirks) {
            var scene = scene("openai", quirks);
            User.Answer blocked = scene.run();
            assertThat(blocked.code()).as(blocked.err()).isEqualTo(3);
            return scene;
        }

        @Test
        void is_where_a_batch_goes_that_is_lost_each_time_it_is_created() {
            try (var scene = quarantined("create-500:first=3")) {
                String status = scene.user().types("status", "last").out();
                assertThat(status)
                        .contains("20 items are in quarantine")
                        .contains("in quarantine: whether openai has a batch `batchwright-")
                        .contains("batchwright attach ID --job job_")
                        .contains("batchwright retry job_");
                assertThat(scene.user().types("status", "last", "--json").out())
                        .contains("\"batches_in_quarantine\":1");
            }
        }

        @Test
        void ends_by_a_retry_that_sends_the_items_again() {
            try (var scene = quarantined("create-500:first=3")) {
                User.Answer answer = scene.user().types("retry", "last", "--quarantined");

                assertThat(answer.err()).contains("1 batch in quarantine is sent again");
                assertThat(answer.code()).isZero();
                assertThat(scene.server().bill().executedInBatches()).isEqualTo(20);
            }
        }

        @Test
        void ends_by_a_batch_that_the_user_found() {
            try (var scene =
                    quarantined("create-lost:first=1", "create-lag=1h", "create-500:first=2")) {
                scene.server().time().advance(Duration.ofHours(2));

                User.Answer answer =
                        scene.user().types("attach", onlyBatch(scene), "--job", "last");

                assertThat(answer.err()).contains("finished: 20 of 20 succeeded");
                assertThat(answer.code()).isZero();
                assertThat(scene.server().bill().executedTwiceAnywhere()).isZero();
                assertThat(scene.user().types("results", "last").outLines()).hasSize(20);
                assertThat(scene.user().types("attach", "batch_x", "--job", "last").err())
                        .contains("No batch of job")
                        .contains("is in quarantine");
            }
        }
    }
}
