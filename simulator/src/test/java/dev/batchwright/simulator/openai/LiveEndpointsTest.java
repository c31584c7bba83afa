package dev.batchwright.simulator.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.contract.OpenAiContract;
import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Every answer validates against OpenAI's own schemas and carries the echo of its request. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveEndpointsTest {
    private final Simulator simulator =
            Simulator.start(SimulatorOptions.builder().eventLoops(2).build());
    private final Client client = new Client(simulator);

    @BeforeAll
    void resetBill() {
        simulator.bill().reset();
    }

    @AfterAll
    void close() {
        client.close();
        simulator.close();
    }

    private JsonNode valid(String schema, String path, String body)
            throws IOException, InterruptedException {
        Client.Got got = client.post(path, body);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(OpenAiContract.problems(schema, got.json())).as(got.body()).isEmpty();
        return got.json();
    }

    private JsonNode chat(String members) throws IOException, InterruptedException {
        return valid(
                "CreateChatCompletionResponse",
                "/v1/chat/completions",
                "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"system\",\"content\":\"Be"
                        + " brief.\"},{\"role\":\"user\",\"content\":\"hello world\"}]"
                        + members
                        + "}");
    }

    private static String content(JsonNode chat) {
        return chat.at("/choices/0/message/content").asString();
    }

    @Test
    void chat_echoes_the_last_user_message() throws Exception {
        JsonNode answer = chat("");
        assertThat(content(answer)).isEqualTo("echo: hello world");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("stop");
        assertThat(answer.path("model").asString()).isEqualTo("gpt-4o");
        assertThat(answer.at("/usage/prompt_tokens").asInt()).isEqualTo(5); // 20 bytes
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(5); // 17 bytes
    }

    @Test
    void chat_reads_text_out_of_parts() throws Exception {
        JsonNode answer =
                valid(
                        "CreateChatCompletionResponse",
                        "/chat/completions",
                        """
                        {"model":"gpt-4o","messages":[{"role":"user","content":[
                         {"type":"text","text":"what is this?"},
                         {"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}\
                        """);
        assertThat(content(answer)).isEqualTo("echo: what is this?");
    }

    @Test
    void chat_is_cut_at_the_limit_of_tokens() throws Exception {
        for (String limit : List.of("max_tokens", "max_completion_tokens")) {
            JsonNode answer = chat(",\"" + limit + "\":2");
            assertThat(content(answer)).isEqualTo("echo: he");
            assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("length");
            assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(2);
        }
    }

    @Test
    void chat_gives_as_many_choices_as_asked_for() throws Exception {
        JsonNode answer = chat(",\"n\":3");
        assertThat(answer.path("choices")).hasSize(3);
        assertThat(answer.at("/usage/completion_tokens").asInt()).isEqualTo(15);
    }

    @Test
    void chat_writes_json_where_it_is_asked_for() throws Exception {
        assertThat(content(chat(",\"response_format\":{\"type\":\"json_object\"}")))
                .isEqualTo("{\"echo\":\"echo: hello world\"}");
        assertThat(
                        content(
                                chat(
                                        """
                                        ,"response_format":{"type":"json_schema","json_schema":
                                        {"name":"t","schema":{"type":"object","properties":{"label":
                                        {"type":"string"},"score":{"type":"integer"}},"required":
                                        ["label","score"]}}}\
                                        """)))
                .isEqualTo("{\"label\":\"echo: hello world\",\"score\":0}");
    }

    @Test
    void chat_calls_a_tool_that_is_required() throws Exception {
        JsonNode answer =
                chat(
                        """
                        ,"tool_choice":"required","tools":[{"type":"function","function":{"name":
                        "label","parameters":{"type":"object","properties":{"text":{"type":
                        "string"}}}}}]\
                        """);
        JsonNode call = answer.at("/choices/0/message/tool_calls/0/function");
        assertThat(call.path("name").asString()).isEqualTo("label");
        assertThat(call.path("arguments").asString()).isEqualTo("{\"text\":\"echo: hello world\"}");
        assertThat(answer.at("/choices/0/finish_reason").asString()).isEqualTo("tool_calls");
    }

    @Test
    void chat_streams() throws Exception {
        String text = "a longer text, so that it takes several chunks \uD83D\uDE00 to deliver it";
        Client.Got got =
                client.post(
                        "/v1/chat/completions",
                        """
                        {"model":"gpt-4o","stream":true,"stream_options":{"include_usage":true},
                         "messages":[{"role":"user","content":"%s"}]}\
                        """
                                .formatted(text));
        assertThat(got.header("content-type")).startsWith("text/event-stream");
        List<String> events = data(got.body());
        assertThat(events.removeLast()).isEqualTo("[DONE]");
        var content = new StringBuilder();
        for (String event : events) {
            JsonNode chunk = JsonMapper.shared().readTree(event);
            assertThat(OpenAiContract.problems("CreateChatCompletionStreamResponse", chunk))
                    .as(event)
                    .isEmpty();
            content.append(chunk.at("/choices/0/delta/content").asString(""));
        }
        assertThat(content.toString()).isEqualTo("echo: " + text);
        JsonNode last = JsonMapper.shared().readTree(events.getLast());
        assertThat(last.path("choices")).isEmpty();
        assertThat(last.at("/usage/total_tokens").asInt()).isPositive();
    }

    @Test
    void responses_echo_too() throws Exception {
        JsonNode answer =
                valid(
                        "Response",
                        "/v1/responses",
                        "{\"model\":\"gpt-5\",\"input\":\"hello\",\"metadata\":{\"a\":\"b\"}}");
        assertThat(answer.at("/output/0/content/0/text").asString()).isEqualTo("echo: hello");
        assertThat(answer.path("status").asString()).isEqualTo("completed");
        assertThat(answer.at("/metadata/a").asString()).isEqualTo("b");
    }

    @Test
    void responses_take_items_and_end_incomplete_at_the_limit() throws Exception {
        JsonNode answer =
                valid(
                        "Response",
                        "/responses",
                        """
                        {"model":"gpt-4o","max_output_tokens":16,"input":[{"role":"user","content":
                         [{"type":"input_text","text":"%s"}]}]}\
                        """
                                .formatted("x".repeat(100)));
        assertThat(answer.path("status").asString()).isEqualTo("incomplete");
        assertThat(answer.at("/incomplete_details/reason").asString())
                .isEqualTo("max_output_tokens");
    }

    @Test
    void responses_call_a_tool_that_is_required() throws Exception {
        JsonNode answer =
                valid(
                        "Response",
                        "/v1/responses",
                        """
                        {"model":"gpt-4o","input":"hello","tool_choice":"required","tools":[{"type":
                         "function","name":"label","strict":true,"parameters":{"type":"object",
                         "properties":{"t":{"type":"string"}}}}]}\
                        """);
        assertThat(answer.at("/output/0/arguments").asString())
                .isEqualTo("{\"t\":\"echo: hello\"}");
    }

    @Test
    void responses_stream_named_events() throws Exception {
        Client.Got got =
                client.post(
                        "/v1/responses",
                        "{\"model\":\"gpt-4o\",\"input\":\"hello\",\"stream\":true}");
        var types = new ArrayList<String>();
        for (String event : data(got.body())) {
            JsonNode json = JsonMapper.shared().readTree(event);
            assertThat(OpenAiContract.problems("ResponseStreamEvent", json)).as(event).isEmpty();
            assertThat(json.path("sequence_number").asInt()).isEqualTo(types.size());
            types.add(json.path("type").asString());
        }
        assertThat(types)
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.completed");
        assertThat(got.body()).startsWith("event: response.created\ndata: ");
    }

    @Test
    void embeddings_follow_from_their_input() throws Exception {
        JsonNode answer =
                valid(
                        "CreateEmbeddingResponse",
                        "/v1/embeddings",
                        "{\"model\":\"text-embedding-3-small\",\"input\":[\"a\",\"b\",\"a\"]}");
        assertThat(answer.path("data")).hasSize(3);
        assertThat(answer.at("/data/0/embedding")).hasSize(1536);
        assertThat(answer.at("/data/0/embedding")).isEqualTo(answer.at("/data/2/embedding"));
        assertThat(answer.at("/data/0/embedding")).isNotEqualTo(answer.at("/data/1/embedding"));
    }

    @Test
    void embeddings_come_as_base64_too() throws Exception {
        JsonNode floats =
                client.post("/v1/embeddings", "{\"model\":\"e\",\"input\":[1,2],\"dimensions\":8}")
                        .json();
        JsonNode base64 =
                client.post(
                                "/v1/embeddings",
                                """
                                {"model":"e","input":[1,2],"dimensions":8,"encoding_format":"base64"}\
                                """)
                        .json();
        ByteBuffer bytes =
                ByteBuffer.wrap(
                                Base64.getDecoder()
                                        .decode(base64.at("/data/0/embedding").asString()))
                        .order(ByteOrder.LITTLE_ENDIAN);
        for (JsonNode value : floats.at("/data/0/embedding")) {
            assertThat(bytes.getFloat()).isEqualTo(value.asFloat());
        }
        assertThat(bytes.hasRemaining()).isFalse();
        assertThat(floats.at("/usage/prompt_tokens").asInt()).isEqualTo(2);
    }

    @Test
    void completions_echo_each_prompt() throws Exception {
        JsonNode answer =
                valid(
                        "CreateCompletionResponse",
                        "/v1/completions",
                        "{\"model\":\"m\",\"prompt\":[\"a\",\"b\"],\"n\":2}");
        assertThat(answer.path("choices")).hasSize(4);
        assertThat(answer.at("/choices/2/text").asString()).isEqualTo("echo: b");
    }

    @Test
    void moderations_flag_a_word() throws Exception {
        JsonNode answer =
                valid(
                        "CreateModerationResponse",
                        "/v1/moderations",
                        "{\"input\":[\"peace\",\"violence\"]}");
        assertThat(answer.at("/results/0/flagged").asBoolean()).isFalse();
        assertThat(answer.at("/results/1/flagged").asBoolean()).isTrue();
    }

    @Test
    void score_and_rerank_agree() throws Exception {
        JsonNode scores =
                client.post(
                                "/v1/score",
                                "{\"model\":\"m\",\"text_1\":\"q\",\"text_2\":[\"a\",\"b\",\"c\"]}")
                        .json();
        JsonNode ranks =
                client.post(
                                "/v1/rerank",
                                """
                                {"model":"m","query":"q","documents":["a","b","c"],"top_n":2}\
                                """)
                        .json();
        assertThat(ranks.path("results")).hasSize(2);
        for (JsonNode hit : ranks.path("results")) {
            assertThat(hit.path("relevance_score").asDouble())
                    .isEqualTo(
                            scores.path("data")
                                    .path(hit.path("index").asInt())
                                    .path("score")
                                    .asDouble());
        }
    }

    @Test
    void images_carry_their_prompt() throws Exception {
        JsonNode answer =
                client.post(
                                "/v1/images/generations",
                                "{\"model\":\"gpt-image-1\",\"prompt\":\"a cat\",\"n\":2}")
                        .json();
        assertThat(answer.path("data")).hasSize(2);
        byte[] png = Base64.getDecoder().decode(answer.at("/data/0/b64_json").asString());
        assertThat(new String(png, StandardCharsets.UTF_8)).contains("PNG").contains("echo: a cat");
    }

    @Test
    void image_edits_take_a_form() throws Exception {
        String form =
                """
                --b\r
                Content-Disposition: form-data; name="image"; filename="a.png"\r
                \r
                name="prompt"\r
                --b\r
                Content-Disposition: form-data; name="prompt"\r
                \r
                a red cat\r
                --b--\r
                """;
        Client.Got got =
                client.post(
                        "/v1/images/edits",
                        form,
                        "content-type",
                        "multipart/form-data; boundary=b");
        assertThat(got.json().at("/data/0/revised_prompt").asString()).isEqualTo("echo: a red cat");
    }

    @Test
    void models_are_listed() throws Exception {
        Client.Got all = client.send("GET", "/v1/models");
        assertThat(OpenAiContract.problems("ListModelsResponse", all.json())).isEmpty();
        Client.Got one = client.send("GET", "/models/gpt-4o");
        assertThat(OpenAiContract.problems("Model", one.json())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/chat/completions | {'model':'m','messages':[{'role':'user','content':'x'}]}",
                "/v1/chat/completions |"
                        + " {'model':'m','stream':true,'messages':[{'role':'user','content':'x'}]}",
                "/v1/responses        | {'model':'m','input':'x'}",
                "/v1/embeddings       | {'model':'m','input':'x'}",
                "/v1/completions      | {'model':'m','prompt':'x'}",
                "/v1/moderations      | {'input':'x'}",
                "/v1/score            | {'model':'m','text_1':'x','text_2':'y'}",
                "/v1/rerank           | {'model':'m','query':'x','documents':['y']}",
                "/v1/images/edits     | {'prompt':'x'}"
            })
    void answers_are_a_pure_function_of_the_request(String path, String body) throws Exception {
        String json = body.replace('\'', '"');
        String first = client.post(path, json).body();
        assertThat(client.post(path, json).body()).isEqualTo(first);
        assertThat(client.post(path.substring(3), json).body()).isEqualTo(first);
        assertThat(client.post(path, json.replace("\"x\"", "\"z\"")).body()).isNotEqualTo(first);
    }

    @Test
    void the_contract_would_notice() {
        JsonNode wrong = JsonMapper.shared().readTree("{\"object\":\"chat\",\"choices\":[]}");
        assertThat(OpenAiContract.problems("CreateChatCompletionResponse", wrong)).hasSize(4);
    }

    private static List<String> data(String stream) {
        var data = new ArrayList<String>();
        stream.lines()
                .filter(line -> line.startsWith("data: "))
                .forEach(line -> data.add(line.substring(6)));
        return data;
    }
}
