package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;
import dev.batchwright.store.JobStores;
import dev.batchwright.store.StoreLocation;
import dev.batchwright.workbench.RefusedException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** A collector on the echo provider, which has no batches: its calls travel live. */
@Timeout(60)
class CollectorTest {
    private static final String CHAT = "/v1/chat/completions";

    @TempDir Path directory;

    private Collector open(UnaryOperator<CollectorOptions.Builder> setting) {
        return Collector.open(
                setting.apply(
                                CollectorOptions.builder()
                                        .provider("echo")
                                        .mode(Mode.LIVE)
                                        .store(directory.resolve("store.db").toString())
                                        .batchWindow(Duration.ofMillis(50)))
                        .build(),
                Map.of());
    }

    private static Call chat(String prompt, String more) {
        return Call.of(
                CHAT,
                RawJson.of(
                        "{\"model\":\"echo\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}"
                                .formatted(prompt, more)));
    }

    private static String said(CollectedAnswer answer) {
        return answer.body().toString();
    }

    @Test
    void each_call_gets_its_own_answer() {
        try (Collector collector = open(o -> o)) {
            List<CompletableFuture<CollectedAnswer>> answers =
                    IntStream.range(0, 100)
                            .mapToObj(i -> collector.submit(chat("question <" + i + ">", "")))
                            .toList();
            for (int i = 0; i < 100; i++) {
                CollectedAnswer answer = answers.get(i).join();
                assertThat(answer.status()).isEqualTo(200);
                assertThat(said(answer)).contains("question <" + i + ">");
            }
            assertThat(collector.waiting()).isZero();
        }
    }

    @Test
    void a_stream_is_the_same_call_told_otherwise() {
        try (Collector collector = open(o -> o)) {
            CollectedAnswer answer =
                    collector
                            .submit(
                                    chat(
                                            "hello",
                                            ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                            .join();
            assertThat(answer.contentType()).startsWith("text/event-stream");
            assertThat(new String(answer.content(), StandardCharsets.UTF_8))
                    .contains("chat.completion.chunk", "\"usage\":{", "data: [DONE]");
        }
        try (Collector collector = open(o -> o)) {
            CollectedAnswer answer = collector.submit(chat("hello", "")).join();
            assertThat(answer.contentType()).isEqualTo("application/json");
        }
        assertThat(jobs()).isEqualTo(1);
    }

    private int jobs() {
        var location = new StoreLocation.Sqlite(directory.resolve("store.db"));
        try (var store = JobStores.open(location, Clock.systemUTC())) {
            return store.jobs(99).size();
        }
    }

    @Test
    void scopes_share_no_answers() {
        for (String scope : List.of("one", "two", "one")) {
            try (Collector collector = open(o -> o.scope(scope))) {
                collector.submit(chat("hello", "")).join();
            }
        }
        assertThat(jobs()).isEqualTo(2);
    }

    @Test
    void answers_are_not_reused_when_their_time_is_over() {
        for (int i = 0; i < 2; i++) {
            try (Collector collector = open(o -> o.reuse(Duration.ZERO))) {
                collector.submit(chat("hello", "")).join();
            }
        }
        assertThat(jobs()).isEqualTo(2);
    }

    @Test
    void what_is_no_request_is_refused_in_the_words_of_its_api() {
        try (Collector collector = open(o -> o)) {
            CollectedAnswer chat = collector.submit(Call.of(CHAT, RawJson.of("[1]"))).join();
            assertThat(chat.status()).isEqualTo(400);
            assertThat(said(chat))
                    .contains("\"error\":{\"message\":", "invalid_request_error", "invalid_json");
            CollectedAnswer message =
                    collector.submit(Call.of("/v1/messages", RawJson.of("{\"a\":"))).join();
            assertThat(said(message)).contains("\"type\":\"error\"", "not valid JSON");
        }
    }

    @Test
    void a_model_of_nobody_is_refused_and_hurts_no_other() {
        try (Collector collector =
                Collector.open(
                        CollectorOptions.builder()
                                .mode(Mode.LIVE)
                                .store(directory.resolve("store.db").toString())
                                .batchWindow(Duration.ofMillis(50))
                                .build(),
                        Map.of())) {
            var unknown =
                    collector.submit(
                            Call.of(CHAT, RawJson.of("{\"model\":\"nobodys\",\"messages\":[{}]}")));
            var good = collector.submit(chat("hello", ""));
            assertThat(unknown.join().status()).isEqualTo(404);
            assertThat(said(unknown.join())).contains("nobodys");
            assertThat(good.join().status()).isEqualTo(200);
        }
    }

    @Test
    void closing_ends_the_waiting_of_calls_that_were_not_sent() {
        CompletableFuture<CollectedAnswer> waiting;
        Collector collector = open(o -> o.batchWindow(Duration.ofHours(1)));
        waiting = collector.submit(chat("hello", ""));
        assertThat(collector.isTaking()).isTrue();
        collector.close();
        collector.close();
        assertThat(collector.isTaking()).isFalse();
        assertThatThrownBy(waiting::join)
                .hasRootCauseInstanceOf(NoAnswerException.class)
                .hasMessageContaining("cost nothing");
        assertThatThrownBy(() -> collector.submit(chat("hello", "")).join())
                .hasRootCauseInstanceOf(NoAnswerException.class);
        assertThat(jobs()).isZero();
    }

    @Test
    void a_listener_that_fails_disturbs_nothing() {
        try (Collector collector =
                open(
                        o ->
                                o.listener(
                                        event -> {
                                            throw new IllegalStateException("not mine");
                                        }))) {
            assertThat(collector.submit(chat("hello", "")).join().status()).isEqualTo(200);
        }
    }

    @Test
    void a_provider_that_cannot_be_reached_is_told_at_once() {
        assertThatThrownBy(() -> open(o -> o.provider("openai")).close())
                .isInstanceOf(RefusedException.class)
                .hasMessageContaining("OPENAI_API_KEY");
    }

    @Test
    void a_call_that_no_batch_can_carry_is_refused_where_batches_are_asked_for() {
        try (Collector collector = open(o -> o.mode(Mode.BATCH))) {
            CollectedAnswer answer = collector.submit(chat("hello", "")).join();
            assertThat(answer.status()).isEqualTo(400);
            assertThat(said(answer)).contains("has no batch API", "mode auto or live");
        }
    }
}
