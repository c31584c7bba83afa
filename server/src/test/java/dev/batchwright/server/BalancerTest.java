package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.batchwright.job.Mode;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.workbench.Way;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Two servers on one PostgreSQL, as behind a load balancer: it does not matter who is asked. */
@Timeout(120)
class BalancerTest {
    private static final int ITEMS = 20;
    private static final String CHAT = "/v1/chat/completions";
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static @Nullable EmbeddedPostgres database;

    @TempDir Path directory;
    private final Simulator provider =
            Simulator.start(
                    SimulatorOptions.builder()
                            .key("sk-test")
                            .eventLoops(1)
                            .timeScale(50)
                            .batchTime("10m")
                            .build());
    private String store = "";
    private Served one;
    private Served other;

    @BeforeAll
    static void startDatabase() throws IOException {
        try {
            database =
                    EmbeddedPostgres.builder()
                            // No power is cut here.
                            .setServerConfig("fsync", "off")
                            .setServerConfig("full_page_writes", "off")
                            .start();
        } catch (IllegalStateException e) {
            abort("No PostgreSQL binaries for this platform: " + e.getMessage());
        }
    }

    @AfterAll
    static void stopDatabase() throws IOException {
        if (database != null) {
            database.close();
        }
    }

    @BeforeEach
    void start() throws Exception {
        EmbeddedPostgres running = Objects.requireNonNull(database);
        String name = "balancer" + DATABASES.incrementAndGet();
        try (var connection =
                        DriverManager.getConnection(running.getJdbcUrl("postgres", "postgres"));
                var statement = connection.createStatement()) {
            statement.execute("create database " + name);
        }
        store = running.getJdbcUrl("postgres", name);
        one = server("one");
        other = server("other");
    }

    private Served server(String name) throws IOException, InterruptedException {
        return new Served(
                Files.createDirectory(directory.resolve(name)),
                store,
                Map.of("OPENAI_API_KEY", "sk-test"),
                "",
                options ->
                        options.before(
                                        new Way.Said(
                                                Optional.of("openai"),
                                                Optional.of(provider.baseUrl()),
                                                Optional.empty()))
                                .mode(Mode.BATCH)
                                .batching(
                                        new ServerOptions.Batching(
                                                1_000,
                                                Duration.ofMillis(100),
                                                Optional.of(Duration.ofMillis(20)),
                                                Optional.empty(),
                                                Map.of(),
                                                true)),
                context -> List.of());
    }

    @AfterEach
    void stop() {
        one.close();
        other.close();
        provider.close();
    }

    private static String chat(String prompt) {
        return "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted(prompt);
    }

    private static JsonNode json(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return JsonMapper.shared().readTree(answer.body());
    }

    private static String upload(Served server) throws IOException, InterruptedException {
        String lines =
                IntStream.range(0, ITEMS)
                        .mapToObj(
                                i ->
                                        "{\"custom_id\":\"r%d\",\"method\":\"POST\",\"url\":\"%s\",\"body\":%s}\n"
                                                .formatted(i, CHAT, chat("item " + i)))
                        .collect(Collectors.joining());
        String form = UploadForm.of(lines);
        return json(server.post("/v1/files", form, "content-type", UploadForm.TYPE))
                .path("id")
                .asString();
    }

    private static String create(Served server, String file)
            throws IOException, InterruptedException {
        return json(server.post(
                        "/v1/batches",
                        "{\"input_file_id\":\"%s\",\"endpoint\":\"%s\",\"completion_window\":\"24h\"}"
                                .formatted(file, CHAT)))
                .path("id")
                .asString();
    }

    private static JsonNode until(Served server, String batch, String status)
            throws IOException, InterruptedException {
        while (true) {
            JsonNode now = json(server.get("/v1/batches/" + batch));
            if (now.path("status").asString().equals(status)) {
                return now;
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** Time passes at the provider as soon as it works on so many. */
    private void batchesAreOver(int count) {
        while (provider.bill().batches().size() < count) {
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
        provider.time().advance(Duration.ofHours(1));
    }

    private static CompletableFuture<HttpResponse<String>> call(
            Served server, String prompt, String... headers) {
        HttpRequest.Builder request =
                server.request(CHAT, headers)
                        .POST(HttpRequest.BodyPublishers.ofString(chat(prompt)));
        return Served.HTTP.sendAsync(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void a_file_of_one_becomes_a_batch_of_the_other_that_both_show() throws Exception {
        String batch = create(other, upload(one));
        batchesAreOver(1);
        JsonNode here = until(one, batch, "completed");
        assertThat(json(other.get("/v1/batches/" + batch))).isEqualTo(here);
        String content = "/v1/files/%s/content".formatted(here.path("output_file_id").asString());
        assertThat(one.get(content).body().lines()).hasSize(ITEMS);
        assertThat(other.get(content).body()).isEqualTo(one.get(content).body());
        assertThat(json(one.get("/v1/batches")).path("data").size()).isEqualTo(1);
        assertThat(provider.bill().executedInBatches()).isEqualTo(ITEMS);
    }

    @Test
    void a_call_that_one_answered_is_not_paid_again_at_the_other() {
        String[] key = {"Idempotency-Key", "the same", "Batchwright-Mode", "live"};
        HttpResponse<String> first = call(one, "once", key).join();
        HttpResponse<String> again = call(other, "once", key).join();
        assertThat(first.statusCode()).as(first.body()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(again.headers().firstValue("Batchwright-Cached")).hasValue("true");
        assertThat(provider.bill().executed()).isEqualTo(1);
        assertThat(call(other, "something else", key).join().statusCode()).isEqualTo(409);
    }

    @Test
    void what_one_had_under_way_when_it_stopped_comes_to_its_end_with_the_other() throws Exception {
        String batch = create(one, upload(one));
        String[] later = {"Prefer", "respond-async"};
        var calls = IntStream.range(0, ITEMS).mapToObj(i -> call(one, "waits " + i)).toList();
        for (int i = 0; i < ITEMS; i++) {
            // Accepted, and so stored.
            call(one, "waits " + i, later).join();
        }
        until(one, batch, "in_progress");
        one.close();
        // Whether it was told in time or only saw the connection end: each comes again.
        calls.forEach(call -> call.handle((answer, gone) -> true).join());
        var again = IntStream.range(0, ITEMS).mapToObj(i -> call(other, "waits " + i)).toList();
        batchesAreOver(2);
        until(other, batch, "completed");
        for (int i = 0; i < ITEMS; i++) {
            assertThat(again.get(i).join().body()).contains("waits %d\"".formatted(i));
        }
        assertThat(provider.bill().executedInBatches()).isEqualTo(2L * ITEMS);
        assertThat(provider.bill().executedTwiceAnywhere()).isZero();
    }
}
