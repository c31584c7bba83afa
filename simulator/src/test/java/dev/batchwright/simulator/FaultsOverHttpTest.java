package dev.batchwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.core.JacksonException;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** What each fault looks like from the other side of the wire, and on the bill. */
@Timeout(60)
class FaultsOverHttpTest {
    private static Simulator simulator(String... rules) {
        var options = SimulatorOptions.builder().eventLoops(1);
        for (String rule : rules) {
            options.fault(rule);
        }
        return Simulator.start(options.build());
    }

    @ParameterizedTest
    @CsvSource({
        "400, 400, invalid_request_error, ''",
        "408, 408, invalid_request_error, ''",
        "429, 429, requests, rate_limit_exceeded",
        "429=tokens, 429, tokens, rate_limit_exceeded",
        "429=slow_down, 429, rate_limit_error, slow_down",
        "429=flex, 429, resource_unavailable, resource_unavailable",
        "quota, 429, insufficient_quota, insufficient_quota",
        "quota=credit_balance_exhausted, 429, insufficient_quota, credit_balance_exhausted",
        "wrong-key, 401, invalid_request_error, invalid_api_key",
        "500, 500, server_error, ''",
        "502, 502, server_error, ''",
        "503, 503, service_unavailable_error, server_is_overloaded"
    })
    void errors_have_their_status_and_code(String rule, int status, String type, String code)
            throws Exception {
        try (var simulator = simulator(rule);
                var client = new Client(simulator)) {
            Client.Got got = client.chatCompletion("x");
            assertThat(got.status()).isEqualTo(status);
            assertThat(got.error().path("type").asString()).isEqualTo(type);
            assertThat(got.error().path("code").asString("")).isEqualTo(code);
            assertThat(simulator.bill().executed()).isZero();
            assertThat(simulator.bill().refused()).isEqualTo(1);
            assertThat(simulator.bill().running()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"seconds, 2, ''", "ms, '', 1500", "both, 2, 1500", "none, '', ''"})
    void retry_after_in_every_form(String form, String seconds, String millis) throws Exception {
        try (var simulator =
                        Simulator.start(
                                SimulatorOptions.builder()
                                        .fault("429 wait=1.5s")
                                        .retryAfter(form)
                                        .build());
                var client = new Client(simulator)) {
            Client.Got got = client.chatCompletion("x");
            assertThat(got.header("retry-after")).isEqualTo(seconds);
            assertThat(got.header("retry-after-ms")).isEqualTo(millis);
        }
    }

    @Test
    void retry_after_as_a_date() throws Exception {
        try (var simulator =
                        Simulator.start(
                                SimulatorOptions.builder()
                                        .fault("503 wait=90s")
                                        .retryAfter("date")
                                        .clock(new SettableClock())
                                        .build());
                var client = new Client(simulator)) {
            assertThat(client.chatCompletion("x").header("retry-after"))
                    .isEqualTo("Fri, 20 Nov 2026 12:01:30 GMT");
        }
    }

    @Test
    void a_gateway_answers_in_html() throws Exception {
        try (var simulator = simulator("html");
                var client = new Client(simulator)) {
            Client.Got got = client.chatCompletion("x");
            assertThat(got.status()).isEqualTo(502);
            assertThat(got.header("content-type")).startsWith("text/html");
            assertThat(simulator.bill().refusedAs("html")).isEqualTo(1);
        }
    }

    @Test
    void invalid_json_is_run_and_spoiled() throws Exception {
        try (var simulator = simulator("invalid-json");
                var client = new Client(simulator)) {
            Client.Got got = client.chatCompletion("x");
            assertThat(got.status()).isEqualTo(200);
            assertThatThrownBy(got::json).isInstanceOf(JacksonException.class);
            assertThat(simulator.bill().spoiledByFault()).containsEntry("invalid-json", 1L);
            assertThat(simulator.bill().executed()).isZero();
        }
    }

    @Test
    void an_empty_answer_is_run_and_spoiled() throws Exception {
        try (var simulator = simulator("empty");
                var client = new Client(simulator)) {
            Client.Got got = client.chatCompletion("x");
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.body()).isEmpty();
            assertThat(simulator.bill().spoiledByFault()).containsEntry("empty", 1L);
        }
    }

