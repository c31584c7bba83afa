package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The server as its clients see it, before any face. */
class ServerTest {
    private static final String CONFIGURATION =
            """
            prices:
              echo:
                org/echo-1: {input: 0.10, output: 0.40}
            serve:
              models:
                special: {mode: live}
            """;

    @TempDir Path directory;
    private Served served;

    @BeforeEach
    void start() throws InterruptedException {
        served = new Served(directory, Map.of(), CONFIGURATION);
    }

    @AfterEach
    void stop() {
        served.close();
    }

    @Test
    void a_server_that_lives_says_so() throws Exception {
        var answer = served.get("/health");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    }

    @Test
    void a_server_whose_store_can_be_read_is_ready() throws Exception {
        assertThat(served.get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void an_unknown_route_is_refused_in_the_form_of_its_api() throws Exception {
        var openai = served.get("/v1/nothing");
        assertThat(openai.statusCode()).isEqualTo(404);
        assertThat(openai.body())
                .contains("\"type\":\"invalid_request_error\"", "\"code\":\"unknown_url\"");
        var anthropic = served.get("/v1/messages/nothing");
        assertThat(anthropic.statusCode()).isEqualTo(404);
        assertThat(anthropic.body())
                .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"")
                .contains(anthropic.headers().firstValue("request-id").orElseThrow());
        assertThat(served.get("/v1/models/none", "anthropic-version", "2023-06-01").body())
                .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"");
    }

    @Test
    void the_models_are_listed_in_the_form_of_either_api() throws Exception {
        assertThat(served.get("/v1/models").body())
                .isEqualTo(
                        "{\"object\":\"list\",\"data\":["
                            + "{\"id\":\"org/echo-1\",\"object\":\"model\",\"created\":0,\"owned_by\":\"echo\"},"
                            + "{\"id\":\"special\",\"object\":\"model\",\"created\":0,\"owned_by\":\"batchwright\"}]}");
        assertThat(served.get("/v1/models", "anthropic-version", "2023-06-01").body())
                .contains(
                        "\"type\":\"model\",\"id\":\"org/echo-1\"",
                        "\"has_more\":false",
                        "\"last_id\":\"special\"");
        assertThat(served.get("/v1/models/org/echo-1").body())
                .isEqualTo(
                        "{\"id\":\"org/echo-1\",\"object\":\"model\",\"created\":0,\"owned_by\":\"echo\"}");
        var unknown = served.get("/v1/models/none");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.body()).contains("\"code\":\"model_not_found\"");
    }

    @Test
    void requests_are_counted_by_what_they_came_to() throws Exception {
        served.get("/health");
        served.get("/v1/models/none");
        assertThat(served.get("/metrics").body())
                .contains(
                        "batchwright_http_requests_seconds_count{method=\"GET\",route=\"/health\",status=\"200\"}"
                            + " 1",
                        "batchwright_http_requests_seconds_count{method=\"GET\",route=\"/v1/models/:id\",status=\"404\"}"
                            + " 1",
                        "batchwright_http_open_requests 1.0");
    }

    @Test
    void methods_that_clients_make_up_are_counted_as_one() throws Exception {
        for (String method : List.of("X1", "X2", "GETS")) {
            served.send(
                    served.request("/health").method(method, HttpRequest.BodyPublishers.noBody()));
        }
        assertThat(served.get("/metrics").body())
                .contains("{method=\"other\",")
                .doesNotContain("X1", "X2", "GETS");
    }

    @Test
    void its_start_and_its_end_are_told() {
        served.server.close();
        assertThat(served.events())
                .contains(
                        "\"event\":\"server_started\"",
                        "\"event\":\"server_draining\"",
                        "\"event\":\"server_stopped\"");
    }
}
