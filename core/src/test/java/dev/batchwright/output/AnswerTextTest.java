package dev.batchwright.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.answer.AnswerText;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.Stream;

class AnswerTextTest {
    static Stream<Arguments> answers() {
        return Stream.of(
                arguments(
                        ok(
                                "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}],\"stop_reason\":\"max_tokens\"}"),
                        "ab",
                        "max_tokens",
                        ""),
                arguments(
                        ok(TestResults.chat("\"hi \\u00e9 \\\"you\\\"\"")),
                        "hi é \"you\"",
                        "stop",
                        ""),
                arguments(
                        ok(
                                "{\"choices\":[{\"message\":{\"content\":\"a\"}},{\"message\":{\"content\":\"b\"},\"finish_reason\":\"x\"}]}"),
                        "a",
                        "",
                        ""),
                arguments(
                        ok(
                                "{\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{\"content\":null,\"refusal\":\"No.\"}}]}"),
                        "No.",
                        "content_filter",
                        ""),
                arguments(
                        ok(
                                "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"content\":\"\",\"refusal\":null}}]}"),
                        "",
                        "length",
                        ""),
                arguments(
                        ok(
                                "{\"choices\":[{\"message\":{\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}}]}"),
                        "ab",
                        "",
                        ""),
                arguments(
                        ok(
                                "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"hm\",\"thought\":true},{\"text\":\"a\"},{\"text\":\"b\",\"thoughtSignature\":\"s\"}]},\"finishReason\":\"STOP\"},{\"content\":{\"parts\":[{\"text\":\"c\"}]}}]}"),
                        "ab",
                        "STOP",
                        ""),
                arguments(ok("{\"embedding\":{\"values\":[0.10, 2]}}"), "[0.10, 2]", "", ""),
                arguments(
                        ok("{\"choices\":[{\"text\":\"once\",\"finish_reason\":\"stop\"}]}"),
                        "once",
                        "stop",
                        ""),
                arguments(
                        ok(
                                "{\"status\":\"completed\",\"text\":{\"format\":{}},\"output\":[{\"type\":\"reasoning\",\"summary\":[{\"text\":\"hm\"}]},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\",\"annotations\":[]},{\"type\":\"output_text\",\"text\":\"b\"}]}]}"),
                        "ab",
                        "completed",
                        ""),
                arguments(
                        ok(
                                "{\"status\":\"incomplete\",\"error\":null,\"incomplete_details\":{\"reason\":\"max_output_tokens\"},\"output\":[{\"content\":[{\"text\":\"a\"}]}]}"),
                        "a",
                        "max_output_tokens",
                        ""),
                arguments(
                        ok(
                                "{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"Sorry.\"},\"output\":[]}"),
                        "{\"status\":\"failed\",\"error\":{\"code\":\"server_error\",\"message\":\"Sorry.\"},\"output\":[]}",
                        "failed",
                        "Sorry."),
                arguments(
                        ok("{\"data\":[{\"embedding\":[0.1, -2e-3],\"index\":0}]}"),
                        "[0.1, -2e-3]",
                        "",
                        ""),
                arguments(
                        ok("{\"data\":[{\"embedding\":[1]},{\"embedding\":[2]}],\"usage\":{}}"),
                        "[{\"embedding\":[1]},{\"embedding\":[2]}]",
                        "",
                        ""),
                arguments(
                        ok("{\"id\":\"x\",\"results\":[{\"flagged\":true}]}"),
                        "{\"id\":\"x\",\"results\":[{\"flagged\":true}]}",
                        "",
                        ""),
                arguments(ok("\"no JSON\""), "\"no JSON\"", "", ""),
                arguments(ok("[1,{\"a\":2}]"), "[1,{\"a\":2}]", "", ""),
                arguments(
                        TestResults.answered(
                                400, "{\"error\":{\"message\":\"Bad.\",\"code\":\"c\"}}"),
                        "",
                        "",
                        "Bad."),
                arguments(
                        TestResults.answered(404, "{\"error\":\"no such model\"}"),
                        "",
                        "",
                        "no such model"),
                arguments(TestResults.answered(503, "\"<html>\""), "", "", "HTTP status 503"),
                arguments(
                        "\"response\":null,\"error\":{\"code\":\"timeout\",\"message\":\"Too"
                                + " late.\"}",
                        "",
                        "",
                        "Too late."),
                arguments(
                        "\"response\":null,\"error\":{\"code\":\"batch_expired\"}",
                        "",
                        "",
                        "batch_expired"));
    }

    private static String ok(String body) {
        return TestResults.answered(200, body);
    }

    @ParameterizedTest
    @MethodSource("answers")
    void the_answer_is_what_a_person_would_call_it(
            String answer, String text, String finishReason, String error) {
        assertThat(AnswerText.of(RawJson.of(answer)))
                .extracting(AnswerText::text, AnswerText::finishReason, AnswerText::error)
                .containsExactly(text, finishReason, error);
    }

    static Stream<Arguments> bodies() {
        return Stream.of(
                arguments(TestResults.chat("\"hi\""), "hi", false),
                arguments(
                        "{\"choices\":[{\"finish_reason\":\"tool_calls\",\"message\":{\"content\":null,\"tool_calls\":[{\"id\":\"a\"}]}}]}",
                        "",
                        false),
                arguments(
                        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"No.\"}}]}",
                        "",
                        true),
                arguments(
                        "{\"choices\":[{\"finish_reason\":\"content_filter\",\"message\":{\"content\":\"a\"}}]}",
                        "a",
                        true),
                arguments(
                        "{\"status\":\"completed\",\"output\":[{\"content\":[{\"type\":\"refusal\",\"refusal\":\"No.\"}]}]}",
                        "",
                        true),
                arguments(
                        "{\"content\":[{\"type\":\"text\",\"text\":\"a\"}],\"stop_reason\":\"refusal\"}",
                        "a",
                        true),
                arguments("{\"candidates\":[{\"finishReason\":\"SAFETY\"}]}", "", true),
                arguments("{\"promptFeedback\":{\"blockReason\":\"OTHER\"}}", "", true),
                arguments("{\"data\":[{\"embedding\":[1]}]}", "", false));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void what_was_written_is_told_from_what_stands_in_for_it(
            String body, String written, boolean refused) {
        assertThat(AnswerText.ofBody(RawJson.of(body)))
                .extracting(AnswerText::written, AnswerText::refused)
                .containsExactly(written, refused);
    }
}