    @ParameterizedTest
    @CsvSource({"reset, 0, 1", "lost-answer, 1, 0"})
    void a_reset_comes_before_any_byte(String rule, long spoiled, long refused) throws Exception {
        try (var simulator = simulator(rule);
                Socket socket = request(simulator, Client.chat("x"))) {
            InputStream in = socket.getInputStream();
            assertThatThrownBy(in::read)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
            assertThat(simulator.bill().spoiled()).isEqualTo(spoiled);
            assertThat(simulator.bill().refused()).isEqualTo(refused);
            assertThat(simulator.bill().executed()).isZero();
        }
    }

    @Test
    void half_an_answer_ends_in_the_middle_of_the_body() throws Exception {
        try (var simulator = simulator("half");
                Socket socket = request(simulator, Client.chat("x"))) {
            String answer = text(socket);
            assertThat(answer).startsWith("HTTP/1.1 200 OK").contains("content-length: ");
            String body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
            assertThat(body).startsWith("{\"id\":").doesNotEndWith("}}");
            assertThat(simulator.bill().spoiledByFault()).containsEntry("half", 1L);
        }
    }

    @Test
    void half_a_stream_lacks_its_end() throws Exception {
        try (var simulator = simulator("half");
                Socket socket =
                        request(
                                simulator,
                                Client.chat("x")
                                        .replace("{\"model\"", "{\"stream\":true,\"model\""))) {
            String answer = text(socket);
            assertThat(answer).contains("data: {\"id\"").doesNotContain("[DONE]");
        }
    }

    @ParameterizedTest
    @CsvSource({"stall, 0", "hang, 1"})
    void a_stalled_call_is_never_answered_and_ends_with_the_client(String rule, long spoiled)
            throws Exception {
        try (var simulator = simulator(rule)) {
            try (Socket socket = request(simulator, Client.chat("x"))) {
                await(() -> simulator.bill().running() == 1);
                socket.setSoTimeout(50);
                assertThatThrownBy(() -> socket.getInputStream().read())
                        .isInstanceOf(IOException.class);
            }
            await(() -> simulator.bill().running() == 0);
            assertThat(simulator.bill().spoiled()).isEqualTo(spoiled);
            assertThat(simulator.bill().executed()).isZero();
        }
    }

    @Test
    void a_late_answer_is_a_proper_one() throws Exception {
        try (var simulator = simulator("stall=200ms");
                var client = new Client(simulator)) {
            long start = System.nanoTime();
            assertThat(client.chatCompletion("x").status()).isEqualTo(200);
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(Duration.ofMillis(190));
            assertThat(simulator.bill().executed()).isEqualTo(1);
        }
    }

    @Test
    void a_slow_body_is_complete_in_the_end() throws Exception {
        try (var simulator = simulator("slow-body=200ms");
                var client = new Client(simulator)) {
            assertThat(client.chatCompletion("hello").body()).contains("echo: hello");
            assertThat(simulator.bill().executed()).isEqualTo(1);
        }
    }

    @Test
    void a_client_that_leaves_has_its_run_on_the_bill_as_abandoned() throws Exception {
        try (var simulator = Simulator.start(SimulatorOptions.builder().latency("30s").build())) {
            try (Socket socket = request(simulator, Client.chat("x"))) {
                await(() -> simulator.bill().running() == 1);
                assertThat(socket.isConnected()).isTrue();
            }
            await(() -> simulator.bill().running() == 0);
            assertThat(simulator.bill().abandoned()).isEqualTo(1);
            assertThat(simulator.bill().executed()).isZero();
        }
    }

    @Test
    void first_lets_the_second_attempt_pass() throws Exception {
        try (var simulator = simulator("500 first=1");
                var client = new Client(simulator)) {
            assertThat(client.chatCompletion("x").status()).isEqualTo(500);
            assertThat(client.chatCompletion("x").status()).isEqualTo(200);
            assertThat(client.chatCompletion("y").status()).isEqualTo(500);
        }
    }

    private static Socket request(Simulator simulator, String body) throws IOException {
        var socket =
                new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), simulator.port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write(
                        "POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
                                .formatted(body.length(), body)
                                .getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private static String text(Socket socket) throws IOException {
        return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("It did not come true in 20 seconds.");
            }
            Thread.onSpinWait();
        }
    }
}
