package dev.batchwright.simulator.gemini;

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

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** Gemini's files and batches, in a time that stands still until the test moves it. */
@Timeout(60)
class BatchesTest {
    private static final String MODEL = "/v1beta/models/gemini-2.5-flash:";
    private static final String EMBEDDER = "/v1beta/models/gemini-embedding-001:";

    private final SettableClock clock = new SettableClock();
    private Simulator simulator = start(options -> options);
    private Client client = new Client(simulator);

    private Simulator start(UnaryOperator<SimulatorOptions.Builder> more) {
        return Simulator.start(
                more.apply(
                                SimulatorOptions.builder()
                                        .provider("gemini")
                                        .key("k")
                                        .eventLoops(1)
                                        .clock(clock)
                                        .validationTime("60s")
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

    private Client.Got get(String path) throws IOException, InterruptedException {
        return client.get(path, "x-goog-api-key", "k");
    }

    private Client.Got post(String path, String body) throws IOException, InterruptedException {
        return client.post(path, body, "x-goog-api-key", "k");
    }

    private Client.Got delete(String path) throws IOException, InterruptedException {
        return client.send("DELETE", path, "x-goog-api-key", "k");
    }

    /** The path of the address that an upload goes to. */
    private String started(String content, String name) throws IOException, InterruptedException {
        Client.Got got =
                client.post(
                        "/upload/v1beta/files",
                        "{\"file\":{\"display_name\":\"%s\"}}".formatted(name),
                        "x-goog-api-key",
                        "k",
                        "x-goog-upload-protocol",
                        "resumable",
                        "x-goog-upload-command",
                        "start",
                        "x-goog-upload-header-content-length",
                        "" + content.length(),
                        "x-goog-upload-header-content-type",
                        "application/jsonl");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(got.body()).isEmpty();
        URI address = URI.create(got.header("x-goog-upload-url"));
        return address.getPath() + "?" + address.getQuery();
    }

    /** Without a key: the address is enough. */
    private Client.Got command(String address, String command, long offset, String content)
            throws IOException, InterruptedException {
        return client.post(
                address,
                content,
                "x-goog-upload-command",
                command,
                "x-goog-upload-offset",
                "" + offset);
    }

    private JsonNode uploaded(String content) throws IOException, InterruptedException {
        Client.Got got = command(started(content, "input"), "upload, finalize", 0, content);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(got.header("x-goog-upload-status")).isEqualTo("final");
        JsonNode file = got.json().path("file");
        assertThat(Contract.problems("File", file)).isEmpty();
        return file;
    }

    private static String request(String text) {
        return "{\"contents\":[{\"parts\":[{\"text\":\"%s\"}]}]}".formatted(text);
    }

    private static String line(String key, String text) {
        return "{\"key\":\"%s\",\"request\":%s}\n".formatted(key, request(text));
    }

    private static String inline(String... requests) {
        return """
        {"batch":{"displayName":"run-1","inputConfig":{"requests":{"requests":[%s]}},"priority":"0"}}\
        """
                .formatted(String.join(",", requests));
    }

    private static String named(String key, String request) {
        return "{\"request\":%s,\"metadata\":{\"key\":\"%s\"}}".formatted(request, key);
    }

    private JsonNode created(String call, String body) throws IOException, InterruptedException {
        return operation(post(call, body));
    }

    private JsonNode fromFile(String content) throws IOException, InterruptedException {
        return created(
                MODEL + "batchGenerateContent",
                "{\"batch\":{\"display_name\":\"run-1\",\"input_config\":{\"file_name\":\"%s\"}}}"
                        .formatted(uploaded(content).path("name").asString()));
    }

    private static JsonNode operation(Client.Got got) {
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        JsonNode operation = got.json();
        assertThat(Contract.problems("Operation", operation)).as(got.body()).isEmpty();
        String type = operation.at("/metadata/@type").asString();
        assertThat(
                        Contract.problems(
                                type.substring(type.lastIndexOf('.') + 1),
                                operation.path("metadata")))
                .as(got.body())
                .isEmpty();
        if (operation.has("response")) {
            assertThat(
                            Contract.problems(
                                    type.substring(type.lastIndexOf('.') + 1) + "Output",
                                    operation.path("response")))
                    .as(got.body())
                    .isEmpty();
        }
        return operation;
    }

    private JsonNode poll(JsonNode operation) throws IOException, InterruptedException {
        return operation(get("/v1beta/" + operation.path("name").asString()));
    }

    private JsonNode ended(JsonNode operation) throws IOException, InterruptedException {
        clock.advance(Duration.ofHours(2));
        return poll(operation);
    }

    private static String state(JsonNode operation) {
        return operation.at("/metadata/state").asString();
    }

    private static JsonNode inlined(JsonNode operation) {
        return operation.at("/response/inlinedResponses/inlinedResponses");
    }

    private List<JsonNode> rows(JsonNode operation) throws IOException, InterruptedException {
        String file = operation.at("/response/responsesFile").asString();
        Client.Got got = get("/download/v1beta/" + file + ":download?alt=media");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        List<JsonNode> rows = new ArrayList<>();
        for (String line : got.body().split("\n", -1)) {
            if (!line.isEmpty()) {
                rows.add(JsonMapper.shared().readTree(line));
            }
        }
        return rows;
    }

    @Nested
    class A_file {
        @Test
        void comes_in_chunks_and_can_be_asked_how_far_it_came() throws Exception {
            String content = "x".repeat(262_144) + "end";
            String address = started(content, "two chunks");
            Client.Got first = command(address, "upload", 0, content.substring(0, 262_144));
            assertThat(first.header("x-goog-upload-status")).isEqualTo("active");
            assertThat(first.body()).isEmpty();
            Client.Got query = command(address, "query", 0, "");
            assertThat(query.header("x-goog-upload-size-received")).isEqualTo("262144");
            Client.Got last = command(address, "upload, finalize", 262_144, "end");
            JsonNode file = last.json().path("file");
            assertThat(file.path("sizeBytes").asString()).isEqualTo("262147");
            assertThat(file.path("displayName").asString()).isEqualTo("two chunks");
            assertThat(file.path("state").asString()).isEqualTo("ACTIVE");
            assertThat(get("/v1beta/" + file.path("name").asString()).json()).isEqualTo(file);
        }

        @Test
        void takes_no_chunk_at_the_wrong_place_or_of_the_wrong_size() throws Exception {
            String address = started("abcdef", "x");
            assertThat(command(address, "upload", 0, "abc").status()).isEqualTo(400);
            assertThat(command(address, "upload, finalize", 3, "def").status()).isEqualTo(400);
            assertThat(command(address, "upload, finalize", 0, "abc").status()).isEqualTo(400);
            assertThat(command(address, "upload, finalize", 0, "abcdef").status()).isEqualTo(200);
            assertThat(command(address, "upload, finalize", 0, "abcdef").status()).isEqualTo(400);
        }

        @Test
        void is_listed_lives_two_days_and_can_be_deleted() throws Exception {
            JsonNode older = uploaded("{}");
            JsonNode newer = uploaded("{}");
            JsonNode page = get("/v1beta/files?pageSize=1").json();
            assertThat(Contract.problems("ListFilesResponse", page)).isEmpty();
            assertThat(page.at("/files/0")).isEqualTo(newer);
            String token = page.path("nextPageToken").asString();
            JsonNode last = get("/v1beta/files?pageSize=1&pageToken=" + token).json();
            assertThat(last.at("/files/0")).isEqualTo(older);
            assertThat(last.has("nextPageToken")).isFalse();
            String path = "/v1beta/" + newer.path("name").asString();
            assertThat(delete(path).json()).isEmpty();
            assertThat(get(path).status()).isEqualTo(403);
            clock.advance(Duration.ofHours(49));
            assertThat(get("/v1beta/" + older.path("name").asString()).status()).isEqualTo(403);
            assertThat(get("/v1beta/files").json()).isEmpty();
        }

        @Test
        void cannot_be_downloaded_if_it_was_uploaded() throws Exception {
            String path = "/v1beta/" + uploaded("{}").path("name").asString();
            assertThat(get("/download" + path + ":download?alt=media").status()).isEqualTo(400);
        }
    }

    @Nested
    class A_batch_from_a_file {
        @Test
        void is_pending_runs_and_has_its_results_in_a_file() throws Exception {
            JsonNode created = fromFile(line("a", "hello") + line("b", "world"));
            assertThat(state(created)).isEqualTo("BATCH_STATE_PENDING");
            assertThat(created.has("done")).isFalse();
            assertThat(created.at("/metadata/displayName").asString()).isEqualTo("run-1");
            assertThat(created.at("/metadata/batchStats/requestCount").asString()).isEqualTo("2");
            assertThat(created.at("/metadata/batchStats/pendingRequestCount").asString())
                    .isEqualTo("2");
            assertThat(created.at("/metadata/batchStats").has("successfulRequestCount")).isFalse();
            clock.advance(Duration.ofMinutes(52));
            JsonNode running = poll(created);
            assertThat(state(running)).isEqualTo("BATCH_STATE_RUNNING");
            assertThat(running.at("/metadata/batchStats/successfulRequestCount").asString())
                    .isEqualTo("1");
            JsonNode ended = ended(created);
            assertThat(state(ended)).isEqualTo("BATCH_STATE_SUCCEEDED");
            assertThat(ended.path("done").asBoolean()).isTrue();
            assertThat(ended.at("/metadata/output/responsesFile"))
                    .isEqualTo(ended.at("/response/responsesFile"));
            List<JsonNode> rows = rows(ended);
            assertThat(rows).hasSize(2);
            assertThat(rows.get(1).path("key").asString()).isEqualTo("b");
            assertThat(rows.get(1).at("/response/candidates/0/content/parts/0/text").asString())
                    .isEqualTo("echo: world");
            assertThat(
                            simulator
                                    .bill()
                                    .count(
                                            RequestHash.of(
                                                    MODEL + "generateContent",
                                                    request("world")
                                                            .getBytes(StandardCharsets.UTF_8)))
                                    .inBatches())
                    .isEqualTo(1);
        }

        @Test
        void has_a_result_file_that_only_the_download_knows() throws Exception {
            JsonNode ended = ended(fromFile(line("a", "hello")));
            String file = ended.at("/response/responsesFile").asString();
            assertThat(file).startsWith("files/batch-").hasSize("files/".length() + 42);
            assertThat(get("/v1beta/" + file).error().path("message").asString())
                    .isEqualTo(
                            "GetFileRequest.name: File ID (name excluding 'files/') cannot be more"
                                    + " than 40 characters.");
            assertThat(delete("/v1beta/" + file).status()).isEqualTo(400);
            assertThat(get("/v1beta/" + file + ":download?alt=media").status()).isEqualTo(200);
        }

        @Test
        void has_errors_with_the_codes_of_grpc() throws Exception {
            JsonNode ended =
                    ended(
                            fromFile(
                                    line("a", "fine")
                                            + "{\"key\":\"b\",\"request\":{\"contents\":[],\"max_tokens\":1}}\n"
                                            + "{\"key\":\"c\",\"request\":{\"contents\":[]}}\n"
                                            + "{\"custom_id\":\"d\",\"request\":"
                                            + request("nameless")
                                            + "}\n"));
            assertThat(state(ended)).isEqualTo("BATCH_STATE_SUCCEEDED");
            assertThat(ended.at("/metadata/batchStats/failedRequestCount").asString())
                    .isEqualTo("2");
            List<JsonNode> rows = rows(ended);
            assertThat(rows.get(1).at("/error/code").asInt()).isEqualTo(3);
            assertThat(rows.get(1).at("/error/message").asString())
                    .isEqualTo("no such field: 'max_tokens'");
            assertThat(rows.get(2).at("/error/message").asString())
                    .contains("contents is not specified");
            assertThat(rows.get(3).has("key")).isFalse();
            assertThat(rows.get(3).has("response")).isTrue();
        }

        @Test
        void fails_as_a_whole_where_a_line_is_no_object() throws Exception {
            JsonNode ended = ended(fromFile(line("a", "fine") + "nonsense\n"));
            assertThat(state(ended)).isEqualTo("BATCH_STATE_FAILED");
            assertThat(ended.at("/error/code").asInt()).isEqualTo(3);
            assertThat(ended.at("/error/message").asString()).contains("line 2");
            assertThat(ended.has("response")).isFalse();
        }

        @Test
        void needs_a_file_that_exists() throws Exception {
            Client.Got got =
                    post(
                            MODEL + "batchGenerateContent",
                            "{\"batch\":{\"inputConfig\":{\"fileName\":\"files/gone\"}}}");
            assertThat(got.status()).isEqualTo(404);
            assertThat(got.error().path("status").asString()).isEqualTo("NOT_FOUND");
        }
    }

    @Nested
    class A_batch_of_inline_requests {
        @Test
        void has_its_results_twice_in_the_operation() throws Exception {
            JsonNode created =
                    created(
                            MODEL + "batchGenerateContent",
                            inline(
                                    named("a", request("hello")),
                                    "{\"metadata\":{\"key\":\n"
                                            + "\"b\"},\"request\":{\"contents\":[]}}"));
            JsonNode ended = ended(created);
            assertThat(inlined(ended)).hasSize(2);
            assertThat(ended.at("/metadata/output/inlinedResponses"))
                    .isEqualTo(ended.at("/response/inlinedResponses"));
            assertThat(inlined(ended).at("/0/metadata/key").asString()).isEqualTo("a");
            assertThat(
                            inlined(ended)
                                    .at("/0/response/candidates/0/content/parts/0/text")
                                    .asString())
                    .isEqualTo("echo: hello");
            assertThat(inlined(ended).at("/1/metadata/key").asString()).isEqualTo("b");
            assertThat(inlined(ended).at("/1/error/code").asInt()).isEqualTo(3);
        }

        @Test
        void may_lose_the_metadata_of_its_results() throws Exception {
            restart(options -> options.inlineMetadata(false));
            JsonNode ended =
                    ended(
                            created(
                                    MODEL + "batchGenerateContent",
                                    inline(named("a", request("hello")))));
            assertThat(inlined(ended).at("/0").has("metadata")).isFalse();
            assertThat(inlined(ended).at("/0").has("response")).isTrue();
        }

        @Test
        void embeds_texts() throws Exception {
            JsonNode ended =
                    ended(
                            created(
                                    EMBEDDER + "asyncBatchEmbedContent",
                                    inline(
                                            named(
                                                    "a",
                                                    "{\"model\":\"models/gemini-embedding-001\",\"content\":{\"parts\":[{\"text\":\"x\"}]},\"outputDimensionality\":8}"))));
            assertThat(ended.at("/metadata/@type").asString()).endsWith(".EmbedContentBatch");
            assertThat(inlined(ended).at("/0/response/embedding/values")).hasSize(8);
        }

        @Test
        void is_refused_where_a_request_has_an_unknown_field() throws Exception {
            Client.Got got =
                    post(
                            MODEL + "batchGenerateContent",
                            inline(named("a", "{\"contents\":[],\"max_tokens\":1}")));
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("message").asString())
                    .contains("Unknown name \"max_tokens\" at 'request'");
        }
    }

    @Nested
    class The_end_of_a_batch {
        @Test
        void comes_by_cancelling_without_results() throws Exception {
            JsonNode created = fromFile(line("a", "hello") + line("b", "world"));
            clock.advance(Duration.ofMinutes(52));
            Client.Got got = post("/v1beta/" + created.path("name").asString() + ":cancel", "");
            assertThat(got.status()).isEqualTo(200);
            assertThat(got.json()).isEmpty();
            assertThat(state(poll(created))).isEqualTo("BATCH_STATE_RUNNING");
            JsonNode ended = ended(created);
            assertThat(state(ended)).isEqualTo("BATCH_STATE_CANCELLED");
            assertThat(ended.path("done").asBoolean()).isTrue();
            assertThat(ended.at("/error/code").asInt()).isEqualTo(1);
            assertThat(ended.has("response")).isFalse();
        }

        @Test
        void comes_after_two_days_without_results() throws Exception {
            restart(options -> options.batchTime("96h"));
            JsonNode created = fromFile(line("a", "hello"));
            clock.advance(Duration.ofHours(49));
            JsonNode ended = poll(created);
            assertThat(state(ended)).isEqualTo("BATCH_STATE_EXPIRED");
            assertThat(ended.has("response")).isFalse();
            assertThat(ended.path("metadata").has("output")).isFalse();
        }

        @Test
        void is_unheard_of_after_a_deletion() throws Exception {
            JsonNode created = fromFile(line("a", "hello"));
            String path = "/v1beta/" + created.path("name").asString();
            assertThat(delete(path).json()).isEmpty();
            assertThat(get(path).status()).isEqualTo(404);
            assertThat(get("/v1beta/batches").json()).isEmpty();
        }
    }

    @Test
    void the_list_has_pages_and_no_inline_results() throws Exception {
        fromFile(line("a", "hello"));
        created(MODEL + "batchGenerateContent", inline(named("a", request("hello"))));
        clock.advance(Duration.ofHours(2));
        JsonNode page = get("/v1beta/batches?pageSize=1").json();
        assertThat(page.path("operations")).hasSize(1);
        assertThat(page.at("/operations/0/done").asBoolean()).isTrue();
        assertThat(page.at("/operations/0/metadata/displayName").asString()).isEqualTo("run-1");
        assertThat(page.at("/operations/0").has("response")).isFalse();
        JsonNode next =
                get("/v1beta/batches?pageSize=1&pageToken=" + page.path("nextPageToken").asString())
                        .json();
        assertThat(next.at("/operations/0/metadata/inputConfig/fileName").asString())
                .startsWith("files/");
        assertThat(next.has("nextPageToken")).isFalse();
    }

    @Test
    void no_batch_is_created_while_the_queue_is_full() throws Exception {
        restart(options -> options.enqueuedTokens(30));
        JsonNode first = fromFile(line("a", "hello"));
        Client.Got got =
                post(
                        MODEL + "batchGenerateContent",
                        inline(named("a", request("hello")), named("b", request("hello"))));
        assertThat(got.status()).isEqualTo(429);
        assertThat(got.error().path("status").asString()).isEqualTo("RESOURCE_EXHAUSTED");
        ended(first);
        created(MODEL + "batchGenerateContent", inline(named("a", request("hello"))));
    }

    @Test
    void a_wrong_key_is_refused_here_too() throws Exception {
        Client.Got got = client.get("/v1beta/batches", "x-goog-api-key", "wrong");
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.error().path("message").asString())
                .isEqualTo("API key not valid. Please pass a valid API key.");
    }
}
