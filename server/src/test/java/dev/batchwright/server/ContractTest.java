package dev.batchwright.server;

import static dev.batchwright.contract.OpenAiContract.problems;
import static dev.batchwright.contract.OpenAiContract.withoutNulls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.workbench.Way;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** What every route answers is what OpenAI's contract says, in both lanes. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ContractTest {
    private static final String KEY = "bw-team-0123456789";
    private static final String OTHER = "bw-other-0123456789";
    private static final String CONFIGURATION =
            """
            serve:
              keys:
                team: {env: TEAM_KEY, scopes: [calls, batches]}
                other: {env: OTHER_KEY, scopes: [batches], rpm: 1}
            """;
    private static final String CHAT =
            "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]%s}";

    private final Simulator provider =
            Simulator.start(
                    SimulatorOptions.builder()
                            .key("sk-test")
                            .eventLoops(1)
                            .timeScale(50)
                            .batchTime("1s")
                            .build());
    private Served served;

    @BeforeAll
    void start(@TempDir Path directory) throws InterruptedException {
        served =
                new Served(
                        directory,
                        Map.of("OPENAI_API_KEY", "sk-test", "TEAM_KEY", KEY, "OTHER_KEY", OTHER),
                        CONFIGURATION,
                        options ->
                                options.before(
                                                new Way.Said(
                                                        Optional.of("openai"),
                                                        Optional.of(provider.baseUrl()),
                                                        Optional.empty()))
                                        .batching(
                                                new ServerOptions.Batching(
                                                        1_000,
                                                        Duration.ofMillis(50),
                                                        Optional.of(Duration.ofMillis(20)),
                                                        Optional.empty(),
                                                        Map.of(),
                                                        true)),
                        context -> List.of());
    }

    @AfterAll
    void stop() {
        served.close();
        provider.close();
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        var request =
                served.request(path, headers)
                        .header("authorization", "Bearer " + KEY)
                        .method(method, HttpRequest.BodyPublishers.ofString(body));
        return served.send(request);
    }

    private JsonNode post(String path, String body, String lane)
            throws IOException, InterruptedException {
        return good(send("POST", path, body, "Batchwright-Mode", lane));
    }

    private JsonNode get(String path) throws IOException, InterruptedException {
        return good(send("GET", path, ""));
    }

    private static JsonNode good(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return json(answer.body());
    }

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    private static JsonNode valid(String schema, JsonNode answer) {
        assertThat(problems(schema, answer)).as(answer.toString()).isEmpty();
        return answer;
    }

    /** The real API writes null for what these schemas call absent. */
    private static JsonNode validBesideNulls(String schema, JsonNode answer) {
        valid(schema, withoutNulls(answer));
        return answer;
    }

    /** Where the contract has none, the real API writes null. */
    private static JsonNode withoutUsageBeforeItIsKnown(JsonNode event) {
        if (event.path("response") instanceof ObjectNode response
                && response.path("usage").isNull()) {
            response.remove("usage");
        }
        return event;
    }

    private List<JsonNode> events(String path, String body, String lane)
            throws IOException, InterruptedException {
        HttpResponse<String> stream = send("POST", path, body, "Batchwright-Mode", lane);
        assertThat(stream.statusCode()).as(stream.body()).isEqualTo(200);
        return stream.body()
                .lines()
                .filter(line -> line.startsWith("data: ") && !line.equals("data: [DONE]"))
                .map(line -> json(line.substring("data: ".length())))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"live", "batch"})
    void chat(String lane) throws Exception {
        String schema = "CreateChatCompletionResponse";
        valid(schema, post("/v1/chat/completions", CHAT.formatted("a", ",\"n\":2"), lane));
        String tools =
                """
                ,"tool_choice":"required","tools":[{"type":"function","function":{"name":"label",
                 "parameters":{"type":"object","properties":{"text":{"type":"string"}}}}}]\
                """;
        valid(schema, post("/v1/chat/completions", CHAT.formatted("tool", tools), lane));
        for (String more : List.of("", ",\"n\":2", tools)) {
            String streamed = ",\"stream\":true,\"stream_options\":{\"include_usage\":true}" + more;
            List<JsonNode> chunks =
                    events("/v1/chat/completions", CHAT.formatted("streamed", streamed), lane);
            assertThat(chunks).hasSizeGreaterThan(2);
            chunks.forEach(chunk -> valid("CreateChatCompletionStreamResponse", chunk));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"live", "batch"})
    void responses(String lane) throws Exception {
        String body = "{\"model\":\"gpt-4o-mini\",\"input\":\"%s\"%s}";
        valid("Response", post("/v1/responses", body.formatted("a", ""), lane));
        String tools =
                """
                ,"tool_choice":"required","tools":[{"type":"function","name":"label","strict":true,
                 "parameters":{"type":"object","properties":{"t":{"type":"string"}}}}]\
                """;
        valid("Response", post("/v1/responses", body.formatted("tool", tools), lane));
        for (String more : List.of("", tools)) {
            List<JsonNode> events =
                    events(
                            "/v1/responses",
                            body.formatted("streamed", ",\"stream\":true" + more),
                            lane);
            assertThat(events).hasSizeGreaterThan(4);
            events.forEach(
                    event -> valid("ResponseStreamEvent", withoutUsageBeforeItIsKnown(event)));
        }
    }

    @Test
    void a_response_in_the_background() throws Exception {
        String body = "{\"model\":\"gpt-4o-mini\",\"input\":\"later\"%s}";
        JsonNode queued =
                valid(
                        "Response",
                        post("/v1/responses", body.formatted(",\"background\":true"), "live"));
        // Whoever makes the same call in the foreground waits for the same answer.
        post("/v1/responses", body.formatted(""), "live");
        JsonNode there = valid("Response", get("/v1/responses/" + queued.path("id").asString()));
        assertThat(there.path("status").asString()).isEqualTo("completed");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/embeddings  | CreateEmbeddingResponse  |"
                        + " {'model':'text-embedding-3-small','input':['a','b']}",
                "/v1/completions | CreateCompletionResponse |"
                        + " {'model':'gpt-3.5-turbo-instruct','prompt':'a','n':2}",
                "/v1/moderations | CreateModerationResponse |"
                        + " {'model':'omni-moderation-latest','input':'a'}"
            })
    void other_calls(String path, String schema, String body) throws Exception {
        for (String lane : List.of("live", "batch")) {
            valid(schema, post(path, body.replace('\'', '"'), lane));
        }
    }

    @Test
    void models() throws Exception {
        valid("ListModelsResponse", get("/v1/models"));
        valid("Model", get("/v1/models/gpt-4o-mini"));
    }

    private JsonNode upload(String lines) throws IOException, InterruptedException {
        String form = UploadForm.of(lines);
        return good(send("POST", "/v1/files", form, "content-type", UploadForm.TYPE));
    }

    private JsonNode create(String file) throws IOException, InterruptedException {
        return good(
                send(
                        "POST",
                        "/v1/batches",
                        "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"metadata\":{\"a\":\"b\"}}"
                                .formatted(file)));
    }

    private JsonNode ended(String batch) throws IOException, InterruptedException {
        while (true) {
            JsonNode now = validBesideNulls("Batch", get("/v1/batches/" + batch));
            if (List.of("completed", "failed", "cancelled")
                    .contains(now.path("status").asString())) {
                return now;
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    @Test
    void files_and_batches() throws Exception {
        String line =
                "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}\n";
        String model = CHAT.formatted("b", "").replace("gpt-4o-mini", "no-such-model");
        JsonNode file =
                validBesideNulls(
                        "OpenAIFile",
                        upload(
                                line.formatted("good", CHAT.formatted("a", ""))
                                        + line.formatted("bad", model)));
        String id = file.path("id").asString();
        validBesideNulls("OpenAIFile", get("/v1/files/" + id));
        validBesideNulls("ListFilesResponse", get("/v1/files"));

        JsonNode created = validBesideNulls("Batch", create(id));
        JsonNode ended = ended(created.path("id").asString());
        validBesideNulls("ListBatchesResponse", get("/v1/batches"));
        Stream.of("output_file_id", "error_file_id")
                .map(ended::path)
                .filter(JsonNode::isString)
                .flatMap(written -> lines(written.asString()))
                .forEach(row -> valid("BatchRequestOutput", row));

        JsonNode wrong = create(upload("no json\n").path("id").asString());
        assertThat(ended(wrong.path("id").asString()).at("/errors/data/0/line").asInt())
                .isEqualTo(1);
        JsonNode late = create(id);
        HttpResponse<String> cancelled =
                send("POST", "/v1/batches/%s/cancel".formatted(late.path("id").asString()), "");
        validBesideNulls("Batch", good(cancelled));
        valid("DeleteFileResponse", good(send("DELETE", "/v1/files/" + id, "")));
    }

    private Stream<JsonNode> lines(String file) {
        try {
            return send("GET", "/v1/files/%s/content".formatted(file), "")
                    .body()
                    .lines()
                    .map(ContractTest::json);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "400, POST, /v1/chat/completions, '{'",
        "400, POST, /v1/chat/completions, '{}'",
        "400, POST, /v1/embeddings, '[]'",
        "400, POST, /v1/batches, '{\"endpoint\":\"/v1/nothing\"}'",
        "400, POST, /v1/files, 'no form'",
        "400, GET, /v1/files?limit=0, ''",
        "400, GET, /v1/batches?after=batch_of_nobody, ''",
        "404, GET, /v1/files/file-of-nobody, ''",
        "404, GET, /v1/files/file-of-nobody/content, ''",
        "404, DELETE, /v1/files/file-of-nobody, ''",
        "404, GET, /v1/batches/batch_of_nobody, ''",
        "404, POST, /v1/batches/batch_of_nobody/cancel, ''",
        "404, GET, /v1/responses/resp_of_nobody, ''",
        "404, GET, /v1/models/model-of-nobody, ''",
        "404, GET, /v1/nothing, ''",
        "405, GET, /v1/chat/completions, ''"
    })
    void what_is_wrong_is_told_as_an_error(int status, String method, String path, String body)
            throws Exception {
        HttpResponse<String> answer = send(method, path, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        valid("ErrorResponse", json(answer.body()));
    }

    @Test
    void who_is_not_let_in_is_told_in_the_same_form() throws Exception {
        HttpResponse<String> none = served.get("/v1/models");
        assertThat(none.statusCode()).isEqualTo(401);
        valid("ErrorResponse", json(none.body()));
        String[] other = {"authorization", "Bearer " + OTHER};
        HttpResponse<String> scope = served.post("/v1/chat/completions", "{}", other);
        assertThat(scope.statusCode()).isEqualTo(403);
        valid("ErrorResponse", json(scope.body()));
        served.post("/v1/batches", "{}", other);
        HttpResponse<String> fast = served.post("/v1/batches", "{}", other);
        assertThat(fast.statusCode()).isEqualTo(429);
        valid("ErrorResponse", json(fast.body()));
    }
}
