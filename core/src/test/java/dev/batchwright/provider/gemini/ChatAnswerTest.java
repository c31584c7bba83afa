package dev.batchwright.provider.gemini;

import static dev.batchwright.provider.gemini.ChatRequestTest.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.job.Usage;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.charset.StandardCharsets;
import java.time.Instant;

class ChatAnswerTest {
    static final Instant NOW = Instant.ofEpochSecond(1_790_000_100);

    static JsonNode translated(String answer) {
        byte[] bytes = ("xx" + json(answer)).getBytes(StandardCharsets.UTF_8);
        return new JsonMapper()
                .readTree(
                        ChatAnswer.translate(bytes, 2, bytes.length - 2, "asked-for", NOW)
                                .toByteArray());
    }

    static JsonNode choice(String candidate) {
        return translated("{'candidates':[%s],'responseId':'r1'}".formatted(candidate))
                .path("choices")
                .path(0);
    }

    @Test
    void an_answer_becomes_a_chat_completion() {
        assertThat(
                        translated(
                                "{'candidates':[{'content':{'parts':[{'text':'Hello'},{'text': '"
                                    + " there'}],'role':'model'},'finishReason':'STOP','index':0,'safetyRatings':[{'x':1}],'new':{}}],"
                                    + "'usageMetadata':{'promptTokenCount':8,'toolUsePromptTokenCount':2,'cachedContentTokenCount':4,'candidatesTokenCount':3,'thoughtsTokenCount':5,'totalTokenCount':18,'promptTokensDetails':[{'modality':'TEXT','tokenCount':8}]},"
                                    + "'modelVersion':'gemini-2.5-flash','responseId':'r1','more':[]}"))
                .isEqualTo(
                        new JsonMapper()
                                .readTree(
                                        json("{'id':'chatcmpl-r1','object':'chat.completion','created':1790000100,'model':'gemini-2.5-flash','choices':[{'index':0,'message':{'role':'assistant','content':'Hello"
                                                 + " there','refusal':null},'logprobs':null,'finish_reason':'stop'}],"
                                                 + "'usage':{'prompt_tokens':10,'completion_tokens':8,'total_tokens':18,'prompt_tokens_details':{'cached_tokens':4},'completion_tokens_details':{'reasoning_tokens':5}}}")
                                                .toString()));
    }

    @Test
    void calls_of_functions_get_ids_and_keep_their_signature() {
        JsonNode choice =
                choice(
                        "{'content':{'parts':[{'functionCall':{'name':'f','args':{'a':1.50}},'thoughtSignature':'sig'},{'functionCall':{'id':'own','name':'g'}}]},'finishReason':'STOP'}");

        assertThat(choice.path("finish_reason").stringValue()).isEqualTo("tool_calls");
        assertThat(choice.path("message").path("content").isNull()).isTrue();
        assertThat(choice.path("message").path("tool_calls").toString())
                .isEqualTo(
                        "[{\"id\":\"call_r1_0_0\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1.50}\"},"
                            + "\"extra_content\":{\"google\":{\"thought_signature\":\"sig\"}}},"
                            + "{\"id\":\"own\",\"type\":\"function\",\"function\":{\"name\":\"g\",\"arguments\":\"{}\"}}]");
    }

    @Test
    void thoughts_and_pictures_stand_beside_the_text() {
        JsonNode message =
                choice(
                                "{'content':{'parts':[{'text':'hm','thought':true},{'text':'so'},{'inlineData':{'mimeType':'image/png','data':'AA=='}}]}}")
                        .path("message");

        assertThat(message.path("content").stringValue()).isEqualTo("so");
        assertThat(message.path("reasoning_content").stringValue()).isEqualTo("hm");
        assertThat(message.path("images").toString())
                .isEqualTo(
                        "[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AA==\"}}]");
    }

    @Test
    void log_probabilities_are_told_token_by_token() {
        JsonNode content =
                choice(
                                "{'content':{'parts':[{'text':'é!'}]},'logprobsResult':{'chosenCandidates':[{'token':'é','tokenId':1,'logProbability':-0.25},{'token':'!'}],'topCandidates':[{'candidates':[{'token':'é','logProbability':-0.25},{'token':'e','logProbability':-1.5}]}]}}")
                        .path("logprobs")
                        .path("content");

        assertThat(content.toString())
                .isEqualTo(
                        "[{\"token\":\"é\",\"logprob\":-0.25,\"bytes\":[195,169],\"top_logprobs\":[{\"token\":\"é\",\"logprob\":-0.25,\"bytes\":[195,169]},{\"token\":\"e\",\"logprob\":-1.5,\"bytes\":[101]}]},"
                            + "{\"token\":\"!\",\"logprob\":0,\"bytes\":[33],\"top_logprobs\":[]}]");
    }

    @ParameterizedTest
    @CsvSource({
        "STOP, stop",
        "'', stop",
        "MAX_TOKENS, length",
        "SAFETY, content_filter",
        "RECITATION, content_filter",
        "BLOCKLIST, content_filter",
        "PROHIBITED_CONTENT, content_filter",
        "SPII, content_filter",
        "IMAGE_SAFETY, content_filter",
        "MALFORMED_FUNCTION_CALL, malformed_function_call",
        "OF_NEXT_YEAR, of_next_year",
    })
    void the_reason_for_the_end_is_one_of_openai_where_it_has_one(String reason, String expected) {
        assertThat(choice("{'finishReason':'%s'}".formatted(reason)).path("finish_reason"))
                .hasToString("\"" + expected + "\"");
    }

    @Test
    void a_blocked_prompt_is_a_refusal() {
        JsonNode choice =
                translated("{'promptFeedback':{'blockReason':'SAFETY'}}").path("choices").path(0);

        assertThat(choice.path("finish_reason").stringValue()).isEqualTo("content_filter");
        assertThat(choice.path("message").path("refusal").stringValue()).contains("SAFETY");
    }

    @Test
    void an_answer_of_nothing_has_an_empty_choice_and_an_id_that_stays() {
        String empty = "{'usageMetadata':{'promptTokenCount':'8'}}";

        assertThat(translated(empty)).isEqualTo(translated(empty));
        assertThat(translated(empty).path("id").stringValue()).matches("chatcmpl-[0-9a-f]+");
        assertThat(translated(empty).path("model").stringValue()).isEqualTo("asked-for");
        assertThat(
                        translated(empty)
                                .path("choices")
                                .path(0)
                                .path("message")
                                .path("content")
                                .isNull())
                .isTrue();
        assertThat(translated(empty).path("usage").path("prompt_tokens").asInt()).isEqualTo(8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{'embedding':{'values':[0.10,-2e-3],'shape':[2]}} |"
                        + " {'object':'embedding','index':0,'embedding':[0.10,-2e-3]}",
                "{'embeddings':[{'values':[1]},{'values':[ 2 ]}]} |"
                    + " {'object':'embedding','index':0,'embedding':[1]},{'object':'embedding','index':1,'embedding':["
                    + " 2 ]}",
            })
    void embeddings_keep_their_digits(String answer, String data) {
        byte[] bytes = ("x" + json(answer)).getBytes(StandardCharsets.UTF_8);

        assertThat(EmbeddingsAnswer.translate(bytes, 1, bytes.length - 1, "m", new Usage(7, 0, 0)))
                .isEqualTo(
                        json(
                                "{'object':'list','data':[%s],'model':'m','usage':{'prompt_tokens':7,'total_tokens':7}}"
                                        .formatted(data)));
    }
}
