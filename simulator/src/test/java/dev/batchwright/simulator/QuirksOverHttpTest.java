package dev.batchwright.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;

/** What each quirk looks like from the other side of the wire, and on the bill. */
@Timeout(60)
class QuirksOverHttpTest {
    private final SettableClock clock = new SettableClock();
    private Simulator simulator = start();
    private Client client = new Client(simulator);

    private Simulator start(String... quirks) {
        var options =
                SimulatorOptions.builder()
                        .eventLoops(1)
                        .clock(clock)
                        .validationTime("1m")
                        .batchTime("100m");
        for (String quirk : quirks) {
            options.quirk(quirk);
        }
        return Simulator.start(options.build());
    }

    private void with(String... quirks) {
        close();
        simulator = start(quirks);
        client = new Client(simulator);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static String lines(int count) {
        var lines = new StringBuilder();
        for (int i = 0; i < count; i++) {
            lines.append(
                    """
                    {"custom_id":"r-%d","method":"POST","url":"/v1/chat/completions","body":%s}
                    """
                            .formatted(i, Client.chat("text " + i)));
        }
        return lines.toString();
    }

    private Client.Got uploading(int rows) throws IOException, InterruptedException {
        return client.upload("/v1/files", "in.jsonl", lines(rows), "purpose", "batch");
    }

    private static String id(Client.Got got) {
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json().path("id").asString();
    }

    private Client.Got creating(String file) throws IOException, InterruptedException {
        return client.post(
                "/v1/batches",
                """
                {"input_file_id":"%s","endpoint":"/v1/chat/completions","completion_window":"24h"}\
                """
                        .formatted(file));
    }

    private String created(int rows) throws IOException, InterruptedException {
        return id(creating(id(uploading(rows))));
    }

    private JsonNode poll(String id) throws IOException, InterruptedException {
        Client.Got got = client.get("/v1/batches/" + id);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json();
    }

    private JsonNode ended(String id) throws IOException, InterruptedException {
        clock.advance(Duration.ofHours(25));
        return poll(id);
    }

    private String path(JsonNode batch, String file) {
        return "/v1/files/" + batch.path(file).asString() + "/content";
    }

    private List<String> lines(JsonNode batch, String file)
            throws IOException, InterruptedException {
        return client.get(path(batch, file)).body().lines().toList();
    }

    private JsonNode batches() throws IOException, InterruptedException {
        return client.get("/simulator/batches").json().path("batches");
    }

    @Nested
    class To_calls {
        @Test
        void a_create_whose_answer_is_lost_has_created() throws Exception {
            with("create-lost first=1");
            String file = id(uploading(1));
            assertThatThrownBy(() -> creating(file)).isInstanceOf(IOException.class);
            assertThat(batches()).hasSize(1);
            assertThat(creating(file).status()).isEqualTo(200);
            assertThat(client.get("/v1/batches").json().path("data")).hasSize(2);
        }

        @Test
        void a_create_that_answers_500_has_created_or_not() throws Exception {
            with("create-done-500 first=1", "create-500 after=0 first=1");
            String file = id(uploading(1));
            assertThat(creating(file).status()).isEqualTo(500);
            assertThat(batches()).hasSize(1);
            assertThat(creating(file).status()).isEqualTo(500);
            assertThat(batches()).hasSize(1);
            assertThat(creating(file).status()).isEqualTo(200);
        }

        @ParameterizedTest
        @CsvSource({"upload-429, 1", "create-429, 1", "poll-429, 1"})
        void throttled_calls_say_how_long_to_wait(String quirk, String wait) throws Exception {
            with(quirk + " first=1");
            Client.Got first = uploading(1);
            String file = id(first.status() == 429 ? uploading(1) : first);
            Client.Got second = creating(file);
            String batch = id(second.status() == 429 ? creating(file) : second);
            Client.Got third = client.get("/v1/batches/" + batch);
            assertThat(Stream.of(first, second, third).filter(got -> got.status() == 429))
                    .singleElement()
                    .satisfies(got -> assertThat(got.header("retry-after")).isEqualTo(wait));
        }

        @Test
        void polls_fail_for_a_time() throws Exception {
            with("poll-503=30s");
            String id = created(1);
            assertThat(client.get("/v1/batches/" + id).status()).isEqualTo(503);
            clock.advance(Duration.ofSeconds(29));
            assertThat(client.get("/v1/batches/" + id).status()).isEqualTo(503);
            clock.advance(Duration.ofSeconds(1));
            assertThat(client.get("/v1/batches/" + id).status()).isEqualTo(200);
        }

        @Test
        void what_was_made_is_not_found_at_once() throws Exception {
            with("upload-lag=5s", "create-lag=5s");
            String file = id(uploading(1));
            assertThat(client.get("/v1/files/" + file).status()).isEqualTo(404);
            Client.Got early = creating(file);
            assertThat(early.status()).isEqualTo(400);
            assertThat(early.error().path("param").asString()).isEqualTo("file_id");
            clock.advance(Duration.ofSeconds(5));
            String batch = id(creating(file));
            assertThat(client.get("/v1/batches/" + batch).status()).isEqualTo(404);
            assertThat(client.get("/v1/batches").json().path("data")).isEmpty();
            clock.advance(Duration.ofSeconds(5));
            assertThat(client.get("/v1/batches").json().path("data")).hasSize(1);
        }
    }

    @Nested
    class To_downloads {
        @Test
        void a_redirect_leads_to_a_place_that_notices_keys() throws Exception {
            with("redirect");
            JsonNode batch = ended(created(3));
            Client.Got moved = client.get(path(batch, "output_file_id"));
            assertThat(moved.status()).isEqualTo(302);
            URI there = URI.create(moved.header("location"));
            assertThat(there.getPort()).isNotEqualTo(simulator.port());
            assertThat(client.getFrom(there).body().lines()).hasSize(3);
            assertThat(simulator.bill().keysLeaked()).isZero();
            assertThat(client.getFrom(there, "authorization", "Bearer x").status()).isEqualTo(200);
            assertThat(simulator.bill().keysLeaked()).isEqualTo(1);
        }

        @Test
        void a_cut_comes_as_often_as_told() throws Exception {
            with("cut=0.5 first=2");
            JsonNode batch = ended(created(3));
            String path = path(batch, "output_file_id");
            assertThatThrownBy(() -> client.get(path)).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> client.get(path)).isInstanceOf(IOException.class);
            assertThat(client.get(path).body().lines()).hasSize(3);
        }

        @Test
        void a_slow_one_is_whole() throws Exception {
            with("slow=200ms");
            JsonNode batch = ended(created(30));
            assertThat(lines(batch, "output_file_id")).hasSize(30);
        }
    }

