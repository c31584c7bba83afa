package dev.batchwright.simulator.openai;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.contract.OpenAiContract;
import dev.batchwright.simulator.Client;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;

/** Requests that are wrong in themselves get the error objects of the real API. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RefusalsTest {
    private final Simulator simulator =
            Simulator.start(
                    SimulatorOptions.builder()
                            .eventLoops(1)
                            .key("sk-right-key-0001")
                            .models(List.of("gpt-4o", "gpt-5-mini", "o3", "gpt-5-chat-latest"))
                            .maxBodyBytes(10_000)
                            .build());
    private final Client client = new Client(simulator);

    @AfterAll
    void close() {
        client.close();
        simulator.close();
    }

    private Client.Got post(String path, String body) throws Exception {
        return client.post(path, body, "authorization", "Bearer sk-right-key-0001");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chat/completions | {'messages':[{'role':'user'}]}           | model       |"
                        + " missing_required_parameter",
                "chat/completions | {'model':'gpt-4o'}                       | messages    |"
                        + " missing_required_parameter",
                "chat/completions | {'model':'gpt-4o','messages':[]}         | messages    |"
                        + " empty_array",
                "chat/completions | {'model':'gpt-4o','messages':'hi'}       | messages    |"
                        + " invalid_type",
                "chat/completions | {'model':7,'messages':[{'role':'user'}]} | model       |"
                        + " invalid_type",
                "chat/completions | {'model':'gpt-4o','messages':[{}]}       | messages[0].role |"
                        + " missing_required_parameter",
                "chat/completions | {'model':'gpt-4o','messages':[{'role':'user'}],'temperature':3}"
                        + " | temperature | decimal_above_max_value",
                "chat/completions | {'model':'gpt-4o','messages':[{'role':'user'}],'n':0}          "
                        + " | n           | integer_below_min_value",
                "chat/completions |"
                        + " {'model':'gpt-5-mini','messages':[{'role':'user'}],'max_tokens':5}    |"
                        + " max_tokens  | unsupported_parameter",
                "chat/completions | {'model':'o3','messages':[{'role':'user'}],'temperature':0.2}  "
                        + "       | temperature | unsupported_value",
                "chat/completions | {'model':'o3','messages':[{'role':'user'}],'logprobs':true}    "
                        + "       | logprobs    | unsupported_parameter",
                "responses        | {'model':'gpt-4o'}                       | input       |"
                        + " missing_required_parameter",
                "responses        | {'model':'gpt-4o','input':'x','max_tokens':5} | max_tokens |"
                        + " unsupported_parameter",
                "embeddings       | {'model':'gpt-4o'}                       | input       |"
                        + " missing_required_parameter",
                "completions      | {'model':'gpt-4o'}                       | prompt      |"
                        + " missing_required_parameter",
                "moderations      | {}                                       | input       |"
                        + " missing_required_parameter",
                "rerank           | {'model':'gpt-4o','query':'q'}           | documents   |"
                        + " missing_required_parameter",
                "score            | {'model':'gpt-4o','text_1':'q'}          | text_2      |"
                        + " missing_required_parameter",
                "images/edits     | {}                                       | prompt      |"
                        + " missing_required_parameter"
            })
    void bad_parameters(String path, String body, String param, String code) throws Exception {
        Client.Got got = post("/v1/" + path, body.replace('\'', '"'));
        assertThat(got.status()).as(got.body()).isEqualTo(400);
        assertThat(OpenAiContract.problems("ErrorResponse", got.json())).isEmpty();
        assertThat(got.error().path("type").asString()).isEqualTo("invalid_request_error");
        assertThat(got.error().path("param").asString()).isEqualTo(param);
        assertThat(got.error().path("code").asString()).isEqualTo(code);
    }

    @Test
    void reasoning_models_take_the_defaults_and_chat_models_take_all() throws Exception {
        assertThat(
                        post(
                                        "/v1/chat/completions",
                                        """
                                        {"model":"o3","messages":[{"role":"user"}],"temperature":1}\
                                        """)
                                .status())
                .isEqualTo(200);
        assertThat(
                        post(
                                        "/v1/chat/completions",
                                        """
                                        {"model":"gpt-5-chat-latest","messages":[{"role":"user"}],
                                         "max_tokens":5}\
                                        """)
                                .status())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({"{", "[]", "''", "{} {}", "not json"})
    void invalid_json(String body) throws Exception {
        Client.Got got = post("/v1/chat/completions", body);
        assertThat(got.status()).isEqualTo(400);
        assertThat(got.error().path("message").asString()).startsWith("We could not parse");
    }

    @Test
    void unknown_paths_and_wrong_methods() throws Exception {
        assertThat(post("/v1/chat", "{}").status()).isEqualTo(404);
        Client.Got got = client.send("GET", "/v1/chat/completions");
        assertThat(got.status()).isEqualTo(405);
        assertThat(got.header("allow")).isEqualTo("POST");
        assertThat(got.error().path("code").asString()).isEqualTo("method_not_supported");
    }

    @Test
    void unknown_models() throws Exception {
        Client.Got got =
                post(
                        "/v1/chat/completions",
                        "{\"model\":\"gpt-9\",\"messages\":[{\"role\":\"user\"}]}");
        assertThat(got.status()).isEqualTo(404);
        assertThat(got.error().path("code").asString()).isEqualTo("model_not_found");
    }

    @Test
    void too_large_a_body() throws Exception {
        Client.Got got = post("/v1/chat/completions", "x".repeat(10_001));
        assertThat(got.status()).isEqualTo(413);
        assertThat(OpenAiContract.problems("ErrorResponse", got.json())).isEmpty();
    }

    @Test
    void a_wrong_key_is_shown_masked() throws Exception {
        Client.Got got =
                client.post(
                        "/v1/chat/completions",
                        Client.chat("x"),
                        "authorization",
                        "Bearer sk-wrong-key-0001");
        assertThat(got.status()).isEqualTo(401);
        assertThat(got.error().path("code").asString()).isEqualTo("invalid_api_key");
        assertThat(got.error().path("message").asString())
                .startsWith("Incorrect API key provided: sk-w*********0001.");
    }

    @Test
    void no_key_and_the_other_header() throws Exception {
        Client.Got none = client.chatCompletion("x");
        assertThat(none.status()).isEqualTo(401);
        assertThat(none.error().path("message").asString()).startsWith("You didn't provide");
        Client.Got other =
                client.post(
                        "/v1/chat/completions", Client.chat("x"), "api-key", "sk-right-key-0001");
        assertThat(other.status()).isEqualTo(200);
    }

    @Test
    void nothing_of_this_is_executed() {
        assertThat(simulator.bill().histogram().tailMap(2, true)).isEmpty();
    }
}
