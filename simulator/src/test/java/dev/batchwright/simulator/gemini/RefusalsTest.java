package dev.batchwright.simulator.gemini;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.util.List;

class RefusalsTest {
    private static Client.Got ask(SimulatorOptions.Builder options, int times, String... headers)
            throws IOException, InterruptedException {
        try (Simulator simulator =
                        Simulator.start(options.provider("gemini").eventLoops(1).build());
                Client client = new Client(simulator)) {
            for (int i = 1; i < times; i++) {
                send(client, headers);
            }
            return send(client, headers);
        }
    }

    private static Client.Got send(Client client, String... headers)
            throws IOException, InterruptedException {
        return client.post(
                "/v1beta/models/m:generateContent",
                "{\"contents\":[{\"parts\":[{\"text\":\"a\"}]}]}",
                headers);
    }

    private static JsonNode detail(Client.Got got, String type) {
        for (JsonNode detail : got.error().path("details")) {
            if (detail.path("@type").asString().equals("type.googleapis.com/google.rpc." + type)) {
                return detail;
            }
        }
        throw new AssertionError("no " + type + " in " + got.body());
    }

    @ParameterizedTest
    @CsvSource({
        "400, INVALID_ARGUMENT",
        "401, UNAUTHENTICATED",
        "403, PERMISSION_DENIED",
        "404, NOT_FOUND",
        "429, RESOURCE_EXHAUSTED",
        "500, INTERNAL",
        "503, UNAVAILABLE",
        "504, DEADLINE_EXCEEDED"
    })
    void have_the_word_of_their_status(String fault, String word) throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().fault(fault), 1);
        assertThat(got.status()).isEqualTo(Integer.parseInt(fault));
        assertThat(got.error().path("code").asInt()).isEqualTo(got.status());
        assertThat(got.error().path("status").asString()).isEqualTo(word);
        assertThat(got.error().path("message").asString()).doesNotContain("openai");
    }

    @Test
    void a_wrong_key_is_a_wrong_argument() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().key("right"), 1, "x-goog-api-key", "wrong");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.error().path("status").asString()).isEqualTo("INVALID_ARGUMENT");
        assertThat(got.error().path("message").asString())
                .isEqualTo("API key not valid. Please pass a valid API key.");
        assertThat(detail(got, "ErrorInfo").path("reason").asString()).isEqualTo("API_KEY_INVALID");
    }

    @Test
    void no_key_is_no_permission() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().key("right"), 1);
        assertThat(got.status()).isEqualTo(403);
        assertThat(got.error().path("status").asString()).isEqualTo("PERMISSION_DENIED");
    }

    @Test
    void an_unknown_model_is_not_found() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().models(List.of("gemini-2.5-pro")), 1);
        assertThat(got.status()).isEqualTo(404);
        assertThat(got.error().path("message").asString())
                .startsWith("models/m is not found for API version v1beta");
    }

    @Test
    void a_request_above_the_limit_finds_the_time_to_wait_in_the_body() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().rpm(8).clock(new SettableClock()), 9);
        assertThat(got.status()).isEqualTo(429);
        assertThat(got.header("retry-after")).isEmpty();
        assertThat(got.header("x-ratelimit-limit-requests")).isEmpty();
        assertThat(detail(got, "RetryInfo").path("retryDelay").asString()).isEqualTo("7.5s");
        assertThat(detail(got, "QuotaFailure").at("/violations/0/quotaId").asString())
                .contains("PerMinute");
        assertThat(detail(got, "Help").path("links")).hasSize(1);
    }

    @Test
    void an_exhausted_account_has_reached_the_limit_of_the_day() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().fault("quota"), 1);
        assertThat(got.status()).isEqualTo(429);
        assertThat(detail(got, "QuotaFailure").at("/violations/0/quotaId").asString())
                .contains("PerDay");
    }

    @Test
    void an_unknown_field_is_named() throws Exception {
        try (Simulator simulator =
                        Simulator.start(SimulatorOptions.builder().provider("gemini").build());
                Client client = new Client(simulator)) {
            Client.Got got =
                    client.post(
                            "/v1beta/models/m:generateContent",
                            "{\"generationConfig\":{\"max_tokens\":1}}");
            assertThat(detail(got, "BadRequest").at("/fieldViolations/0/field").asString())
                    .isEqualTo("generation_config");
        }
    }
}
