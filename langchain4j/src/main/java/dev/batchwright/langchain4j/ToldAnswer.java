package dev.batchwright.langchain4j;

import dev.batchwright.collect.CollectedAnswer;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;

import org.jspecify.annotations.Nullable;

import java.util.Objects;

/**
 * Tells a whole answer as if it were streamed: thinking, text and each tool call as one part, then
 * the end. What the handler throws is told to itself as an error, and ends the telling.
 *
 * <p>For the thread that has the answer; the handler may cancel the rest from any other.
 */
final class ToldAnswer implements StreamingHandle {
    private final StreamingChatResponseHandler handler;
    private volatile boolean cancelled;

    ToldAnswer(StreamingChatResponseHandler handler) {
        this.handler = handler;
    }

    /** Exactly one of both is there. */
    void tell(@Nullable CollectedAnswer answer, @Nullable Throwable problem) {
        try {
            if (problem != null) {
                throw Calls.noAnswer(problem);
            }
            tell(ChatAnswer.read(Calls.body(Objects.requireNonNull(answer))));
        } catch (RuntimeException e) {
            handler.onError(e);
        }
    }

    private void tell(ChatResponse response) {
        AiMessage message = response.aiMessage();
        if (message.thinking() != null) {
            handler.onPartialThinking(
                    new PartialThinking(message.thinking()), new PartialThinkingContext(this));
        }
        if (message.text() != null && !message.text().isEmpty() && !cancelled) {
            handler.onPartialResponse(
                    new PartialResponse(message.text()), new PartialResponseContext(this));
        }
        int index = 0;
        for (ToolExecutionRequest call : message.toolExecutionRequests()) {
            if (!cancelled) {
                handler.onCompleteToolCall(new CompleteToolCall(index++, call));
            }
        }
        if (!cancelled) {
            handler.onCompleteResponse(response);
        }
    }

    @Override
    public void cancel() {
        cancelled = true;
    }

    @Override
    public boolean isCancelled() {
        return cancelled;
    }
}
