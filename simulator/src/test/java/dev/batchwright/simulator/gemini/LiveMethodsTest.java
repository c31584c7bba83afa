package dev.batchwright.simulator.gemini;

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

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LiveMethodsTest {
    private static final String MODEL = "/v1beta/models/gemini-2.5-flash:";

    private final Simulator simulator =
            Simulator.start(SimulatorOptions.builder().provider("gemini").eventLoops(1).build());
    private final Client client = new Client(simulator);

    @AfterAll
    void close() {
        client.close();
        simulator.close();
    }

    private JsonNode valid(String type, String path, String body)
            throws IOException, InterruptedException {
        Client.Got got = client.post(path, body, "x-goog-api-key", "k");
        assertThat(got.status()).as(got.body()).isEqualTo(200);
        assertThat(Contract.problems(type, got.json())).as(got.body()).isEmpty();
        return got.json();
    }

    private static String saying(String text, String members) {
        return "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"%s\"}]}]%s}"
                .formatted(text, members);
    }

    private JsonNode content(String text, String members) throws IOException, InterruptedException {
        return valid("GenerateContentResponse", MODEL + "generateContent", saying(text, members));
    }

    private static String text(JsonNode answer) {
        return answer.at("/candidates/0/content/parts/0/text").asString();
    }

    private static String finish(JsonNode answer) {
        return answer.at("/candidates/0/finishReason").asString();
    }

    @Nested
    class Generated_content {
        @Test
        void echoes_the_last_text_of_the_user_and_counts_what_it_costs() throws Exception {
            JsonNode answer =
                    content(
                            "hello world",
                            ",\"systemInstruction\":{\"parts\":[{\"text\":\"Hi\"}]}");
            assertThat(text(answer)).isEqualTo("echo: hello world");
            assertThat(finish(answer)).isEqualTo("STOP");
            assertThat(answer.at("/candidates/0/content/role").asString()).isEqualTo("model");
            assertThat(answer.path("modelVersion").asString()).isEqualTo("gemini-2.5-flash");
            assertThat(answer.at("/usageMetadata/promptTokenCount").asInt()).isEqualTo(4);
            assertThat(answer.at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(5);
            assertThat(answer.at("/usageMetadata/totalTokenCount").asInt()).isEqualTo(9);
        }

        @Test
        void is_asked_for_in_camel_case_or_snake_case() throws Exception {
            String camel = ",\"generationConfig\":{\"maxOutputTokens\":2}";
            String snake = ",\"generation_config\":{\"max_output_tokens\":\"2\"}";
            assertThat(text(content("hello", camel))).isEqualTo("echo: he");
            assertThat(text(content("hello", snake))).isEqualTo("echo: he");
            assertThat(finish(content("hello", snake))).isEqualTo("MAX_TOKENS");
        }

        @Test
        void ends_before_a_stop_sequence() throws Exception {
            JsonNode answer =
                    content("hello", ",\"generationConfig\":{\"stopSequences\":[\"ll\"]}");
            assertThat(text(answer)).isEqualTo("echo: he");
            assertThat(finish(answer)).isEqualTo("STOP");
        }

        @Test
        void comes_in_as_many_candidates_as_asked_for() throws Exception {
            JsonNode answer = content("hello", ",\"generationConfig\":{\"candidateCount\":2}");
            assertThat(answer.path("candidates")).hasSize(2);
            assertThat(answer.at("/candidates/1/index").asInt()).isEqualTo(1);
        }

        @Test
        void fits_a_schema_in_either_form() throws Exception {
            String expected = "{\"label\":\"echo: hi\",\"sure\":false}";
            assertThat(
                            text(
                                    content(
                                            "hi",
                                            """
                                            ,"generationConfig":{"responseMimeType":
                                            "application/json","responseSchema":{"type":"OBJECT",
                                            "properties":{"label":{"type":"STRING","maxLength":"99"},
                                            "sure":{"type":"BOOLEAN"}},"required":["label"]}}\
                                            """)))
                    .isEqualTo(expected);
            assertThat(
                            text(
                                    content(
                                            "hi",
                                            """
                                            ,"generationConfig":{"responseMimeType":
                                            "application/json","responseJsonSchema":{"type":"object",
                                            "properties":{"label":{"type":"string"},"sure":
                                            {"type":"boolean"}},"additionalProperties":false}}\
                                            """)))
                    .isEqualTo(expected);
        }

        @Test
        void calls_the_function_that_it_is_forced_to_call() throws Exception {
            JsonNode answer =
                    content(
                            "hi",
                            """
                            ,"tools":[{"functionDeclarations":[{"name":"a"},{"name":"label",
                            "parameters":{"type":"OBJECT","properties":{"x":{"type":"STRING"}}}}]}],
                            "toolConfig":{"functionCallingConfig":{"mode":"ANY",
                            "allowedFunctionNames":["label"]}}\
                            """);
            JsonNode call = answer.at("/candidates/0/content/parts/0/functionCall");
            assertThat(call.path("name").asString()).isEqualTo("label");
            assertThat(call.at("/args/x").asString()).isEqualTo("echo: hi");
        }

        @Test
        void is_thought_about_at_extra_cost() throws Exception {
            JsonNode answer =
                    content(
                            "hi",
                            ",\"generationConfig\":{\"thinkingConfig\":{\"includeThoughts\":true,"
                                    + "\"thinkingBudget\":-1}}");
            assertThat(answer.at("/candidates/0/content/parts/0/thought").asBoolean()).isTrue();
            assertThat(answer.at("/candidates/0/content/parts/1/text").asString())
                    .isEqualTo("echo: hi");
            assertThat(answer.at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(2);
            assertThat(answer.at("/usageMetadata/thoughtsTokenCount").asInt()).isEqualTo(6);
            assertThat(answer.at("/usageMetadata/totalTokenCount").asInt()).isEqualTo(9);
        }

        @Test
        void has_no_parts_where_the_limit_goes_to_the_thoughts() throws Exception {
            JsonNode answer =
                    content(
                            "hi",
                            ",\"generationConfig\":{\"maxOutputTokens\":6,\"thinkingConfig\":"
                                    + "{\"thinkingBudget\":512}}");
            assertThat(finish(answer)).isEqualTo("MAX_TOKENS");
            assertThat(answer.at("/candidates/0/content").has("parts")).isFalse();
            assertThat(answer.path("usageMetadata").has("candidatesTokenCount")).isFalse();
        }

        @Test
        void is_withheld_where_the_prompt_is_blocked() throws Exception {
            JsonNode answer = content("simulator:block=SAFETY", "");
            assertThat(answer.has("candidates")).isFalse();
            assertThat(answer.at("/promptFeedback/blockReason").asString()).isEqualTo("SAFETY");
        }

        @Test
        void is_empty_where_the_answer_itself_is_unfit() throws Exception {
            JsonNode answer = content("simulator:finish=RECITATION", "");
            assertThat(finish(answer)).isEqualTo("RECITATION");
            assertThat(answer.at("/candidates/0").has("content")).isFalse();
        }

        @Test
        void comes_as_events_where_they_are_asked_for() throws Exception {
            Client.Got got =
                    client.post(
                            MODEL + "streamGenerateContent?alt=sse",
                            saying("a somewhat longer text", ""));
            var text = new StringBuilder();
            JsonNode last = JsonMapper.shared().createObjectNode();
            for (String line : got.body().split("\r\n\r\n", -1)) {
                if (!line.isEmpty()) {
                    last = JsonMapper.shared().readTree(line.substring("data: ".length()));
                    assertThat(Contract.problems("GenerateContentResponse", last)).isEmpty();
                    text.append(text(last));
                }
            }
            assertThat(text).hasToString("echo: a somewhat longer text");
            assertThat(finish(last)).isEqualTo("STOP");
            assertThat(last.at("/usageMetadata/candidatesTokenCount").asInt()).isEqualTo(7);
        }

        @Test
        void comes_as_an_array_in_pieces_otherwise() throws Exception {
            Client.Got got =
                    client.post(
                            MODEL + "streamGenerateContent", saying("a somewhat longer text", ""));
            assertThat(got.json().isArray()).isTrue();
            assertThat(text(got.json().path(0))).isEqualTo("echo: a somewhat");
        }
    }

    @Nested
    class Other_methods {
        @Test
        void embed_a_text() throws Exception {
            JsonNode one =
                    valid(
                            "EmbedContentResponse",
                            "/v1beta/models/gemini-embedding-001:embedContent",
                            """
                            {"content":{"parts":[{"text":"hello"}]},"taskType":
                            "RETRIEVAL_DOCUMENT","outputDimensionality":8}\
                            """);
            assertThat(one.at("/embedding/values")).hasSize(8);
            JsonNode several =
                    valid(
                            "BatchEmbedContentsResponse",
                            "/v1beta/models/gemini-embedding-001:batchEmbedContents",
                            """
                            {"requests":[{"model":"models/gemini-embedding-001","content":{"parts":
                            [{"text":"hello"}]},"output_dimensionality":8}]}\
                            """);
            assertThat(several.at("/embeddings/0")).isEqualTo(one.at("/embedding"));
        }

        @Test
        void count_tokens_for_nothing() throws Exception {
            long before = simulator.bill().executed();
            JsonNode count =
                    valid("CountTokensResponse", MODEL + "countTokens", saying("12345678", ""));
            assertThat(count.path("totalTokens").asInt()).isEqualTo(2);
            assertThat(simulator.bill().executed()).isEqualTo(before);
        }

        @Test
        void list_models() throws Exception {
            JsonNode models = client.send("GET", "/v1beta/models").json();
            assertThat(Contract.problems("ListModelsResponse", models)).isEmpty();
            JsonNode model = client.send("GET", "/v1beta/models/gemini-2.5-flash").json();
            assertThat(Contract.problems("Model", model)).isEmpty();
            assertThat(model.path("name").asString()).isEqualTo("models/gemini-2.5-flash");
        }
    }

    @Nested
    class A_wrong_request {
        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                quoteCharacter = (char) 1,
                value = {
                    "{\"foo\":1} | Invalid JSON payload received. Unknown name \"foo\": Cannot find"
                            + " field.",
                    "{\"generationConfig\":{\"maxTokens\":1}} | Invalid JSON payload received."
                        + " Unknown name \"maxTokens\" at 'generation_config': Cannot find field.",
                    "{\"contents\":[{\"parts\":[{\"text\":1}]}]} | Invalid value at"
                            + " 'contents[0].parts[0].text' (TYPE_STRING), 1",
                    "{} | * GenerateContentRequest.contents: contents is not specified",
                    "{\"contents\":[{\"parts\":[]}]} | * GenerateContentRequest.contents[0].parts:"
                            + " contents.parts must not be empty.",
                    "{\"contents\":[{\"role\":\"assistant\",\"parts\":[{\"text\":\"a\"}]}]} |"
                            + " Please use a valid role: user, model.",
                    "{\"contents\":[{\"parts\":[{\"text\":\"a\"}]}],\"generationConfig\":{\"temperature\":3}}"
                        + " | * GenerateContentRequest.generation_config.temperature: temperature"
                        + " must be in the range [0.0, 2.0].",
                    "{ | Invalid JSON payload received. Expected a value."
                })
        void is_told_where_it_is_wrong(String body, String message) throws Exception {
            Client.Got got = client.post(MODEL + "generateContent", body);
            assertThat(got.status()).isEqualTo(400);
            assertThat(got.error().path("code").asInt()).isEqualTo(400);
            assertThat(got.error().path("status").asString()).isEqualTo("INVALID_ARGUMENT");
            assertThat(got.error().path("message").asString().strip()).isEqualTo(message);
        }

        @Test
        void at_a_path_that_does_not_exist_gets_a_page() throws Exception {
            Client.Got got = client.post(MODEL + "fooBar", "{}");
            assertThat(got.status()).isEqualTo(404);
            assertThat(got.header("content-type")).startsWith("text/html");
        }
    }
}
