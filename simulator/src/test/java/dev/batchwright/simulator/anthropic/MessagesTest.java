package dev.batchwright.simulator.anthropic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MessagesTest {
    private final Simulator simulator =
            Simulator.start(SimulatorOptions.builder().provider("anthropic").eventLoops(1).build());
    private final Client client = new Client(simulator);

    @AfterAll
    void close() {
        client.close();
        simulator.close();
    }

    private Client.Got post(String path, String body) throws IOException, InterruptedException {
        return client.post(path, body, "anthropic-version", "2023-06-01", "x-api-key", "k");
    }

    private Client.Got ask(String members) throws IOException, InterruptedException {
        return post("/v1/messages", "{\"model\":\"claude-haiku-4-5\"" + members + "}");
    }

    private JsonNode hello(String members) throws IOException, InterruptedException {
        Client.Got got =
                ask(
                        ",\"max_tokens\":9999,\"messages\":[{\"role\":\"user\",\"content\":"
                                + "\"hello world\"}]"
                                + members);
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        return got.json();
    }

    private static String text(JsonNode message) {
        return message.at("/content/0/text").asString();
    }

    @Nested
    class A_message {
        @Test
        void echoes_the_last_text_of_the_user_and_counts_what_it_costs() throws Exception {
            JsonNode message = hello(",\"system\":\"Be brief.\"");
            assertThat(text(message)).isEqualTo("echo: hello world");
            assertThat(message.path("type").asString()).isEqualTo("message");
            assertThat(message.path("role").asString()).isEqualTo("assistant");
            assertThat(message.path("model").asString()).isEqualTo("claude-haiku-4-5");
            assertThat(message.path("stop_reason").asString()).isEqualTo("end_turn");
            assertThat(message.path("stop_sequence").isNull()).isTrue();
            assertThat(message.at("/usage/input_tokens").asInt()).isEqualTo(5); // 20 bytes
            assertThat(message.at("/usage/output_tokens").asInt()).isEqualTo(5); // 17 bytes
            assertThat(message.at("/usage/cache_read_input_tokens").asInt(-1)).isZero();
            assertThat(message.at("/usage/service_tier").asString()).isEqualTo("standard");
        }

        @Test
        void is_the_same_each_time() throws Exception {
            assertThat(hello("")).isEqualTo(hello(""));
        }

        @Test
        void reads_text_out_of_blocks() throws Exception {
            Client.Got got =
                    ask(
                            """
                            ,"max_tokens":99,"messages":[{"role":"user","content":[
                            {"type":"image","source":{"type":"base64","media_type":"image/png",
                            "data":"aGk="}},{"type":"text","text":"what is this?"}]},
                            {"role":"assistant","content":"It "}]\
                            """);
            assertThat(text(got.json())).isEqualTo("echo: what is this?");
        }

        @Test
        void is_cut_at_the_limit_of_tokens() throws Exception {
            JsonNode message =
                    ask(",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]")
                            .json();
            assertThat(text(message)).isEqualTo("echo: hi");
            message =
                    ask(",\"max_tokens\":2,\"messages\":[{\"role\":\"user\","
                                    + "\"content\":\"hello\"}]")
                            .json();
            assertThat(text(message)).isEqualTo("echo: he");
            assertThat(message.path("stop_reason").asString()).isEqualTo("max_tokens");
        }

        @Test
        void may_be_limited_to_nothing() throws Exception {
            JsonNode message =
                    ask(",\"max_tokens\":0,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]")
                            .json();
            assertThat(message.path("content")).isEmpty();
            assertThat(message.path("stop_reason").asString()).isEqualTo("max_tokens");
        }

        @Test
        void ends_before_a_stop_sequence_and_names_it() throws Exception {
            JsonNode message = hello(",\"stop_sequences\":[\"world\",\"lo\"]");
            assertThat(text(message)).isEqualTo("echo: hel");
            assertThat(message.path("stop_reason").asString()).isEqualTo("stop_sequence");
            assertThat(message.path("stop_sequence").asString()).isEqualTo("lo");
        }

        @Test
        void uses_the_tool_that_it_is_forced_to_use() throws Exception {
            String tools =
                    """
                    ,"tools":[{"name":"other","input_schema":{"type":"object"}},{"name":"label",
                    "input_schema":{"type":"object","properties":{"text":{"type":"string"},
                    "score":{"type":"integer"}},"required":["text","score"]}}]\
                    """;
            JsonNode message =
                    hello(tools + ",\"tool_choice\":{\"type\":\"tool\",\"name\":\"label\"}");
            JsonNode use = message.at("/content/0");
            assertThat(use.path("type").asString()).isEqualTo("tool_use");
            assertThat(use.path("name").asString()).isEqualTo("label");
            assertThat(use.path("id").asString()).startsWith("toolu_");
            assertThat(use.at("/input/text").asString()).isEqualTo("echo: hello world");
            assertThat(use.at("/input/score").isInt()).isTrue();
            assertThat(message.path("stop_reason").asString()).isEqualTo("tool_use");
            assertThat(
                            hello(tools + ",\"tool_choice\":{\"type\":\"any\"}")
                                    .at("/content/0/name")
                                    .asString())
                    .isEqualTo("other");
            assertThat(text(hello(tools + ",\"tool_choice\":{\"type\":\"auto\"}")))
                    .isEqualTo("echo: hello world");
        }

        @Test
        void fits_the_schema_that_it_is_given() throws Exception {
            String schema =
                    """
                    {"type":"json_schema","schema":{"type":"object","properties":{"label":
                    {"type":"string"}},"required":["label"],"additionalProperties":false}}\
                    """;
            for (String member :
                    List.of(
                            ",\"output_config\":{\"format\":" + schema + "}",
                            ",\"output_format\":" + schema)) {
                assertThat(text(hello(member))).isEqualTo("{\"label\":\"echo: hello world\"}");
            }
        }

        @Test
        void thinks_first_where_it_may() throws Exception {
            JsonNode message = hello(",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":1024}");
            assertThat(message.at("/content/0/type").asString()).isEqualTo("thinking");
            assertThat(message.at("/content/0/signature").asString()).isNotEmpty();
            assertThat(message.at("/content/1/text").asString()).isEqualTo("echo: hello world");
            assertThat(message.at("/usage/output_tokens").asInt()).isEqualTo(11); // 5 + 6
        }

        @Test
        void is_a_success_without_content_where_the_model_refuses() throws Exception {
            JsonNode message =
                    ask(",\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":"
                                    + "\"ANTHROPIC_MAGIC_STRING_TRIGGER_REFUSAL_1F\"}]")
                            .json();
            assertThat(message.path("stop_reason").asString()).isEqualTo("refusal");
            assertThat(message.path("content")).isEmpty();
        }

        @Test
        void tells_what_went_into_the_cache() throws Exception {
            JsonNode usage =
                    hello(
                                    """
                                    ,"system":[{"type":"text","text":"12345678","cache_control":
                                    {"type":"ephemeral","ttl":"1h"}},{"type":"text","text":"1234",
                                    "cache_control":{"type":"ephemeral"}}]\
                                    """)
                            .path("usage");
            assertThat(usage.path("input_tokens").asInt()).isEqualTo(3);
            assertThat(usage.path("cache_creation_input_tokens").asInt()).isEqualTo(3);
            assertThat(usage.at("/cache_creation/ephemeral_1h_input_tokens").asInt()).isEqualTo(2);
            assertThat(usage.at("/cache_creation/ephemeral_5m_input_tokens").asInt()).isEqualTo(1);
        }

        @Test
        void carries_the_id_of_its_request() throws Exception {
            Client.Got got =
                    ask(",\"max_tokens\":1,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]");
            assertThat(got.header("request-id")).startsWith("req_");
            assertThat(got.header("anthropic-organization-id")).isNotEmpty();
        }
    }

    @Nested
    class A_stream {
        @Test
        void tells_the_message_in_named_events() throws Exception {
            Client.Got got =
                    ask(
                            """
                            ,"stream":true,"max_tokens":9999,"thinking":{"type":"adaptive"},
                            "messages":[{"role":"user","content":"a somewhat longer text"}]\
                            """);
            assertThat(got.header("content-type")).startsWith("text/event-stream");
            var types = new ArrayList<String>();
            var text = new StringBuilder();
            JsonNode end = JsonMapper.shared().createObjectNode();
            for (String event : got.body().split("\n\n", -1)) {
                if (event.isEmpty()) {
                    continue;
                }
                String[] lines = event.split("\n", -1);
                JsonNode data = JsonMapper.shared().readTree(lines[1].substring("data: ".length()));
                assertThat(lines[0]).isEqualTo("event: " + data.path("type").asString());
                types.add(data.path("type").asString());
                text.append(data.at("/delta/text").asString(""));
                end = data.path("type").asString().equals("message_delta") ? data : end;
            }
            assertThat(types).startsWith("message_start", "content_block_start");
            assertThat(types).endsWith("content_block_stop", "message_delta", "message_stop");
            assertThat(types).contains("ping");
            assertThat(text).hasToString("echo: a somewhat longer text");
            assertThat(end.at("/delta/stop_reason").asString()).isEqualTo("end_turn");
            assertThat(end.at("/usage/output_tokens").asInt()).isEqualTo(13); // 6 + 7
        }

        @Test
        void tells_the_input_of_a_tool_in_pieces() throws Exception {
            Client.Got got =
                    ask(
                            """
                            ,"stream":true,"max_tokens":99,"tools":[{"name":"t","input_schema":
                            {"type":"object","properties":{"x":{"type":"string"}},
                            "required":["x"]}}],"tool_choice":{"type":"any"},
                            "messages":[{"role":"user","content":"hi"}]\
                            """);
            var input = new StringBuilder();
            for (String line : got.body().split("\n", -1)) {
                if (line.startsWith("data: ")) {
                    JsonNode data = JsonMapper.shared().readTree(line.substring(6));
                    input.append(data.at("/delta/partial_json").asString(""));
                }
            }
            assertThat(input).hasToString("{\"x\":\"echo: hi\"}");
        }
    }

    @Nested
    class Other_calls {
        @Test
        void count_tokens_for_nothing() throws Exception {
            long before = simulator.bill().executed();
            Client.Got got =
                    post(
                            "/v1/messages/count_tokens",
                            """
                            {"model":"m","messages":[{"role":"user","content":"12345678"}]}\
                            """);
            assertThat(got.body()).isEqualTo("{\"input_tokens\":2}");
            assertThat(simulator.bill().executed()).isEqualTo(before);
        }

        @Test
        void list_models() throws Exception {
            Client.Got got = client.get("/v1/models", "anthropic-version", "2023-06-01");
            assertThat(got.json().at("/data/0/type").asString()).isEqualTo("model");
            assertThat(got.json().path("has_more").isBoolean()).isTrue();
        }
    }

    @Nested
    class A_wrong_request {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = (char) 1,
                value = {
                    "'max_tokens':1 | messages: Field required",
                    "'messages':[] | max_tokens: Field required",
                    "'max_tokens':1,'messages':[] | messages: at least one message is required",
                    "'max_tokens':1,'messages':{} | messages: Input should be a valid list",
                    "'max_tokens':-1,'messages':[{'role':'user','content':'a'}] | max_tokens: Input"
                            + " should be greater than or equal to 0",
                    "'max_tokens':99999999,'messages':[{'role':'user','content':'a'}] | max_tokens:"
                        + " 99999999 > 64000, which is the maximum allowed number of output tokens"
                        + " for claude-haiku-4-5",
                    "'max_tokens':1,'n':2,'messages':[{'role':'user','content':'a'}] | n: Extra"
                            + " inputs are not permitted",
                    "'max_tokens':1,'temperature':1.5,'messages':[{'role':'user','content':'a'}] |"
                            + " temperature: range: 0..1",
                    "'max_tokens':1,'messages':[{'role':'tool','content':'a'}] | messages.0.role:"
                            + " Input should be 'assistant' or 'user'",
                    "'max_tokens':1,'messages':[{'role':'user','content':[{'type':'text','text':''}]}]"
                        + " | messages: text content blocks must be non-empty",
                    "'max_tokens':1,'messages':[{'role':'user','content':[{'type':'image','source':{'type':'url','url':'https://gone.invalid/a.png'}}]}]"
                        + " | Unable to download the file. Please verify the URL and try again.",
                    "'max_tokens':2000,'thinking':{'type':'enabled','budget_tokens':2000},'messages':[{'role':'user','content':'a'}]"
                        + " | `max_tokens` must be greater than `thinking.budget_tokens`.",
                    "'max_tokens':1,'tool_choice':{'type':'any'},'messages':[{'role':'user','content':'a'}]"
                        + " | tool_choice may only be specified while providing tools",
                    "'max_tokens':1,'output_config':{'format':{'type':'json_schema','schema':{'type':'object'}}},'messages':[{'role':'user','content':'a'}]"
                        + " | output_config.format.schema: For 'object' type,"
                        + " 'additionalProperties' must be explicitly set to false"
                })
        void is_told_where_it_is_wrong(String members, String message) throws Exception {
            Client.Got got = ask("," + members.replace('\'', '"'));
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.json().path("type").asString()).isEqualTo("error");
            assertThat(got.error().path("type").asString()).isEqualTo("invalid_request_error");
            assertThat(got.error().path("message").asString()).isEqualTo(message);
            assertThat(got.json().path("request_id").asString())
                    .isEqualTo(got.header("request-id"));
        }

        @ParameterizedTest
        @CsvSource({"2023-06-01, 200", "2026-10-21, 400", "2026-01-01, 400"})
        void is_wrong_or_right_by_the_version_of_the_api(String version, int status)
                throws Exception {
            Client.Got got =
                    client.post(
                            "/v1/messages",
                            """
                            {"model":"m","max_tokens":1,"temperature":0.5,"messages":
                            [{"role":"user","content":"a"}]}\
                            """,
                            "anthropic-version",
                            version);
            assertThat(got.status()).isEqualTo(status);
        }

        @Test
        void needs_the_version_of_the_api() throws Exception {
            Client.Got got = client.post("/v1/messages", "{}", "x-api-key", "k");
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("message").asString())
                    .isEqualTo("anthropic-version: header is required");
        }
    }
}
