package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.job.Mode;
import dev.batchwright.schema.Description;
import dev.batchwright.schema.Range;
import dev.batchwright.simulator.Provider;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A job returning a record, from end to end, on each API: its schema, its answers, its asking
 * again.
 */
@Timeout(180)
class TypedDialectsTest {
    private static final int ITEMS = 40;

    @TempDir Path directory;

    sealed interface Means {
        record Card(String number) implements Means {}

        record Transfer(String bank, Optional<String> reference) implements Means {}
    }

    private record Line(String article, @Range(min = 1, max = 99) int pieces) {}

    private record Order(
            @Description("As it is written") String title,
            List<Line> lines,
            Means means,
            Optional<Double> rebate) {}

    enum Api {
        CHAT("openai", "gpt-4o-mini"),
        RESPONSES("openai", "gpt-4o-mini"),
        MESSAGES("anthropic", "claude-haiku-4-5"),
        GENERATE_CONTENT("gemini", "gemini-2.5-flash");

        private final String provider;
        private final String model;

        Api(String provider, String model) {
            this.provider = provider;
            this.model = model;
        }

        Request request(String prompt) {
            return switch (this) {
                case CHAT -> Request.chat().maxTokens(600).user(prompt);
                case RESPONSES -> Request.responses().maxTokens(600).user(prompt);
                case MESSAGES -> Request.messages().maxTokens(600).user(prompt);
                case GENERATE_CONTENT -> Request.generateContent().maxTokens(600).user(prompt);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void answers_become_records_live(Api api) throws Exception {
        answersBecomeRecords(api, Mode.LIVE, directory.resolve("store.db").toString());
    }

    @ParameterizedTest
    @EnumSource
    void answers_become_records_in_batches(Api api) throws Exception {
        answersBecomeRecords(api, Mode.BATCH, directory.resolve("store.db").toString());
    }

    @Test
    void answers_become_records_in_a_postgresql_store_too() throws Exception {
        try (EmbeddedPostgres server = postgres()) {
            String store = server.getJdbcUrl("postgres", "postgres");
            answersBecomeRecords(Api.CHAT, Mode.LIVE, store);
            answersBecomeRecords(Api.MESSAGES, Mode.BATCH, store);
        }
    }

    private static EmbeddedPostgres postgres() throws IOException {
        try {
            return EmbeddedPostgres.builder().start();
        } catch (IllegalStateException e) {
            return abort("No PostgreSQL binaries for this platform: " + e.getMessage());
        }
    }

    private void answersBecomeRecords(Api api, Mode mode, String store) throws Exception {
        try (Simulator simulator =
                Simulator.start(
                        SimulatorOptions.builder()
                                .provider(Provider.parse(api.provider))
                                .eventLoops(1)
                                .timeScale(20)
                                .brokenAnswers("30%")
                                .build())) {
            Files.writeString(
                    directory.resolve("batchwright.yaml"),
                    "providers:\n  %s: {batch_lag: 600ms, base_url: \"%s\"}\n"
                            .formatted(api.provider, simulator.baseUrl()));
            try (Batchwright library =
                    Batchwright.builder()
                            .directory(directory)
                            .store(store)
                            .variable(api.provider.toUpperCase(Locale.ROOT) + "_API_KEY", "key")
                            .open()) {
                Job<Order> job = library.submit(orders(api, mode));
                JobStatus end = job.awaitFinished();

                assertThat(job.resultsInOrder())
                        .extracting(Result::customId)
                        .isEqualTo(IntStream.range(0, ITEMS).mapToObj(i -> "o" + i).toList());
                assertThat(end.asked().requests()).isBetween(2L, 40L);
                assertThat(job.succeeded().count()).isGreaterThan(ITEMS - 8);
                assertThat(job.succeeded())
                        .allSatisfy(ok -> assertThat(ok.value().title()).startsWith("echo: "));
                assertThat(job.failed())
                        .allSatisfy(
                                failed ->
                                        assertThat(failed.error().code())
                                                .isEqualTo("invalid_answer"));
                assertThat(simulator.bill().executedTwiceAnywhere()).isZero();
            }
        }
    }

    private static JobSpec<Order> orders(Api api, Mode mode) {
        return JobSpec.of("orders")
                .model(api.model)
                .provider(api.provider)
                .mode(mode)
                .pollInterval(Duration.ofMillis(20))
                .items(
                        IntStream.range(0, ITEMS).boxed().toList(),
                        number -> api.request("Order no. " + number).id("o" + number))
                .returning(Order.class);
    }
}
