package dev.batchwright.simulator.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.Provider;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Where the copies of OpenAI's batches differ from the original. */
@Timeout(60)
class FamilyTest {
    private final SettableClock clock = new SettableClock();

    private Simulator simulator(String provider) {
        return Simulator.start(
                SimulatorOptions.builder()
                        .provider(provider)
                        .eventLoops(1)
                        .clock(clock)
                        .validationTime("1m")
                        .batchTime("100m")
                        .build());
    }

    private static String line(String id, String model, String url) {
        return """
        {"custom_id":"%s","method":"POST","url":"%s","body":{"model":"%s","messages":[{"role":"user","content":"x"}]}}
        """
                .formatted(id, url, model);
    }

    private static String good(String id) {
        return line(id, "m", "/v1/chat/completions");
    }

    /** Uploads and creates at this path, for this window. */
    private static Client.Got creating(Client client, String at, String content, String window)
            throws IOException, InterruptedException {
        Client.Got file = client.upload(at + "/files", "in.jsonl", content, "purpose", "batch");
        assertThat(file.status()).as(file.body()).isEqualTo(200);
        return client.post(
                at + "/batches",
                """
                {"input_file_id":"%s","endpoint":"/v1/chat/completions","completion_window":"%s"}\
                """
                        .formatted(file.json().path("id").asString(), window));
    }

    private JsonNode ended(Client client, String at, Client.Got created)
            throws IOException, InterruptedException {
        clock.advance(Duration.ofHours(3));
        return client.get(at + "/batches/" + created.json().path("id").asString()).json();
    }

    @ParameterizedTest
    @CsvSource({
        "openai, /v1",
        "azure, /openai/v1",
        "groq, /openai/v1",
        "together, /v1",
        "fireworks, /inference/v1",
        "mistral, /v1",
        "doubleword, /v1",
        "parasail, /v1"
    })
    void each_answers_where_its_base_url_says(String provider, String path) throws Exception {
        try (var simulator = simulator(provider);
                var client = new Client(simulator)) {
            assertThat(simulator.baseUrl()).endsWith(":" + simulator.port() + path);
            Client.Got got = client.post(path + "/chat/completions", Client.chat("x"));
            assertThat(got.status()).as(got.body()).isEqualTo(200);
        }
        assertThat(Provider.parse(provider).label()).isEqualTo(provider);
    }

    @Test
    void azure_has_names_of_its_own_and_an_error_file_of_nothing() throws Exception {
        try (var simulator = simulator("azure");
                var client = new Client(simulator)) {
            String at = "/openai/v1";
            JsonNode batch =
                    ended(
                            client,
                            at,
                            creating(client, at, line("a", "m", "/chat/completions"), "24h"));
            assertThat(batch.path("status").asString()).isEqualTo("completed");
            String empty = batch.path("error_file_id").asString();
            assertThat(client.get(at + "/files/" + empty + "/content").body()).isEmpty();
            Client.Got mixed =
                    creating(
                            client,
                            at,
                            good("a") + line("b", "other", "/v1/chat/completions"),
                            "24h");
            assertThat(ended(client, at, mixed).at("/errors/data/0/code").asString())
                    .isEqualTo("model_mismatch");
        }
    }

    @Test
    void groq_takes_windows_of_up_to_seven_days() throws Exception {
        try (var simulator = simulator("groq");
                var client = new Client(simulator)) {
            String at = "/openai/v1";
            Client.Got created = creating(client, at, good("a"), "7d");
            assertThat(created.json().path("expires_at").asLong())
                    .isEqualTo(SettableClock.START.getEpochSecond() + 7 * 86_400);
            assertThat(created.json().has("usage")).isFalse();
            assertThat(creating(client, at, good("a"), "8d").status()).isEqualTo(400);
        }
    }

    @Test
    void doubleword_checks_uploads_and_gives_results_before_the_end() throws Exception {
        try (var simulator = simulator("doubleword");
                var client = new Client(simulator)) {
            String content = good("a") + good("b") + good("c") + good("d");
            Client.Got created = creating(client, "/v1", content, "1h");
            assertThat(created.status()).isEqualTo(201);
            assertThat(created.json().has("error_file_id")).isFalse();
            String id = created.json().path("id").asString();
            clock.advance(Duration.ofMinutes(51));
            Client.Got partial = client.get("/v1/batches/" + id + "/results?skip=1");
            assertThat(partial.header("x-incomplete")).isEqualTo("true");
            assertThat(partial.header("x-last-line")).isEqualTo("2");
            assertThat(partial.body().lines()).hasSize(1);
            String output = created.json().path("output_file_id").asString();
            Client.Got growing = client.get("/v1/files/" + output + "/content");
            assertThat(growing.header("x-incomplete")).isEqualTo("true");
            assertThat(growing.body().lines()).hasSize(2);
            assertThat(client.get("/v1/batches/batch_1").status()).isEqualTo(400);
            Client.Got refused =
                    client.upload(
                            "/v1/files", "in.jsonl", good("a") + good("a"), "purpose", "batch");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.error().path("message").asString()).contains("Line 2");
        }
    }

    @Test
    void parasail_sends_downloads_elsewhere_and_never_expires() throws Exception {
        try (var simulator = simulator("parasail");
                var client = new Client(simulator)) {
            Client.Got created =
                    creating(
                            client,
                            "/v1",
                            good("a") + line("b", "other", "/v1/chat/completions"),
                            "24h");
            JsonNode batch = ended(client, "/v1", created);
            assertThat(batch.path("expires_at").isNull()).isTrue();
            Client.Got moved =
                    client.get("/v1/files/" + batch.path("output_file_id").asString() + "/content");
            assertThat(moved.status()).isEqualTo(302);
            assertThat(client.getFrom(URI.create(moved.header("location"))).body().lines())
                    .hasSize(2);
            assertThat(client.send("DELETE", "/v1/files/none").status()).isEqualTo(200);
        }
    }

    @Test
    void an_unknown_name_is_refused_with_those_that_there_are() {
        assertThat(List.of(Provider.values())).hasSize(11);
        assertThat(catchThrowable(() -> Provider.parse("nobody")))
                .hasMessageContaining("doubleword");
    }
}