    @Nested
    class To_batches {
        @Test
        void one_is_stuck_in_validation() throws Exception {
            with("stuck");
            assertThat(ended(created(1)).path("status").asString()).isEqualTo("validating");
            with("stuck=10m");
            String id = created(1);
            clock.advance(Duration.ofMinutes(9));
            assertThat(poll(id).path("status").asString()).isEqualTo("validating");
            assertThat(ended(id).path("status").asString()).isEqualTo("completed");
        }

        @Test
        void one_expires_with_a_share_done() throws Exception {
            with("expire=0.3");
            JsonNode batch = ended(created(10));
            assertThat(batch.path("status").asString()).isEqualTo("expired");
            assertThat(lines(batch, "output_file_id")).hasSize(3);
            assertThat(lines(batch, "error_file_id")).hasSize(7);
            assertThat(simulator.bill().executedInBatches()).isEqualTo(3);
        }

        @ParameterizedTest
        @CsvSource({
            "fail, server_error, false",
            "fail=quota, quota, false",
            "fail-late, token_limit_exceeded, true"
        })
        void one_fails_as_a_whole_and_is_not_paid(String quirk, String code, boolean started)
                throws Exception {
            with(quirk);
            JsonNode batch = ended(created(10));
            assertThat(batch.path("status").asString()).isEqualTo("failed");
            assertThat(batch.at("/errors/data/0/code").asString()).isEqualTo(code);
            assertThat(batch.path("in_progress_at").isNull()).isNotEqualTo(started);
            assertThat(batch.path("output_file_id").isNull()).isTrue();
            assertThat(simulator.bill().executedInBatches()).isZero();
        }

        @Test
        void one_comes_back_in_another_order() throws Exception {
            List<String> straight = lines(ended(created(50)), "output_file_id");
            with("reorder");
            List<String> mixed = lines(ended(created(50)), "output_file_id");
            assertThat(mixed).containsExactlyInAnyOrderElementsOf(straight).isNotEqualTo(straight);
        }

        @Test
        void one_has_an_error_file_of_nothing() throws Exception {
            with("empty-error-id");
            assertThat(ended(created(1)).path("error_file_id").asString("?")).isEmpty();
            with("empty-error-file");
            JsonNode batch = ended(created(1));
            Client.Got got = client.get(path(batch, "error_file_id"));
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.body()).isEmpty();
        }

        @Test
        void counts_go_back_and_lag() throws Exception {
            with("counts-back");
            String back = created(100);
            clock.advance(Duration.ofMinutes(51));
            int one = poll(back).at("/request_counts/completed").asInt();
            int two = poll(back).at("/request_counts/completed").asInt();
            assertThat(List.of(one, two)).containsExactlyInAnyOrder(50, 25);
            with("counts-lag=30m");
            String lags = created(100);
            clock.advance(Duration.ofMinutes(51));
            assertThat(poll(lags).at("/request_counts/completed").asInt()).isEqualTo(20);
            assertThat(ended(lags).at("/request_counts/completed").asInt()).isEqualTo(100);
        }

