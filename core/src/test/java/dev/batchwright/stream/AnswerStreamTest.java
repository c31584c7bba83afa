package dev.batchwright.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;

import java.nio.charset.StandardCharsets;

class AnswerStreamTest {
    private static String events(String endpoint, boolean usage, String answer) {
        byte[] events = AnswerStream.of(endpoint, usage).orElseThrow().events(RawJson.of(answer));
        return new String(events, StandardCharsets.UTF_8);
    }

    @Test
    void a_chat_tells_all_choices_their_tool_calls_and_the_usage_and_ends_with_done() {
        assertThat(
                        events(
                                "/v1/chat/completions",
                                true,
                                """
                                {"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[
                                 {"index":0,"message":{"role":"assistant","content":"hi","refusal":null},"logprobs":null,"finish_reason":"stop"},
                                 {"index":1,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}],
                                 "usage":{"total_tokens":3}}
                                """))
                .isEqualTo(
                        """
                        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"hi","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}

                        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"t1","type":"function","function":{"name":"f","arguments":"{}"}}]},"logprobs":null,"finish_reason":null}],"usage":null}

                        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}

                        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":1,"delta":{},"logprobs":null,"finish_reason":"tool_calls"}],"usage":null}

                        data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"total_tokens":3}}

                        data: [DONE]

                        """);
    }

    @Test
    void a_chat_says_nothing_of_usage_unasked() {
        assertThat(
                        events(
                                "/v1/chat/completions",
                                false,
                                """
                                {"id":"c1","choices":[{"index":0,"message":{"content":"hi"},"finish_reason":"stop"}],"usage":{"total_tokens":3}}
                                """))
                .doesNotContain("usage")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void a_response_tells_each_item_as_it_would_grow() {
        String told =
                events(
                        "/v1/responses",
                        false,
                        """
                        {"id":"r1","object":"response","status":"incomplete","usage":{"total_tokens":3},"output":[
                         {"type":"reasoning","id":"i0","summary":[{"type":"summary_text","text":"why"}]},
                         {"type":"message","id":"i1","status":"completed","role":"assistant","content":[
                          {"type":"output_text","text":"hi","annotations":[{"type":"url_citation"}]},{"type":"refusal","refusal":"no"}]},
                         {"type":"function_call","id":"i2","call_id":"x","name":"f","arguments":"{}","status":"completed"},
                         {"type":"web_search_call","id":"i3","status":"completed"}]}
                        """);
        assertThat(
                        told.lines()
                                .filter(line -> line.startsWith("event: "))
                                .map(line -> line.substring(7)))
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.reasoning_summary_part.added",
                        "response.reasoning_summary_text.delta",
                        "response.reasoning_summary_text.done",
                        "response.reasoning_summary_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.annotation.added",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.content_part.added",
                        "response.refusal.delta",
                        "response.refusal.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.output_item.done",
                        "response.incomplete");
        assertThat(told)
                .contains("\"sequence_number\":25")
                .contains("\"status\":\"in_progress\",\"usage\":null,\"output\":[]")
                .contains("\"name\":\"f\",\"arguments\":\"\",\"status\":\"in_progress\"");
    }

    @Test
    void a_message_tells_thinking_text_and_the_input_of_tools() {
        String told =
                events(
                        "/v1/messages",
                        false,
                        """
                        {"id":"m1","type":"message","role":"assistant","model":"c","content":[
                         {"type":"thinking","thinking":"hm","signature":"s"},
                         {"type":"text","text":"hi","citations":[{"type":"char_location"}]},
                         {"type":"tool_use","id":"t","name":"f","input":{"a":1}}],
                         "stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":2,"output_tokens":9}}
                        """);
        assertThat(told)
                .startsWith(
                        "event: message_start\n"
                                + "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m1\"")
                .contains("{\"type\":\"thinking_delta\",\"thinking\":\"hm\"}")
                .contains("{\"type\":\"signature_delta\",\"signature\":\"s\"}")
                .contains("{\"type\":\"text_delta\",\"text\":\"hi\"}")
                .contains(
                        "{\"type\":\"citations_delta\",\"citation\":{\"type\":\"char_location\"}}")
                .contains("{\"type\":\"input_json_delta\",\"partial_json\":\"{\\\"a\\\":1}\"}")
                .contains(
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":2,\"output_tokens\":9}}")
                .endsWith("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void endpoints_that_do_not_stream_have_no_form() {
        assertThat(AnswerStream.of("/v1/embeddings", false)).isEmpty();
    }

    @Test
    void what_is_no_object_is_no_answer() {
        assertThatThrownBy(() -> events("/v1/responses", false, "[]"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
