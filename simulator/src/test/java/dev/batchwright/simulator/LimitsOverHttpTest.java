package dev.batchwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

class LimitsOverHttpTest {
    private final SettableClock clock = new SettableClock();

    private Simulator simulator(SimulatorOptions.Builder options) {
        return Simulator.start(options.clock(clock).eventLoops(2).build());
    }

    @Test
    void above_the_rpm_calls_get_429_with_all_headers_until_time_has_passed() throws Exception {
        try (var simulator = simulator(SimulatorOptions.builder().rpm(3));
                var client = new Client(simulator)) {
            for (int i = 0; i < 3; i++) {
                assertThat(client.chatCompletion("" + i).status()).isEqualTo(200);
            }
            Client.Got refused = client.chatCompletion("3");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error().path("type").asString()).isEqualTo("requests");
            assertThat(refused.header("retry-after")).isEqualTo("20");
            assertThat(refused.header("retry-after-ms")).isEqualTo("20000");
            assertThat(refused.header("x-ratelimit-limit-requests")).isEqualTo("3");
            assertThat(refused.header("x-ratelimit-remaining-requests")).isEqualTo("0");
            assertThat(refused.header("x-ratelimit-reset-requests")).isEqualTo("1m0s");

            clock.advance(Duration.ofSeconds(20));
            assertThat(client.chatCompletion("3").status()).isEqualTo(200);
            assertThat(simulator.bill().accepted()).isEqualTo(4);
            assertThat(simulator.bill().arrivals().maxIn(Duration.ofMinutes(1))).isEqualTo(5);
            assertThat(simulator.bill().maxIn(Duration.ofSeconds(1))).isEqualTo(3);
            assertThat(simulator.bill().refusedAs("429 requests")).isEqualTo(1);
        }
    }

    @Test
    void above_the_tpm_calls_get_429_for_tokens() throws Exception {
        try (var simulator = simulator(SimulatorOptions.builder().tpm(10));
                var client = new Client(simulator)) {
            assertThat(client.chatCompletion("a").status()).isEqualTo(200); // costs 1 + 2
            assertThat(client.chatCompletion("x".repeat(28)).status()).isEqualTo(200); // 7 + 9
            Client.Got refused = client.chatCompletion("b");
            assertThat(refused.status()).isEqualTo(429);
            assertThat(refused.error().path("type").asString()).isEqualTo("tokens");
            assertThat(refused.header("x-ratelimit-limit-tokens")).isEqualTo("10");
        }
    }

    @Test
    void above_the_concurrency_calls_are_refused() throws Exception {
        try (var simulator =
                        simulator(
                                SimulatorOptions.builder()
                                        .concurrency(2)
                                        .overloadStatus(503)
                                        .fault("stall when body~wait"));
                var client = new Client(simulator)) {
            List<CompletableFuture<Client.Got>> waiting = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                waiting.add(client.postLater("/v1/chat/completions", Client.chat("wait" + i)));
            }
            while (simulator.bill().running() < 2) {
                Thread.onSpinWait();
            }
            Client.Got refused = client.chatCompletion("x");
            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.error().path("code").asString()).isEqualTo("server_is_overloaded");
            assertThat(simulator.bill().mostRunning()).isEqualTo(2);
            assertThat(waiting).noneMatch(CompletableFuture::isDone);
        }
    }
}
