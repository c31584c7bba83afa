package dev.batchwright.simulator.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.wire.RequestHash;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Anthropic's batches, in a time that stands still until the test moves it. */
@Timeout(60)
class MessageBatchesTest {
    private static final String BATCHES = "/v1/messages/batches";
    private static final String[] HEADERS = {"anthropic-version", "2023-06-01", "x-api-key", "k"};

    private final SettableClock clock = new SettableClock();
    private Simulator simulator = start(options -> options);
    private Client client = new Client(simulator);

    private Simulator start(UnaryOperator<SimulatorOptions.Builder> more) {
        return Simulator.start(
                more.apply(
                                SimulatorOptions.builder()
                                        .provider("anthropic")
                                        .eventLoops(1)
                                        .clock(clock)
                                        .validationTime("1s")
                                        .batchTime("100m"))
                        .build());
    }

    private void restart(UnaryOperator<SimulatorOptions.Builder> more) {
        close();
        simulator = start(more);
        client = new Client(simulator);
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static String params(String text) {
        return "{\"model\":\"m\",\"max_tokens\":99,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
                .formatted(text);
    }

    private static String request(String id, String params) {
        return "{\"custom_id\":\"%s\",\"params\":%s}".formatted(id, params);
    }

    private static String requests(String... requests) {
        return "{\"requests\":[" + String.join(",", requests) + "]}";
    }

    private static String several(int count) {
        var requests = new ArrayList<String>();
        for (int i = 0; i < count; i++) {
            requests.add(request("r-" + i, params("text " + i)));
        }
        return requests(requests.toArray(new String[0]));
    }

    private Client.Got creating(String body) throws IOException, InterruptedException {
        return client.post(BATCHES, body, HEADERS);
    }

    private String created(String body) throws IOException, InterruptedException {
        Client.Got got = creating(body);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json().path("id").asString();
    }

    private Client.Got get(String path) throws IOException, InterruptedException {
        return client.get(BATCHES + path, HEADERS);
    }

    private JsonNode poll(String id) throws IOException, InterruptedException {
        return get("/" + id).json();
    }

    private void pass(Duration span) {
        clock.advance(span);
    }

    private void end() {
        pass(Duration.ofHours(2));
    }

    private ObjectNode results(String id) throws IOException, InterruptedException {
        Client.Got got = get("/" + id + "/results");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(got.header("content-type")).isEqualTo("application/x-jsonl");
        ObjectNode results = JsonMapper.shared().createObjectNode();
        for (String line : got.body().split("\n", -1)) {
            if (!line.isEmpty()) {
                JsonNode row = JsonMapper.shared().readTree(line);
                results.set(row.path("custom_id").asString(), row.path("result"));
            }
        }
        return results;
    }

    private static String counts(JsonNode batch) {
        JsonNode counts = batch.path("request_counts");
        return "%d %d %d %d %d"
                .formatted(
                        counts.path("processing").asInt(-1),
                        counts.path("succeeded").asInt(-1),
                        counts.path("errored").asInt(-1),
                        counts.path("canceled").asInt(-1),
                        counts.path("expired").asInt(-1));
    }

    @Nested
    class A_batch {
        @Test
        void runs_ends_and_has_results_that_can_be_read_again_and_again() throws Exception {
            Client.Got got = creating(several(3));
            String id = got.json().path("id").asString();
            assertThat(id).startsWith("msgbatch_");
            assertThat(got.json().path("type").asString()).isEqualTo("message_batch");
            assertThat(got.json().path("processing_status").asString()).isEqualTo("in_progress");
            assertThat(got.json().path("results_url").isNull()).isTrue();
            assertThat(counts(got.json())).isEqualTo("3 0 0 0 0");
            assertThat(got.header("retry-after")).isEqualTo("10");

            end();
            JsonNode batch = poll(id);
            assertThat(get("/" + id).header("retry-after")).isEmpty();
            assertThat(batch.path("processing_status").asString()).isEqualTo("ended");
            assertThat(counts(batch)).isEqualTo("0 3 0 0 0");
            assertThat(batch.path("results_url").asString())
                    .endsWith("/v1/messages/batches/" + id + "/results");
            assertThat(batch.path("ended_at").asString()).startsWith("2026-11-20T13:4");
            assertThat(results(id)).isEqualTo(results(id)).hasSize(3);
            JsonNode message = results(id).path("r-1").path("message");
            assertThat(message.at("/content/0/text").asString()).isEqualTo("echo: text 1");
            assertThat(message.at("/usage/service_tier").asString()).isEqualTo("batch");
        }

        @Test
        void counts_nothing_before_its_end() throws Exception {
            String id = created(several(10));
            pass(Duration.ofMinutes(51));
            assertThat(counts(poll(id))).isEqualTo("10 0 0 0 0");
        }

        @Test
        void may_count_earlier_if_the_simulator_is_told_to() throws Exception {
            restart(options -> options.earlyCounts(true));
            String id = created(several(10));
            pass(Duration.ofMinutes(51));
            assertThat(counts(poll(id))).isEqualTo("5 5 0 0 0");
        }

        @Test
        void has_no_results_before_its_end() throws Exception {
            String id = created(several(1));
            Client.Got got = get("/" + id + "/results");
            assertThat(got.status()).isEqualTo(404);
            assertThat(got.error().path("type").asString()).isEqualTo("not_found_error");
            assertThat(got.error().path("message").asString())
                    .isEqualTo("Message Batch %s has no available results.".formatted(id));
        }

        @Test
        void executes_what_a_live_call_would() throws Exception {
            created(requests(request("a", params("hello"))));
            end();
            assertThat(simulator.bill().batches()).hasSize(1);
            assertThat(
                            simulator
                                    .bill()
                                    .count(
                                            RequestHash.of(
                                                    "/v1/messages",
                                                    params("hello")
                                                            .getBytes(StandardCharsets.UTF_8)))
                                    .inBatches())
                    .isEqualTo(1);
        }

        @Test
        void finds_what_is_wrong_inside_of_requests_only_when_it_runs() throws Exception {
            restart(options -> options.models(List.of("m")));
            String id =
                    created(
                            requests(
                                    request("good", params("a")),
                                    request("none", "{\"model\":\"m\",\"max_tokens\":1}"),
                                    request("model", params("a").replace("\"m\"", "\"x\"")),
                                    request(
                                            "stream",
                                            params("a")
                                                    .replace(
                                                            "{\"model",
                                                            "{\"stream\":true,\"model")),
                                    request("zero", params("a").replace("99", "0"))));
            end();
            assertThat(counts(poll(id))).isEqualTo("0 1 4 0 0");
            ObjectNode results = results(id);
            JsonNode error = results.path("none").path("error");
            assertThat(results.path("none").path("type").asString()).isEqualTo("errored");
            assertThat(error.path("type").asString()).isEqualTo("error");
            assertThat(error.path("request_id").isNull()).isTrue();
            assertThat(error.at("/error/type").asString()).isEqualTo("invalid_request_error");
            assertThat(error.at("/error/message").asString()).isEqualTo("messages: Field required");
            assertThat(results.path("model").at("/error/error/type").asString())
                    .isEqualTo("not_found_error");
            assertThat(results.path("model").at("/error/error/message").asString())
                    .isEqualTo("model: x");
            assertThat(results.path("stream").at("/error/error/message").asString())
                    .isEqualTo("\"stream=True\" is not supported in the Message Batches API");
            assertThat(results.path("zero").at("/error/error/message").asString())
                    .startsWith("max_tokens: ");
        }

        @Test
        void may_be_cancelled_and_keeps_what_was_done() throws Exception {
            String id = created(several(10));
            pass(Duration.ofMinutes(51));
            JsonNode cancelling =
                    client.send("POST", BATCHES + "/" + id + "/cancel", HEADERS).json();
            assertThat(cancelling.path("processing_status").asString()).isEqualTo("canceling");
            assertThat(cancelling.path("cancel_initiated_at").isString()).isTrue();
            end();
            JsonNode batch = poll(id);
            assertThat(batch.path("processing_status").asString()).isEqualTo("ended");
            assertThat(counts(batch)).isEqualTo("0 5 0 5 0");
            assertThat(results(id).path("r-0").path("type").asString()).isEqualTo("succeeded");
            assertThat(results(id).path("r-9").path("type").asString()).isEqualTo("canceled");
            assertThat(results(id)).hasSize(10);
        }

        @Test
        void ends_after_a_day_with_what_is_left_expired() throws Exception {
            restart(options -> options.batchTime("48h"));
            String id = created(several(10));
            pass(Duration.ofHours(25));
            JsonNode batch = poll(id);
            assertThat(batch.path("processing_status").asString()).isEqualTo("ended");
            assertThat(counts(batch)).isEqualTo("0 4 0 0 6");
            assertThat(results(id).path("r-9").path("type").asString()).isEqualTo("expired");
        }

        @Test
        void loses_its_results_29_days_after_its_creation() throws Exception {
            String id = created(several(1));
            pass(Duration.ofDays(28));
            assertThat(results(id)).hasSize(1);
            pass(Duration.ofDays(1));
            assertThat(get("/" + id + "/results").status()).isEqualTo(404);
            assertThat(poll(id).path("archived_at").isString()).isTrue();
        }

        @Test
        void can_be_deleted_after_its_end_only() throws Exception {
            String id = created(several(1));
            Client.Got early = client.send("DELETE", BATCHES + "/" + id, HEADERS);
            assertThat(early.status()).isEqualTo(400);
            assertThat(early.error().path("message").asString())
                    .startsWith("In progress batches cannot be deleted.");
            end();
            Client.Got got = client.send("DELETE", BATCHES + "/" + id, HEADERS);
            assertThat(got.json().path("type").asString()).isEqualTo("message_batch_deleted");
            assertThat(get("/" + id).status()).isEqualTo(404);
        }
    }

    @Nested
    class The_list {
        @Test
        void is_walked_by_ids_in_both_directions_newest_first() throws Exception {
            var ids = new ArrayList<String>();
            for (int i = 0; i < 5; i++) {
                ids.addFirst(created(several(1)));
            }
            JsonNode first = get("?limit=2").json();
            assertThat(ids(first)).isEqualTo(ids.subList(0, 2));
            assertThat(first.path("has_more").asBoolean()).isTrue();
            assertThat(first.path("last_id").asString()).isEqualTo(ids.get(1));
            JsonNode last = get("?limit=3&after_id=" + ids.get(1)).json();
            assertThat(ids(last)).isEqualTo(ids.subList(2, 5));
            assertThat(last.path("has_more").asBoolean()).isFalse();
            assertThat(ids(get("?limit=2&before_id=" + ids.get(3)).json()))
                    .isEqualTo(ids.subList(1, 3));
            assertThat(get("?limit=1001").status()).isEqualTo(400);
        }

        private List<String> ids(JsonNode list) {
            var ids = new ArrayList<String>();
            list.path("data").forEach(batch -> ids.add(batch.path("id").asString()));
            return ids;
        }
    }

    @Nested
    class A_wrong_body {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = (char) 1,
                value = {
                    "{} | requests: Field required",
                    "{'requests':[]} | requests: List should have at least 1 item after validation,"
                            + " not 0",
                    "{'requests':[{'params':{}}]} | requests.0.custom_id: Field required",
                    "{'requests':[{'custom_id':'a b','params':{}}]} | requests.0.custom_id: String"
                            + " should match pattern '^[a-zA-Z0-9_-]{1,64}$'",
                    "{'requests':[{'custom_id':'a'}]} | requests.0.params: Field required",
                    "{'requests':[{'custom_id':'dup','params':{}},{'custom_id':'dup','params':{}}]}"
                            + " | requests: custom_id's must be unique within a batch. Duplicate"
                            + " custom_id found: dup"
                })
        void makes_no_batch(String body, String message) throws Exception {
            String json = body.replace('\'', '"');
            Client.Got got = creating(json);
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("type").asString()).isEqualTo("invalid_request_error");
            assertThat(got.error().path("message").asString()).isEqualTo(message);
            assertThat(get("").json().path("data")).isEmpty();
        }