        @Test
        void one_is_completed_when_it_is_to_be_cancelled() throws Exception {
            with("cancel-late");
            String id = created(10);
            clock.advance(Duration.ofMinutes(51));
            assertThat(client.post("/v1/batches/" + id + "/cancel", "").status()).isEqualTo(409);
            JsonNode batch = poll(id);
            assertThat(batch.path("status").asString()).isEqualTo("completed");
            assertThat(lines(batch, "output_file_id")).hasSize(10);
        }

        @Test
        void a_cancelled_one_loses_finished_rows_that_are_paid() throws Exception {
            with("cancel-loses=2");
            String id = created(10);
            clock.advance(Duration.ofMinutes(51));
            client.post("/v1/batches/" + id + "/cancel", "");
            JsonNode batch = ended(id);
            assertThat(batch.at("/request_counts/completed").asInt()).isEqualTo(3);
            assertThat(lines(batch, "output_file_id")).hasSize(3);
            assertThat(lines(batch, "error_file_id")).hasSize(5);
            assertThat(simulator.bill().executedInBatches()).isEqualTo(5);
        }

        @Test
        void a_running_one_has_a_status_that_nobody_knows() throws Exception {
            with("status=resting");
            String id = created(1);
            clock.advance(Duration.ofMinutes(51));
            assertThat(poll(id).path("status").asString()).isEqualTo("resting");
            assertThat(ended(id).path("status").asString()).isEqualTo("completed");
        }
    }

    @Nested
    class To_rows {
        @ParameterizedTest
        @CsvSource({
            "row-missing, 8, 0, 10",
            "row-twice, 12, 0, 10",
            "row-unknown, 12, 0, 10",
            "row-garbled, 10, 0, 10",
            "row-blank, 12, 0, 10",
            "row-fails, 8, 2, 8",
            "row-fails=429, 8, 2, 8"
        })
        void two_of_ten_are_odd(String quirk, int output, int errors, int paid) throws Exception {
            with(quirk + " after=3 first=2");
            JsonNode batch = ended(created(10));
            assertThat(lines(batch, "output_file_id")).hasSize(output);
            if (errors > 0) {
                assertThat(lines(batch, "error_file_id"))
                        .hasSize(errors)
                        .allMatch(line -> line.endsWith(",\"error\":null}"));
            }
            assertThat(simulator.bill().executedInBatches()).isEqualTo(paid);
        }
    }

    @Nested
    class Who_watches {
        @Test
        void is_told_of_both_moments_and_may_stop_the_call() throws Exception {
            var goOn = new CountDownLatch(1);
            var processed = new CompletableFuture<String>();
            String file = id(uploading(1));
            simulator.onCall(
                    new CallListener() {
                        @Override
                        public void before(String method, String path) {
                            assertThat(simulator.bill().batches()).isEmpty();
                        }

                        @Override
                        public void answered(String method, String path) {
                            processed.complete(method + " " + path);
                            try {
                                goOn.await();
                            } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        }
                    });
            var answer =
                    client.postLater(
                            "/v1/batches",
                            "{\"input_file_id\":\""
                                    + file
                                    + "\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\"}");
            assertThat(processed.join()).isEqualTo("POST /v1/batches");
            assertThat(simulator.bill().batches()).hasSize(1);
            assertThat(answer).isNotDone();
            goOn.countDown();
            assertThat(answer.join().status()).isEqualTo(200);
        }

        @Test
        void holds_the_nth_call_over_http() throws Exception {
            assertThat(
                            client.post(
                                            "/simulator/hold",
                                            """
                                            {"at":"before","match":"POST /v1/chat/.*","nth":2}\
                                            """)
                                    .status())
                    .isEqualTo(204);
            assertThat(client.chatCompletion("one").status()).isEqualTo(200);
            var second = client.postLater("/v1/chat/completions", Client.chat("two"));
            JsonNode held = client.get("/simulator/held").json();
            assertThat(held.at("/held/0/path").asString()).isEqualTo("/v1/chat/completions");
            assertThat(simulator.bill().executed()).isEqualTo(1);
            assertThat(second).isNotDone();
            assertThat(client.post("/simulator/release", "").status()).isEqualTo(204);
            assertThat(second.join().status()).isEqualTo(200);
            assertThat(client.get("/simulator/held?wait=1ms").json().path("held")).isEmpty();
        }

        @Test
        void is_refused_nonsense() throws Exception {
            for (String body : List.of("{}", "{\"match\":\"POST\"}", "{\"match\":\"POST [\"}")) {
                assertThat(client.post("/simulator/hold", body).status()).isEqualTo(400);
            }
            assertThat(client.get("/simulator/held?wait=long").status()).isEqualTo(400);
            assertThat(client.get("/simulator/hold").status()).isEqualTo(405);
        }
    }
}
