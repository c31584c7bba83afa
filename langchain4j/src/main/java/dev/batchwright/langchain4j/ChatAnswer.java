package dev.batchwright.langchain4j;

import dev.batchwright.job.RawJson;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.exception.ContentFilteredException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.util.ArrayList;
import java.util.List;

/** A chat completion in LangChain4j's form: its first choice. */
final class ChatAnswer {
    private static final JsonMapper JSON = new JsonMapper();

    private final JsonNode body;
    private final JsonNode choice;
    private final JsonNode message;

    private ChatAnswer(JsonNode body) {
        this.body = body;
        this.choice = body.path("choices").path(0);
        this.message = choice.path("message");
    }

    /**
     * @throws ContentFilteredException if the model refused to answer
     * @throws LangChain4jException if it is no chat completion
     */
    static ChatResponse read(RawJson body) {
        return new ChatAnswer(JSON.readTree(body.toByteArray())).response();
    }

    private ChatResponse response() {
        if (!message.isObject()) {
            throw new LangChain4jException(
                    "The answer is no chat completion: it has no message. It is kept with its"
                            + " job.");
        }
        if (text(message, "refusal") != null) {
            throw new ContentFilteredException(
                    "The model refused to answer. What it said is kept with its job.");
        }
        return ChatResponse.builder()
                .aiMessage(
                        AiMessage.builder()
                                .text(text(message, "content"))
                                .thinking(text(message, "reasoning_content"))
                                .toolExecutionRequests(toolCalls())
                                .build())
                .metadata(
                        ChatResponseMetadata.builder()
                                .id(text(body, "id"))
                                .modelName(text(body, "model"))
                                .tokenUsage(usage(body))
                                .finishReason(finishReason())
                                .build())
                .build();
    }

    private static @Nullable String text(JsonNode node, String name) {
        JsonNode value = node.path(name);
        return value.isString() ? value.stringValue() : null;
    }

    private List<ToolExecutionRequest> toolCalls() {
        var calls = new ArrayList<ToolExecutionRequest>();
        for (JsonNode call : message.path("tool_calls")) {
            JsonNode function = call.path("function");
            calls.add(
                    ToolExecutionRequest.builder()
                            .id(text(call, "id"))
                            .name(text(function, "name"))
                            .arguments(text(function, "arguments"))
                            .build());
        }
        return calls;
    }

    private @Nullable FinishReason finishReason() {
        String reason = text(choice, "finish_reason");
        return switch (reason) {
            case null -> null;
            case "stop" -> FinishReason.STOP;
            case "length" -> FinishReason.LENGTH;
            case "tool_calls" -> FinishReason.TOOL_EXECUTION;
            case "content_filter" -> FinishReason.CONTENT_FILTER;
            default -> FinishReason.OTHER;
        };
    }

    /** The tokens of any answer in OpenAI's form; null where it does not tell them. */
    static @Nullable TokenUsage usage(JsonNode body) {
        JsonNode usage = body.path("usage");
        return usage.isObject()
                ? new TokenUsage(
                        count(usage, "prompt_tokens"),
                        count(usage, "completion_tokens"),
                        count(usage, "total_tokens"))
                : null;
    }

    private static @Nullable Integer count(JsonNode usage, String name) {
        JsonNode count = usage.path(name);
        return count.isNumber() ? count.intValue() : null;
    }
}
