package dev.batchwright.simulator.xai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.SettableClock;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import tools.jackson.databind.JsonNode;

import java.io.IOException;
import java.time.Duration;

/** xAI's batches: counters, no status. */
@Timeout(60)
class BatchesTest {
    private final SettableClock clock = new SettableClock();
    private final Simulator simulator =
            Simulator.start(
                    SimulatorOptions.builder()
                            .provider("xai")
                            .eventLoops(1)
                            .clock(clock)
                            .key("k")
                            .validationTime("1m")
                            .batchTime("100m")
                            .build());
    private final Client client = new Client(simulator);

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return client.get(path, "authorization", "Bearer k").json();
    }

    private Client.Got post(String path, String body) throws IOException, InterruptedException {
        return client.post(path, body, "authorization", "Bearer k");
    }

    private static String line(String id, String more) {
        return """
        {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":{"model":"grok"%s,"messages":[{"role":"user","content":"x"}]}}
        """
                .formatted(id, more);
    }

    private String created(String content) throws IOException, InterruptedException {
        String form =
                "--b\r\n"
                    + "Content-Disposition: form-data; name=\"purpose\"\r\n\r\n"
                    + "batch\r\n"
                    + "--b\r\n"
                    + "Content-Disposition: form-data; name=\"file\"; filename=\"i.jsonl\"\r\n\r\n"
                        + content
                        + "\r\n--b--\r\n";
        String file =
                client.post(
                                "/v1/files",
                                form,
                                "authorization",
                                "Bearer k",
                                "content-type",
                                "multipart/form-data; boundary=b")
                        .json()
                        .path("id")
                        .asString();
        Client.Got got =
                post("/v1/batches", "{\"name\":\"run\",\"input_file_id\":\"" + file + "\"}");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json().path("batch_id").asString();
    }

    @Test
    void counters_tell_where_a_batch_stands_and_results_come_in_pages() throws Exception {
        String id = created(line("a", "") + line("b", ",\"temperature\":9") + line("c", ""));
        assertThat(get("/v1/batches/" + id).at("/state/num_requests").asInt()).isZero();
        clock.advance(Duration.ofMinutes(52));
        assertThat(get("/v1/batches/" + id).at("/state/num_pending").asInt()).isEqualTo(2);
        clock.advance(Duration.ofHours(2));
        assertThat(get("/v1/batches/" + id).path("state").toString())
                .isEqualTo(
                        "{\"num_requests\":3,\"num_pending\":0,\"num_success\":2,\"num_error\":1,"
                                + "\"num_cancelled\":0}");
        JsonNode page = get("/v1/batches/" + id + "/results?limit=2");
        assertThat(
                        page.at("/results/0/batch_result/response/chat_get_completion/object")
                                .asString())
                .isEqualTo("chat.completion");
        assertThat(page.at("/results/1/batch_result/error").asString()).contains("temperature");
        JsonNode last =
                get(
                        "/v1/batches/"
                                + id
                                + "/results?limit=2&pagination_token="
                                + page.path("pagination_token").asString());
        assertThat(last.at("/results/0/batch_request_id").asString()).isEqualTo("c");
        assertThat(last.path("pagination_token").isNull()).isTrue();
        assertThat(get("/v1/batches").at("/batches/0/name").asString()).isEqualTo("run");
    }

    @Test
    void a_bad_line_cancels_the_batch_with_a_message() throws Exception {
        String id = created(line("a", "") + "{\"body\":{}}\n");
        clock.advance(Duration.ofHours(2));
        assertThat(get("/v1/batches/" + id).path("cancel_by_xai_message").asString())
                .isEqualTo("JSONL file validation failed: line 2: custom_id is missing");
    }

    @Test
    void a_cancelled_batch_counts_what_was_not_run() throws Exception {
        String id = created(line("a", "") + line("b", ""));
        clock.advance(Duration.ofMinutes(52));
        assertThat(post("/v1/batches/" + id + ":cancel", "").status()).isEqualTo(200);
        clock.advance(Duration.ofHours(1));
        JsonNode batch = get("/v1/batches/" + id);
        assertThat(batch.path("cancel_time").isString()).isTrue();
        assertThat(batch.at("/state/num_cancelled").asInt()).isEqualTo(1);
    }

    @Test
    void a_wrong_key_is_a_wrong_argument() throws Exception {
        Client.Got got = client.get("/v1/batches");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.json().path("error").isString()).isTrue();
    }
}
