package dev.batchwright.openai;

import static dev.batchwright.openai.Scene.chat;
import static dev.batchwright.openai.Scene.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.openai.client.OpenAIClient;
import com.openai.core.JsonValue;
import com.openai.errors.BadRequestException;
import com.openai.errors.OpenAIIoException;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.helpers.ResponseAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.moderations.ModerationCreateParams;
import com.openai.models.responses.ResponseCreateParams;

import dev.batchwright.collect.Call;
import dev.batchwright.collect.CollectorEvent;
import dev.batchwright.collect.NoAnswerException;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.BatchEntry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

@Timeout(120)
class BatchingTransportTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir Path directory;
    private Scene scene;

    @BeforeEach
    void open() {
        scene = new Scene(directory, o -> o);
    }

    /** With another provider than the usual. */
    private Scene open(UnaryOperator<SimulatorOptions.Builder> setting) {
        scene.close();
        scene = new Scene(directory, setting);
        return scene;
    }

    @AfterEach
    void close() {
        scene.close();
    }

    private List<Long> batchSizes() {
        return scene.server.bill().batches().stream().map(BatchEntry::requests).sorted().toList();
    }

    private static <T> List<T> atOnce(int calls, Function<Integer, T> call) {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> answers =
                    IntStream.range(0, calls)
                            .mapToObj(i -> threads.submit(() -> call.apply(i)))
                            .toList();
            var all = new ArrayList<T>();
            for (Future<T> answer : answers) {
                all.add(answer.get());
            }
            return all;
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void calls_of_one_window_travel_in_one_batch_and_each_gets_its_answer() {
        OpenAIClient client = scene.program(o -> o.batchWindow(Duration.ofMillis(500)));
        List<String> answers =
                atOnce(20, i -> text(client.chat().completions().create(chat("question " + i))));
        assertThat(answers)
                .isEqualTo(IntStream.range(0, 20).mapToObj(i -> "echo: question " + i).toList());
        assertThat(batchSizes()).containsExactly(20L);
        assertThat(scene.server.bill().executed()).isZero();
    }

    @Test
    void the_size_closes_a_group_before_its_window() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG).batchSize(10));
        atOnce(30, i -> text(client.chat().completions().create(chat("question " + i))));
        assertThat(batchSizes()).containsExactly(10L, 10L, 10L);
    }

    @Test
    void endpoints_and_models_are_mixed_and_the_planner_splits_them() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG).batchSize(4));
        var chat =
                CompletableFuture.supplyAsync(
                        () -> client.chat().completions().create(chat("one")));
        var response =
                CompletableFuture.supplyAsync(
                        () ->
                                client.responses()
                                        .create(
                                                ResponseCreateParams.builder()
                                                        .model("gpt-4o-mini")
                                                        .input("two")
                                                        .build()));
        var embedding =
                client.async()
                        .embeddings()
                        .create(
                                EmbeddingCreateParams.builder()
                                        .model("text-embedding-3-small")
                                        .input("three")
                                        .build());
        var moderation =
                client.async()
                        .moderations()
                        .create(
                                ModerationCreateParams.builder()
                                        .model("omni-moderation-latest")
                                        .input("four")
                                        .build());
        assertThat(text(chat.join())).isEqualTo("echo: one");
        assertThat(
                        response.join()
                                .output()
                                .getFirst()
                                .asMessage()
                                .content()
                                .getFirst()
                                .asOutputText()
                                .text())
                .isEqualTo("echo: two");
        assertThat(embedding.join().data().getFirst().embedding()).isNotEmpty();
        assertThat(moderation.join().results()).hasSize(1);
        assertThat(batchSizes()).containsExactly(1L, 1L, 1L, 1L);
    }

    @Test
    void asynchronous_calls_need_no_thread_of_their_own() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG).batchSize(50));
        List<CompletableFuture<ChatCompletion>> answers =
                IntStream.range(0, 50)
                        .mapToObj(i -> client.async().chat().completions().create(chat("q" + i)))
                        .toList();
        for (int i = 0; i < 50; i++) {
            assertThat(text(answers.get(i).join())).isEqualTo("echo: q" + i);
        }
        assertThat(batchSizes()).containsExactly(50L);
    }

    @Test
    void a_streamed_chat_is_one_stream_of_the_whole_answer() {
        OpenAIClient client = scene.program(o -> o);
        var accumulator = ChatCompletionAccumulator.create();
        var streamed =
                chat("stream me").toBuilder()
                        .n(2)
                        .streamOptions(
                                ChatCompletionStreamOptions.builder().includeUsage(true).build())
                        .build();
        try (var stream = client.chat().completions().createStreaming(streamed)) {
            stream.stream().forEach(accumulator::accumulate);
        }
        ChatCompletion completion = accumulator.chatCompletion();
        assertThat(completion.choices()).hasSize(2);
        assertThat(text(completion)).isEqualTo("echo: stream me");
        assertThat(completion.usage().orElseThrow().totalTokens()).isPositive();
        assertThat(batchSizes()).containsExactly(1L);
    }

    @Test
    void a_streamed_response_is_one_stream_of_the_whole_answer() {
        OpenAIClient client = scene.program(o -> o);
        var accumulator = ResponseAccumulator.create();
        try (var stream =
                client.responses()
                        .createStreaming(
                                ResponseCreateParams.builder()
                                        .model("gpt-4o-mini")
                                        .input("stream me")
                                        .build())) {
            stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
        }
        var message = accumulator.response().output().getFirst().asMessage();
        assertThat(message.content().getFirst().asOutputText().text()).isEqualTo("echo: stream me");
    }

    @Test
    void a_refusal_is_the_exception_of_its_status_and_hurts_no_other() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG).batchSize(2));
        var good = client.async().chat().completions().create(chat("good"));
        ChatCompletionCreateParams bad = chat("bad").toBuilder().n(0).build();
        assertThatThrownBy(() -> client.chat().completions().create(bad))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("400");
        assertThat(text(good.join())).isEqualTo("echo: good");
    }

    @Test
    void what_no_batch_carries_goes_straight_through() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG));
        assertThat(client.models().list().data()).isNotEmpty();
        var background =
                ResponseCreateParams.builder()
                        .model("gpt-4o-mini")
                        .input("later")
                        .putAdditionalBodyProperty("background", JsonValue.from(true))
                        .build();
        var answer = client.responses().create(background);
        assertThat(answer.id()).isNotEmpty();
        var withParameter = chat("now").toBuilder().putAdditionalQueryParam("trace", "1").build();
        assertThat(text(client.chat().completions().create(withParameter))).isEqualTo("echo: now");
        assertThat(batchSizes()).isEmpty();
    }

    @Test
    void a_restarted_program_gets_its_paid_answers() {
        OpenAIClient client = scene.program(o -> o);
        List<String> first = atOnce(5, i -> client.chat().completions().create(chat("q" + i)).id());
        scene.end();
        OpenAIClient again = scene.program(o -> o);
        List<String> second = atOnce(5, i -> again.chat().completions().create(chat("q" + i)).id());
        assertThat(second).isEqualTo(first);
        assertThat(scene.server.bill().executedInBatches()).isEqualTo(5);
        assertThat(scene.server.bill().executed()).isZero();
    }

    @Test
    void a_program_that_ended_too_early_finds_its_calls_under_way() {
        OpenAIClient client = open(o -> o.batchTime("60s").timeScale(20)).program(o -> o);
        var waiting = client.async().chat().completions().create(chat("slow"));
        awaitBatches(1);
        scene.end();
        assertThatThrownBy(waiting::join)
                .hasCauseInstanceOf(OpenAIIoException.class)
                .hasRootCauseInstanceOf(NoAnswerException.class)
                .hasMessageContaining("the same call made again gets it");
        OpenAIClient again = scene.program(o -> o);
        assertThat(text(again.chat().completions().create(chat("slow")))).isEqualTo("echo: slow");
        assertThat(batchSizes()).containsExactly(1L);
    }

    private void awaitBatches(int count) {
        while (scene.events.stream().filter(CollectorEvent.BatchSubmitted.class::isInstance).count()
                < count) {
            Thread.onSpinWait();
        }
    }

    @Test
    void samples_stay_distinct_and_each_is_found_again() {
        OpenAIClient client = scene.program(o -> o.batchWindow(LONG).batchSize(3));
        List<String> first =
                atOnce(3, i -> client.chat().completions().create(chat("sample")).id());
        assertThat(scene.server.bill().executedInBatches()).isEqualTo(3);
        scene.end();
        OpenAIClient again = scene.program(o -> o.batchWindow(LONG).batchSize(3));
        List<String> second =
                atOnce(3, i -> again.chat().completions().create(chat("sample")).id());
        assertThat(second).containsExactlyInAnyOrderElementsOf(first);
        assertThat(scene.server.bill().executedInBatches()).isEqualTo(3);
    }

    @Test
    void a_streamed_call_is_the_same_call() {
        OpenAIClient client = scene.program(o -> o);
        client.chat().completions().create(chat("same"));
        scene.end();
        OpenAIClient again = scene.program(o -> o);
        var accumulator = ChatCompletionAccumulator.create();
        try (var stream = again.chat().completions().createStreaming(chat("same"))) {
            stream.stream().forEach(accumulator::accumulate);
        }
        assertThat(text(accumulator.chatCompletion())).isEqualTo("echo: same");
        assertThat(scene.server.bill().executedInBatches()).isEqualTo(1);
    }

    @Test
    void a_deadline_ends_the_waiting_and_the_call_made_again_joins_it() {
        OpenAIClient client = open(o -> o.batchTime("60s").timeScale(20)).program(o -> o);
        ChatCompletionCreateParams hasty =
                chat("slow").toBuilder()
                        .putAdditionalHeader(Call.DEADLINE_HEADER, "1500ms")
                        .build();
        var late = client.async().chat().completions().create(hasty);
        assertThatThrownBy(late::join)
                .hasCauseInstanceOf(OpenAIIoException.class)
                .hasRootCauseInstanceOf(TimeoutException.class);
        assertThat(text(client.chat().completions().create(chat("slow")))).isEqualTo("echo: slow");
        assertThat(batchSizes()).containsExactly(1L);
    }

    @Test
    void a_line_that_the_provider_refuses_unheard_is_a_bad_request() {
        OpenAIClient client = scene.program(o -> o);
        assertThatThrownBy(
                        () ->
                                client.moderations()
                                        .create(
                                                ModerationCreateParams.builder()
                                                        .input("x")
                                                        .build()))
                .isInstanceOf(BadRequestException.class)
                .hasMessageContaining("Model parameter is required");
    }

    @Test
    void closing_keeps_batches_unless_they_are_to_be_cancelled() {
        OpenAIClient client =
                open(o -> o.batchTime("1000h").timeScale(2_000))
                        .program(o -> o.cancelOnClose(true));
        var waiting = client.async().chat().completions().create(chat("slow"));
        awaitBatches(1);
        scene.end();
        assertThatThrownBy(waiting::join).hasRootCauseInstanceOf(NoAnswerException.class);
        assertThat(scene.server.bill().batches().getFirst().state()).startsWith("cancel");
        assertThat(scene.events)
                .extracting(CollectorEvent::name)
                .contains("client_closing", "batch_cancel_requested", "batch_cancelled_upstream");
    }

    @Test
    void what_happens_to_a_batch_is_told() {
        OpenAIClient client = scene.program(o -> o.metadata("team", "red"));
        client.chat().completions().create(chat("told"));
        scene.end();
        assertThat(scene.events)
                .extracting(CollectorEvent::name)
                .containsSubsequence(
                        "batch_submitted", "batch_progress", "batch_completed", "client_closing");
        assertThat(scene.events.getFirst().toJson())
                .contains(
                        "\"event\":\"batch_submitted\"",
                        "\"metadata\":{\"team\":\"red\"}",
                        "\"request_count\":1");
        assertThat(scene.server.bill().batches().getFirst().metadata())
                .containsEntry("team", "red");
    }

    @Test
    void a_window_that_the_provider_does_not_offer_is_refused_and_nothing_is_sent() {
        OpenAIClient client = scene.program(o -> o.completionWindow(Duration.ofDays(2)));
        assertThatThrownBy(() -> client.chat().completions().create(chat("late")))
                .hasMessageContaining("takes a completion window of 24h only, not of 2d");
        assertThat(batchSizes()).isEmpty();
    }

    @Test
    void a_bad_key_ends_the_waiting_with_what_to_do() {
        open(o -> o.key("another"));
        OpenAIClient client = scene.program(o -> o);
        assertThatThrownBy(() -> client.chat().completions().create(chat("x")))
                .isInstanceOf(OpenAIIoException.class)
                .hasMessageContaining("OPENAI_API_KEY")
                .hasRootCauseInstanceOf(NoAnswerException.class);
    }
}