        @Test
        void names_ids_that_are_too_long() throws Exception {
            Client.Got got = creating(requests(request("x".repeat(65), "{}")));
            assertThat(got.error().path("message").asString())
                    .isEqualTo("requests.0.custom_id: String should have at most 64 characters");
        }

        @Test
        void is_no_json() throws Exception {
            Client.Got got = creating("{\"requests\":[");
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("message").asString())
                    .startsWith("The request body is not valid JSON");
        }

        @Test
        void is_turned_away_by_the_edge_if_it_is_too_large() throws Exception {
            restart(options -> options.maxUploadBytes(100));
            Client.Got got = creating(several(10));
            assertThat(got.status()).isEqualTo(413);
            assertThat(got.header("content-type")).startsWith("text/html");
        }

        @Test
        void has_too_many_requests() throws Exception {
            restart(options -> options.maxBatchRequests(2));
            assertThat(creating(several(3)).error().path("message").asString())
                    .isEqualTo(
                            "requests: List should have at most 2 items after validation, not 3");
        }

        @Test
        void finds_the_queue_full() throws Exception {
            restart(options -> options.enqueuedTokens(100));
            created(several(3));
            Client.Got got = creating(several(3));
            assertThat(got.status()).isEqualTo(429);
            assertThat(got.error().path("type").asString()).isEqualTo("rate_limit_error");
            end();
            created(several(3));
        }
    }
}
