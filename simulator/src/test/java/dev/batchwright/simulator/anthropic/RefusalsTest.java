package dev.batchwright.simulator.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.io.IOException;
import java.util.List;

class RefusalsTest {
    private static Client.Got ask(SimulatorOptions.Builder options, int times)
            throws IOException, InterruptedException {
        try (Simulator simulator =
                        Simulator.start(options.provider("anthropic").eventLoops(1).build());
                Client client = new Client(simulator)) {
            for (int i = 1; i < times; i++) {
                send(client);
            }
            return send(client);
        }
    }

    private static Client.Got send(Client client) throws IOException, InterruptedException {
        return client.post(
                "/v1/messages",
                """
                {"model":"m","max_tokens":4,"messages":[{"role":"user","content":"1234"}]}\
                """,
                "anthropic-version",
                "2023-06-01",
                "x-api-key",
                "sk-wrong");
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_request_error",
        "401, authentication_error",
        "402, billing_error",
        "403, permission_error",
        "404, not_found_error",
        "409, conflict_error",
        "413, request_too_large",
        "429, rate_limit_error",
        "429=tokens, rate_limit_error",
        "429=slow_down, rate_limit_error",
        "500, api_error",
        "503, overloaded_error",
        "504, timeout_error",
        "529, overloaded_error"
    })
    void have_the_type_of_their_status(String fault, String type) throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().fault(fault), 1);
        assertThat(got.status()).isEqualTo(Integer.parseInt(fault.substring(0, 3)));
        assertThat(got.error().path("type").asString()).isEqualTo(type);
        assertThat(got.error().path("message").asString()).doesNotContain("openai");
    }

    @Test
    void an_unknown_model_is_not_found() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().models(List.of("claude-opus-5")), 1);
        assertThat(got.status()).isEqualTo(404);
        assertThat(got.error().path("message").asString()).isEqualTo("model: m");
    }

    @Test
    void a_wrong_key_is_refused_without_repeating_it() throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().key("sk-right"), 1);
        assertThat(got.status()).isEqualTo(401);
        assertThat(got.error().path("message").asString()).isEqualTo("invalid x-api-key");
    }

    @ParameterizedTest
    @CsvSource({
        "quota, 429, rate_limit_error, Your organization has reached its monthly spend limit.",
        "quota=usage_limits, 400, invalid_request_error, You have reached your specified API usage"
                + " limits.",
        "quota=workspace_usage_limits, 400, invalid_request_error, You have reached your specified"
                + " workspace API usage limits.",
        "quota=credit_balance, 400, invalid_request_error, Your credit balance is too low",
        "quota=billing_error, 402, billing_error, There is an issue with your billing"
    })
    void an_account_without_money_says_so_in_several_forms(
            String fault, int status, String type, String beginning) throws Exception {
        Client.Got got = ask(SimulatorOptions.builder().fault(fault), 1);
        assertThat(got.status()).isEqualTo(status);
        assertThat(got.error().path("type").asString()).isEqualTo(type);
        assertThat(got.error().path("message").asString()).startsWith(beginning);
        assertThat(got.header("retry-after")).isEmpty();
        assertThat(got.error().at("/details/error_code").asString(""))
                .isEqualTo(status == 429 ? "enforced_spend_limit_reached" : "");
    }

    @Test
    void limits_are_told_with_the_times_at_which_they_are_full_again() throws Exception {
        var clock = new SettableClock();
        Client.Got got = ask(SimulatorOptions.builder().rpm(2).tpm(12_000).clock(clock), 2);
        assertThat(got.status()).isEqualTo(200);
        assertThat(got.header("anthropic-ratelimit-requests-limit")).isEqualTo("2");
        assertThat(got.header("anthropic-ratelimit-requests-remaining")).isEqualTo("0");
        assertThat(got.header("anthropic-ratelimit-requests-reset"))
                .isEqualTo("2026-11-20T12:01:00Z");
        assertThat(got.header("anthropic-ratelimit-tokens-limit")).isEqualTo("12000");
        assertThat(got.header("anthropic-ratelimit-tokens-remaining")).isEqualTo("12000");
        assertThat(got.header("anthropic-ratelimit-input-tokens-reset"))
                .isEqualTo("2026-11-20T12:00:01Z");
    }

    @Test
    void a_request_above_the_limit_is_told_for_how_many_seconds_to_wait() throws Exception {
        var clock = new SettableClock();
        Client.Got got = ask(SimulatorOptions.builder().rpm(1).clock(clock), 2);
        assertThat(got.status()).isEqualTo(429);
        assertThat(got.header("retry-after")).isEqualTo("60");
        assertThat(got.header("retry-after-ms")).isEmpty();
    }
}
