package dev.batchwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.batchwright.simulator.bill.RequestCount;
import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.Test;

import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;

class BillAddressTest {
    @Test
    void the_bill_is_read_and_reset_over_http() throws Exception {
        try (var simulator = Simulator.start(SimulatorOptions.builder().build());
                var client = new Client(simulator)) {
            client.chatCompletion("once");
            client.chatCompletion("twice");
            client.chatCompletion("twice");
            client.post("/chat/completions", "{");
            client.send("GET", "/v1/models");

            JsonNode bill = client.send("GET", "/simulator/bill?window=2s").json();
            assertThat(bill.path("arrived").asInt()).isEqualTo(5);
            assertThat(bill.path("executed").asInt()).isEqualTo(3);
            assertThat(bill.path("distinct").asInt()).isEqualTo(2);
            assertThat(bill.at("/executions/2").asInt()).isEqualTo(1);
            assertThat(bill.at("/refused_by_reason/400 bad_request").asInt()).isEqualTo(1);
            assertThat(bill.at("/arrivals/window_ms").asInt()).isEqualTo(2000);
            assertThat(bill.at("/concurrency/now").asInt()).isZero();

            RequestHash twice =
                    RequestHash.of(
                            "/v1/chat/completions",
                            Client.chat("twice").getBytes(StandardCharsets.UTF_8));
            assertThat(simulator.bill().count(twice)).isEqualTo(new RequestCount(2, 2, 0));
            assertThat(bill.at("/executed_twice/0/request").asString()).isEqualTo(twice.hex(16));
            JsonNode one = client.send("GET", "/simulator/bill?request=" + twice.hex(64)).json();
            assertThat(one.path("executed").asInt()).isEqualTo(2);

            assertThat(client.send("DELETE", "/simulator/bill").status()).isEqualTo(204);
            assertThat(client.send("GET", "/simulator/bill").json().path("arrived").asInt())
                    .isZero();
        }
    }

    @Test
    void nonsense_is_refused() throws Exception {
        try (var simulator = Simulator.start(SimulatorOptions.builder().build());
                var client = new Client(simulator)) {
            assertThat(client.send("GET", "/simulator/bill?request=xyz").status()).isEqualTo(400);
            assertThat(client.send("GET", "/simulator/bill?window=long").status()).isEqualTo(400);
            assertThat(client.send("POST", "/simulator/bill").status()).isEqualTo(405);
        }
    }

    @Test
    void answers_can_name_the_snapshot_and_take_their_time_for_each_token() throws Exception {
        try (var simulator =
                        Simulator.start(
                                SimulatorOptions.builder()
                                        .snapshots(true)
                                        .tokenTime("10ms")
                                        .build());
                var client = new Client(simulator)) {
            long start = System.nanoTime();
            Client.Got got = client.chatCompletion("0123456789"); // 16 bytes of answer: 4 tokens
            assertThat(got.json().path("model").asString()).isEqualTo("gpt-4o-2026-01-01");
            assertThat(System.nanoTime() - start).isGreaterThan(39_000_000L);
        }
    }

    @Test
    void a_taken_port_is_said() {
        try (var simulator = Simulator.start(SimulatorOptions.builder().build())) {
            var taken = SimulatorOptions.builder().port(simulator.port()).build();
            assertThat(catchThrowable(() -> Simulator.start(taken).close()))
                    .isInstanceOf(SimulatorStartException.class)
                    .hasMessageContaining("port " + simulator.port());
        }
    }
}
