package dev.batchwright.server.calls;

import static dev.batchwright.server.calls.Served.CHAT;
import static dev.batchwright.server.calls.Served.chat;
import static dev.batchwright.server.calls.Served.header;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Mode;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.bill.BatchEntry;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.json.JsonMapper;

import java.net.Socket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/** Ordinary calls, as clients in any language make them, in front of the simulator. */
@Timeout(120)
class CallRoutesTest {
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration NEVER = Duration.ofHours(1);

    @TempDir Path directory;
    private final List<Served> opened = new ArrayList<>();

    private Served open(Duration window) {
        return open(window, o -> o, o -> o);
    }

    private Served open(
            Duration window,
            UnaryOperator<SimulatorOptions.Builder> simulated,
            UnaryOperator<ServerOptions> setting) {
        var served = new Served(directory, window, simulated, setting);
        opened.add(served);
        return served;
    }

    private static UnaryOperator<ServerOptions> mode(Mode mode) {
        return options -> options.mode(mode);
    }

    @AfterEach
    void close() {
        opened.forEach(Served::close);
    }

    @Test
    void calls_of_a_window_travel_in_one_batch_and_each_gets_its_own_answer() {
        Served served = open(SHORT);
        var calls =
                IntStream.range(0, 30)
                        .mapToObj(i -> served.post(CHAT, chat("question " + i)))
                        .toList();
        for (int i = 0; i < 30; i++) {
            HttpResponse<String> answer = calls.get(i).join();
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).contains("\"object\":\"chat.completion\"", "question " + i);
            assertThat(header(answer, "Batchwright-Lane")).isEqualTo("batch");
            assertThat(header(answer, "Batchwright-Job")).startsWith("job_");
            assertThat(header(answer, "Batchwright-Cached")).isEqualTo("false");
            assertThat(header(answer, "x-request-id")).startsWith("req_");
            assertThat(header(answer, "openai-processing-ms")).matches("\\d+");
        }
        assertThat(served.paid()).isEqualTo(30);
        assertThat(served.provider.bill().batches().stream().mapToLong(BatchEntry::requests).sum())
                .isEqualTo(30);
    }

    @Test
    void what_happens_to_its_batches_is_told_in_lines_of_json() {
        Served served = open(SHORT);
        served.post(CHAT, chat("told")).join();
        served.stop();
        assertThat(served.events())
                .filteredOn(line -> line.contains("\"batch_id\":"))
                .allSatisfy(line -> assertThat(line).contains("\"provider\":\"openai\"", "\"ts\":"))
                .extracting(line -> line.replaceAll(".*\"event\":\"([a-z_]+)\".*", "$1"))
                .startsWith("batch_submitted")
                .contains("batch_progress")
                .endsWith("batch_completed");
        assertThat(served.events()).anyMatch(line -> line.contains("\"event\":\"client_closing\""));
    }

    @Test
    void a_live_call_waits_for_no_window() {
        Served served = open(NEVER);
        HttpResponse<String> answer =
                served.post(CHAT, chat("now"), "Batchwright-Mode", "live").join();
        assertThat(answer.body()).contains("now");
        assertThat(header(answer, "Batchwright-Lane")).isEqualTo("live");
        assertThat(served.provider.bill().batches()).isEmpty();
    }

    @Test
    void equal_calls_are_paid_once_however_often_an_sdk_repeats_them() {
        Served served = open(SHORT, o -> o, mode(Mode.LIVE));
        HttpResponse<String> first = served.post(CHAT, chat("same")).join();
        HttpResponse<String> again =
                served.post(
                                CHAT,
                                chat("same"),
                                "x-stainless-retry-count",
                                "1",
                                "Idempotency-Key",
                                "stainless-node-retry-1")
                        .join();
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(header(again, "Batchwright-Cached")).isEqualTo("true");
        assertThat(served.paid()).isEqualTo(1);

        served.post(CHAT, chat("same"), "Batchwright-Repeat", "2").join();
        assertThat(served.paid()).isEqualTo(2);
    }

    @Test
    void an_idempotency_key_is_good_for_one_request() {
        Served served = open(SHORT, o -> o, mode(Mode.LIVE));
        served.post(CHAT, chat("same"), "Idempotency-Key", "k").join();
        HttpResponse<String> again = served.post(CHAT, chat("same"), "Idempotency-Key", "k").join();
        assertThat(header(again, "Batchwright-Cached")).isEqualTo("true");
        HttpResponse<String> other =
                served.post(CHAT, chat("other"), "Idempotency-Key", "k").join();
        assertThat(other.statusCode()).isEqualTo(409);
        assertThat(other.body()).contains("\"code\":\"idempotency_key_reused\"");
        assertThat(served.paid()).isEqualTo(1);
    }

    @Test
    void who_does_not_wait_is_told_where_to_ask() throws Exception {
        Served served = open(SHORT);
        HttpResponse<String> told =
                served.post(CHAT, chat("later"), "Prefer", "respond-async").join();
        assertThat(told.statusCode()).isEqualTo(202);
        String place = header(told, "Location");
        assertThat(place).startsWith("/v1/batchwright/calls/call_");
        assertThat(told.body()).contains("\"status\":\"in_progress\"", place);

        // Whoever makes the call again, and waits, has the answer when it is there.
        served.post(CHAT, chat("later")).join();
        HttpResponse<String> answer = served.get(place);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("later");
        assertThat(served.get("/v1/batchwright/calls/call_" + "0".repeat(32)).statusCode())
                .isEqualTo(404);
        assertThat(served.paid()).isEqualTo(1);
    }

    @Test
    void what_waits_when_the_server_stops_is_answered_by_the_next_one_and_paid_once() {
        Served served = open(NEVER);
        CompletableFuture<HttpResponse<String>> waiting = served.post(CHAT, chat("patient"));
        served.post(CHAT, chat("patient"), "Prefer", "respond-async").join();
        served.stop();
        // Whether it was told in time or only saw the connection end: it comes again.
        waiting.handle((answer, gone) -> true).join();
        served.start();
        HttpResponse<String> answer = served.post(CHAT, chat("patient")).join();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).contains("patient");
        assertThat(header(answer, "Batchwright-Cached")).isEqualTo("true");
        assertThat(served.paid()).isEqualTo(1);
    }

    @Test
    void a_deadline_makes_it_live_when_no_batch_would_be_in_time() {
        Served served = open(NEVER, o -> o.batchTime("1h"), o -> o);
        HttpResponse<String> answer =
                served.post(CHAT, chat("soon"), "Batchwright-Deadline", "20s").join();
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(header(answer, "Batchwright-Lane")).isEqualTo("live");
    }

    @Test
    void a_deadline_that_is_over_ends_the_waiting_and_loses_nothing() {
        Served served = open(NEVER);
        HttpResponse<String> late =
                served.post(
                                CHAT,
                                chat("late"),
                                "Batchwright-Deadline",
                                "300ms",
                                "Batchwright-Mode",
                                "batch")
                        .join();
        assertThat(late.statusCode()).isEqualTo(504);
        assertThat(late.body()).contains("\"code\":\"deadline_exceeded\"");
    }

    @Test
    void a_stream_is_told_from_the_whole_answer() {
        Served served = open(SHORT);
        HttpResponse<String> stream =
                served.post(
                                CHAT,
                                chat(
                                        "hello",
                                        ",\"stream\":true,\"stream_options\":{\"include_usage\":true}"))
                        .join();
        assertThat(header(stream, "content-type")).startsWith("text/event-stream");
        assertThat(stream.body())
                .contains("\"object\":\"chat.completion.chunk\"", "hello", "\"usage\":{")
                .endsWith("data: [DONE]\n\n");
        // It is the same call as one without a stream.
        assertThat(header(served.post(CHAT, chat("hello")).join(), "Batchwright-Cached"))
                .isEqualTo("true");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/embeddings, '{\"model\":\"text-embedding-3-small\",\"input\":\"a\"}', embedding",
        "/v1/completions, '{\"model\":\"gpt-3.5-turbo-instruct\",\"prompt\":\"a\"}',"
                + " text_completion",
        "/v1/responses, '{\"model\":\"gpt-4o-mini\",\"input\":\"a\"}', response",
        "/v1/moderations, '{\"model\":\"omni-moderation-latest\",\"input\":\"a\"}', results",
    })
    void every_endpoint_is_batched(String path, String body, String expected) {
        Served served = open(SHORT);
        HttpResponse<String> answer = served.post(path, body).join();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.body()).contains(expected);
        assertThat(header(answer, "Batchwright-Lane")).isEqualTo("batch");
    }

    @Test
    void a_response_in_the_background_is_asked_for_until_it_is_there() throws Exception {
        Served served = open(SHORT);
        HttpResponse<String> told =
                served.post(
                                "/v1/responses",
                                "{\"model\":\"gpt-4o-mini\",\"input\":\"later\",\"background\":true,\"service_tier\":\"flex\"}")
                        .join();
        assertThat(told.statusCode()).isEqualTo(200);
        assertThat(told.body()).contains("\"status\":\"queued\"");
        String id = new JsonMapper().readTree(told.body()).path("id").asString();

        // Whoever makes the same call in the foreground waits for the same answer.
        served.post("/v1/responses", "{\"model\":\"gpt-4o-mini\",\"input\":\"later\"}").join();
        HttpResponse<String> answer = served.get("/v1/responses/" + id);
        assertThat(answer.body()).contains("\"status\":\"completed\"", "later", id);
        assertThat(served.get("/v1/responses/resp_nobody").statusCode()).isEqualTo(404);
        assertThat(served.paid()).isEqualTo(1);
    }

    @Test
    void what_makes_no_sense_is_refused_in_the_form_of_its_api() {
        Served served = open(SHORT);
        HttpResponse<String> broken = served.post(CHAT, "{\"model\":").join();
        assertThat(broken.statusCode()).isEqualTo(400);
        assertThat(broken.body()).contains("\"code\":\"invalid_json\"");
        HttpResponse<String> mode =
                served.post(CHAT, chat("a"), "Batchwright-Mode", "quick").join();
        assertThat(mode.statusCode()).isEqualTo(400);
        assertThat(mode.body()).contains("Batchwright-Mode is none of");
        HttpResponse<String> count = served.post("/v1/messages/count_tokens", "{}").join();
        assertThat(count.statusCode()).isEqualTo(404);
        assertThat(count.body()).startsWith("{\"type\":\"error\"");
        assertThat(served.paid()).isZero();
    }

    @Test
    void the_providers_refusal_is_the_answer() {
        Served served = open(SHORT, o -> o.models(List.of("gpt-4o")), mode(Mode.LIVE));
        HttpResponse<String> answer = served.post(CHAT, chat("a")).join();
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).contains("model_not_found");
    }

    @Test
    void a_client_that_is_gone_waits_no_more_and_its_call_goes_on() throws Exception {
        Served served = open(SHORT);
        URI place = served.request(CHAT).build().uri();
        String body = chat("gone");
        try (var socket = new Socket(place.getHost(), place.getPort())) {
            socket.getOutputStream()
                    .write(
                            "POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s"
                                    .formatted(CHAT, body.length(), body)
                                    .getBytes(StandardCharsets.UTF_8));
        }
        HttpResponse<String> answer = served.post(CHAT, body).join();
        assertThat(answer.body()).contains("gone");
        assertThat(served.paid()).isEqualTo(1);
    }

    @Test
    void no_header_or_body_of_a_call_ends_the_server() {
        Served served = open(SHORT, o -> o, mode(Mode.LIVE));
        assertThat(served.post(CHAT, chat("a"), "Batchwright-Deadline", "-1s").join().statusCode())
                .isEqualTo(400);
        assertThat(
                        served.post(CHAT, chat("a"), "Idempotency-Key", "k".repeat(300))
                                .join()
                                .statusCode())
                .isEqualTo(400);
        assertThat(served.post(CHAT, "").join().statusCode()).isEqualTo(400);
        assertThat(served.post(CHAT, "[]").join().statusCode()).isEqualTo(400);
        assertThat(served.post(CHAT, chat("fine")).join().statusCode()).isEqualTo(200);
    }

    @Test
    void all_jobs_of_the_process_share_the_limits_of_the_account() throws Exception {
        Files.writeString(
                directory.resolve("batchwright.yaml"),
                "providers:\n  openai:\n    concurrency: 3\n");
        Served served = open(SHORT, o -> o.latency("20ms"), mode(Mode.LIVE));
        var calls = new ArrayList<CompletableFuture<HttpResponse<String>>>();
        for (int i = 0; i < 15; i++) {
            // Each endpoint is a queue, and so a job, of its own.
            calls.add(served.post(CHAT, chat("call " + i)));
            calls.add(
                    served.post(
                            "/v1/responses",
                            "{\"model\":\"gpt-4o-mini\",\"input\":\"call %d\"}".formatted(i)));
        }
        assertThat(calls.stream().map(call -> call.join().statusCode()).distinct())
                .containsExactly(200);
        assertThat(served.provider.bill().executed()).isEqualTo(30);
        assertThat(served.provider.bill().mostRunning()).isLessThanOrEqualTo(3);
    }

    @Test
    void a_client_that_waits_long_sees_that_it_is_not_forgotten() {
        Served served =
                open(SHORT, o -> o.latency("600ms"), o -> o.mode(Mode.LIVE).within(impatient()));
        HttpResponse<String> stream = served.post(CHAT, chat("a", ",\"stream\":true")).join();
        assertThat(header(stream, "content-type")).startsWith("text/event-stream");
        assertThat(stream.body()).startsWith(": waiting\n\n").endsWith("data: [DONE]\n\n");
        HttpResponse<String> blanks =
                served.post(CHAT, chat("b"), "Batchwright-Keep-Alive", "true").join();
        assertThat(blanks.body()).startsWith(" ");
        assertThat(blanks.body().strip()).startsWith("{").contains("chat.completion");
    }

    /** A sign of life comes five times in the time that a connection may be idle. */
    private static Limits impatient() {
        Limits usual = Limits.STANDARD;
        return new Limits(
                usual.bodyBytes(),
                usual.fileBytes(),
                usual.openRequests(),
                usual.streams(),
                usual.patience(),
                Duration.ofMillis(500));
    }
}
