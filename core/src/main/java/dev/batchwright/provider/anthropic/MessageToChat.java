package dev.batchwright.provider.anthropic;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

import java.time.Instant;

/**
 * Turns a message into the chat completion that its request asked for. Texts are joined, calls of
 * tools follow, and an answer that was made through {@link ChatToMessages#JSON_TOOL} is text again.
 * Thinking, and every kind of block that we do not know, is left out.
 */
final class MessageToChat {
    private final JsonPart message;
    private final Splice content = new Splice();
    private final Splice calls = new Splice();

    private MessageToChat(JsonPart message) {
        this.message = message;
    }

    /**
     * @param now when it was created: a message does not say
     */
    static RawJson translate(JsonPart message, Instant now) {
        return new MessageToChat(message).completion(now);
    }

    private RawJson completion(Instant now) {
        message.field("content").ifPresent(it -> it.parts().forEach(this::block));
        Usage usage = MessageUsage.of(message);
        var out = new Splice();
        out.text("{\"id\":").text(JsonPart.quote(message.text("id")));
        out.text(",\"object\":\"chat.completion\",\"created\":%d".formatted(now.getEpochSecond()));
        out.text(",\"model\":").text(JsonPart.quote(message.text("model")));
        out.text(",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":");
        if (content.isEmpty() && !calls.isEmpty()) {
            out.text("null");
        } else {
            out.text("\"").splice(content).text("\"");
        }
        out.text(",\"refusal\":null");
        if (!calls.isEmpty()) {
            out.text(",\"tool_calls\":[").splice(calls).text("]");
        }
        out.text("},\"logprobs\":null,\"finish_reason\":\"%s\"}]".formatted(finishReason()));
        out.text(
                """
                ,"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,\
                "prompt_tokens_details":{"cached_tokens":%d}}}\
                """
                        .formatted(
                                usage.inputTokens(),
                                usage.outputTokens(),
                                usage.totalTokens(),
                                usage.cachedTokens()));
        return out.json();
    }

    private void block(JsonPart block) {
        switch (block.text("type")) {
            case "text" ->
                    block.field("text")
                            .filter(JsonPart::isString)
                            .ifPresent(text -> content.bytes(text.inside()));
            case "tool_use" -> call(block);
            default -> {}
        }
    }

    private void call(JsonPart block) {
        String input = block.field("input").map(JsonPart::json).orElse("{}");
        String quoted = JsonPart.quote(input);
        if (block.text("name").equals(ChatToMessages.JSON_TOOL)) {
            content.text(quoted.substring(1, quoted.length() - 1));
            return;
        }
        calls.text(calls.isEmpty() ? "" : ",")
                .text("{\"id\":")
                .text(JsonPart.quote(block.text("id")))
                .text(",\"type\":\"function\",\"function\":{\"name\":")
                .text(JsonPart.quote(block.text("name")))
                .text(",\"arguments\":")
                .text(quoted)
                .text("}}");
    }

    private String finishReason() {
        return switch (message.text("stop_reason")) {
            case "max_tokens", "model_context_window_exceeded" -> "length";
            case "tool_use" -> calls.isEmpty() ? "stop" : "tool_calls";
            case "refusal" -> "content_filter";
            default -> "stop";
        };
    }
}
