package dev.batchwright.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Workbench;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** The server as its clients see it, before any face. */
class ServerTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir Path directory;
    private final ByteArrayOutputStream events = new ByteArrayOutputStream();
    private Workbench workbench;
    private Server server;

    @BeforeEach
    void start() throws InterruptedException {
        workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of(),
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        server =
                Server.start(
                        workbench,
                        ServerOptions.STANDARD.at(new ServerOptions.Listen("127.0.0.1", 0)),
                        new EventLog(
                                Clock.systemUTC(),
                                new PrintStream(events, true, StandardCharsets.UTF_8)));
    }

    @AfterEach
    void stop() {
        server.close();
        workbench.close();
    }

    @Test
    void a_server_that_lives_says_so() throws Exception {
        var answer = get("/health");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo("ok");
        assertThat(answer.headers().firstValue("x-request-id")).isPresent();
    }

    @Test
    void a_server_whose_store_can_be_read_is_ready() throws Exception {
        assertThat(get("/ready").statusCode()).isEqualTo(200);
    }

    @Test
    void an_unknown_route_is_refused_in_the_form_of_its_api() throws Exception {
        var openai = get("/v1/nothing");
        assertThat(openai.statusCode()).isEqualTo(404);
        assertThat(openai.body())
                .contains("\"type\":\"invalid_request_error\"", "\"code\":\"unknown_url\"");
        var anthropic = get("/v1/messages/nothing");
        assertThat(anthropic.statusCode()).isEqualTo(404);
        assertThat(anthropic.body())
                .startsWith("{\"type\":\"error\",\"error\":{\"type\":\"not_found_error\"")
                .contains(anthropic.headers().firstValue("x-request-id").orElseThrow());
    }

    @Test
    void its_start_and_its_end_are_told() {
        server.close();
        assertThat(events.toString(StandardCharsets.UTF_8))
                .contains("\"event\":\"server_started\"", "\"event\":\"server_stopped\"");
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(server.origin().resolve(path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
