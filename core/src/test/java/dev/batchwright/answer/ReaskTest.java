package dev.batchwright.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.answer.Reask.Next;
import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Parsed;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

class ReaskTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";
    private static final String MESSAGES = "/v1/messages";
    private static final String GEMINI = "/v1beta/models/{model}:generateContent";
    private static final Parsed.Invalid<Object> INVALID =
            new Parsed.Invalid<>("$.a: expected a number, got a string", "$.a");
    private static final String COMPLAINT =
            "\"Your answer does not fit: $.a: expected a number, got a string\\n"
                    + "Answer again with the whole JSON, corrected, and nothing else.\"";
    private static final String NO_TEXT =
            "\"Your answer has no text.\\n"
                    + "Answer again with the whole JSON, corrected, and nothing else.\"";

    static Stream<Arguments> wrong() {
        return Stream.of(
                arguments(
                        CHAT,
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"}],\"temperature\":0.10}",
                        chat("stop", "\"{\\\"a\\\":1}\""),
                        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"{\\\"a\\\":1}\"},{\"role\":\"user\",\"content\":"
                                + COMPLAINT
                                + "}],\"temperature\":0.10}"),
                arguments(
                        CHAT,
                        "{\"messages\":[ ]}",
                        chat("tool_calls", "null"),
                        "{\"messages\":[ {\"role\":\"user\",\"content\":" + NO_TEXT + "}]}"),
                arguments(
                        RESPONSES,
                        "{\"input\":\"q\",\"store\":false}",
                        "{\"status\":\"completed\",\"output\":[{\"content\":[{\"type\":\"output_text\",\"text\":\"x\"}]}]}",
                        "{\"input\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
                                + COMPLAINT
                                + "}],\"store\":false}"),
                arguments(
                        RESPONSES,
                        "{\"prompt\":{\"id\":\"p\"}}",
                        "{\"status\":\"completed\",\"output\":[{\"content\":[{\"text\":\"x\"}]}]}",
                        "{\"prompt\":{\"id\":\"p\"},\"input\":[{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
                                + COMPLAINT
                                + "}]}"),
                arguments(
                        MESSAGES,
                        "{\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"q\"}]}",
                        "{\"type\":\"message\",\"content\":[{\"type\":\"text\",\"text\":\"x\"}],\"stop_reason\":\"end_turn\"}",
                        "{\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"q\"},{\"role\":\"assistant\",\"content\":\"x\"},{\"role\":\"user\",\"content\":"
                                + COMPLAINT
                                + "}]}"),
                arguments(
                        GEMINI,
                        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"q\"}]}]}",
                        "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"x\"}]},\"finishReason\":\"STOP\"}]}",
                        "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"q\"}]},{\"role\":\"model\",\"parts\":[{\"text\":\"x\"}]},{\"role\":\"user\",\"parts\":[{\"text\":"
                                + COMPLAINT
                                + "}]}]}"),
                arguments(
                        CHAT,
                        "{\"messages\":[1]}",
                        chat("stop", "\"\\ud800\""),
                        "{\"messages\":[1,{\"role\":\"assistant\",\"content\":\"?\"},{\"role\":\"user\",\"content\":"
                                + COMPLAINT
                                + "}]}"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void a_wrong_answer_is_held_against_the_model(
            String endpoint, String request, String answer, String again) {
        assertThat(next(endpoint, request, answer, 1)).isEqualTo(new Next.Again(RawJson.of(again)));
    }

    static Stream<Arguments> cutOff() {
        String chat = chat("length", "\"{\"");
        return Stream.of(
                arguments(
                        CHAT,
                        "{\"max_completion_tokens\":100,\"messages\":[]}",
                        chat,
                        "{\"max_completion_tokens\":200,\"messages\":[]}"),
                arguments(CHAT, "{\"max_tokens\":700}", chat, "{\"max_tokens\":1000}"),
                arguments(
                        CHAT,
                        "{\"model\":\"m\",\"max_tokens\":null}",
                        chat.replaceFirst("}$", ",\"usage\":{\"completion_tokens\":40}}"),
                        "{\"model\":\"m\",\"max_tokens\":null,\"max_completion_tokens\":80}"),
                arguments(
                        RESPONSES,
                        "{\"max_output_tokens\":16,\"input\":\"q\"}",
                        "{\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[]}",
                        "{\"max_output_tokens\":32,\"input\":\"q\"}"),
                arguments(
                        MESSAGES,
                        "{\"max_tokens\":5}",
                        "{\"content\":[],\"stop_reason\":\"max_tokens\"}",
                        "{\"max_tokens\":10}"),
                arguments(
                        GEMINI,
                        "{\"generationConfig\":{\"maxOutputTokens\":8,\"seed\":1}}",
                        "{\"candidates\":[{\"finishReason\":\"MAX_TOKENS\"}]}",
                        "{\"generationConfig\":{\"maxOutputTokens\":16,\"seed\":1}}"),
                arguments(
                        GEMINI,
                        "{\"contents\":[]}",
                        "{\"candidates\":[{\"finishReason\":\"MAX_TOKENS\"}],\"usageMetadata\":{\"candidatesTokenCount\":5,\"thoughtsTokenCount\":10}}",
                        "{\"contents\":[],\"generationConfig\":{\"maxOutputTokens\":30}}"));
    }

    @ParameterizedTest
    @MethodSource("cutOff")
    void an_answer_that_was_cut_off_gets_more_tokens(
            String endpoint, String request, String answer, String again) {
        assertThat(next(endpoint, request, answer, 1)).isEqualTo(new Next.Again(RawJson.of(again)));
    }

    static Stream<Arguments> given() {
        return Stream.of(
                arguments(
                        CHAT,
                        "{}",
                        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"No.\"}}]}",
                        1,
                        "the model refused to answer (stop), and is not asked again."),
                arguments(
                        CHAT,
                        "{}",
                        chat("content_filter", "\"\""),
                        1,
                        "the model refused to answer (content_filter), and is not asked again."),
                arguments(
                        MESSAGES,
                        "{}",
                        "{\"content\":[],\"stop_reason\":\"refusal\"}",
                        1,
                        "the model refused to answer (refusal), and is not asked again."),
                arguments(
                        GEMINI,
                        "{}",
                        "{\"promptFeedback\":{\"blockReason\":\"SAFETY\"}}",
                        1,
                        "the model refused to answer (SAFETY), and is not asked again."),
                arguments(
                        CHAT,
                        "{}",
                        chat("stop", "\"x\""),
                        3,
                        "after 3 of 3 answers: $.a: expected a number, got a string"),
                arguments(
                        CHAT,
                        "{\"max_tokens\":1000}",
                        chat("length", "\"x\""),
                        1,
                        "the answer was cut off at 1,000 tokens, and may not have more than"
                                + " 1,000."),
                arguments(
                        CHAT,
                        "{}",
                        chat("length", "\"x\""),
                        1,
                        "the answer was cut off, and neither the request nor the answer says at how"
                                + " many tokens. Set a limit."),
                arguments(
                        "/v1/embeddings",
                        "{}",
                        "{\"data\":[]}",
                        1,
                        "/v1/embeddings has no conversation to go on with: $.a: expected a number,"
                                + " got a string"));
    }

    @ParameterizedTest
    @MethodSource("given")
    void it_is_given_up_for_a_reason(
            String endpoint, String request, String answer, int attempts, String reason) {
        assertThat(next(endpoint, request, answer, attempts)).isEqualTo(new Next.GiveUp(reason));
    }

    @Test
    void a_cap_allows_at_least_the_first_answer() {
        assertThatThrownBy(() -> new Reask(0, 1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Reask(1, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    private static Next next(String endpoint, String request, String answer, int attempts) {
        return new Reask(3, 1000)
                .next(endpoint, RawJson.of(request), RawJson.of(answer), INVALID, attempts);
    }

    private static String chat(String finishReason, String content) {
        return "{\"choices\":[{\"finish_reason\":\"%s\",\"message\":{\"role\":\"assistant\",\"content\":%s}}]}"
                .formatted(finishReason, content);
    }
}
