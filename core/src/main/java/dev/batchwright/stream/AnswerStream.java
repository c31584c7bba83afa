package dev.batchwright.stream;

import dev.batchwright.job.RawJson;

import java.util.Optional;

/**
 * How an API streams an answer: server-sent events in the order and with the fields that its
 * clients expect. An answer that is there as a whole is told in one piece for each text, with
 * everything that it holds: tool calls, all choices, reasoning, usage. Instances are immutable.
 */
public sealed interface AnswerStream
        permits ChatStream, CompletionStream, ResponseStream, MessageStream {
    /**
     * The form of an endpoint; empty where it does not stream.
     *
     * @param usage whether the client asked for the usage as an event of its own, where that is a
     *     choice
     */
    static Optional<AnswerStream> of(String endpoint, boolean usage) {
        return switch (endpoint) {
            case "/v1/chat/completions" -> Optional.of(new ChatStream(usage));
            case "/v1/completions" -> Optional.of(new CompletionStream(usage));
            case "/v1/responses" -> Optional.of(new ResponseStream());
            case "/v1/messages" -> Optional.of(new MessageStream());
            default -> Optional.empty();
        };
    }

    /**
     * The events of a good answer.
     *
     * @throws IllegalArgumentException if it is not an object of this API
     */
    byte[] events(RawJson answer);
}
