package dev.batchwright;

import dev.batchwright.job.JsonFields;
import dev.batchwright.job.RawJson;

import java.util.List;

/**
 * A request for a message of Anthropic's, which {@link Request#messages} begins. Anthropic wants a
 * limit in every request: where none is set it is {@value #DEFAULT_MAX_TOKENS} tokens.
 */
public final class MessagesRequest extends ConversationRequest<MessagesRequest> {
    static final int DEFAULT_MAX_TOKENS = 4096;

    MessagesRequest(Draft draft, List<Turn> turns) {
        super(draft, "messages", turns);
    }

    @Override
    MessagesRequest of(Draft changed, List<Turn> conversation) {
        return new MessagesRequest(changed, conversation);
    }

    @Override
    JsonFields fields() {
        JsonFields fields = super.fields();
        return fields.find("max_tokens").isPresent()
                ? fields
                : fields.with("max_tokens", RawJson.of(String.valueOf(DEFAULT_MAX_TOKENS)));
    }

    @Override
    RawJson textPart(String text) {
        return ChatRequest.text(text);
    }

    @Override
    RawJson imagePart(Image image) {
        String source =
                image.inline()
                        ? "{\"type\":\"base64\",\"media_type\":%s,\"data\":\"%s\"}"
                                .formatted(
                                        RawJson.quoted(image.mediaType().orElse("")), image.data())
                        : "{\"type\":\"url\",\"url\":%s}".formatted(RawJson.quoted(image.url()));
        return RawJson.of("{\"type\":\"image\",\"source\":%s}".formatted(source));
    }

    @Override
    RawJson message(Turn turn) {
        return contentMessage(turn);
    }

    /**
     * Sets instructions; the last ones count.
     *
     * @param text what they say
     * @return a new request that has them
     */
    public MessagesRequest system(String text) {
        return with("system", text);
    }

    /**
     * The most tokens of the answer, thinking included.
     *
     * @param tokens at least 1
     * @return a new request that says so
     */
    public MessagesRequest maxTokens(int tokens) {
        return with("max_tokens", tokens);
    }

    /**
     * From 0 to 1.
     *
     * @param temperature 0: nearly always the likeliest
     * @return a new request that says so
     */
    public MessagesRequest temperature(double temperature) {
        return with("temperature", temperature);
    }

    /**
     * From 0 to 1: of the likeliest tokens, those that together have this probability.
     *
     * @param topP 1: all of them
     * @return a new request that says so
     */
    public MessagesRequest topP(double topP) {
        return with("top_p", topP);
    }

    /**
     * Of the likeliest tokens, this many; at least 1.
     *
     * @param topK how many
     * @return a new request that says so
     */
    public MessagesRequest topK(int topK) {
        return with("top_k", topK);
    }

    /**
     * Texts at which the answer ends.
     *
     * @param texts none of them only blanks
     * @return a new request that says so
     */
    public MessagesRequest stop(String... texts) {
        return with("stop_sequences", List.of(texts));
    }

    /**
     * Says how much the model thinks.
     *
     * @param effort as in {@code low}, {@code medium}, {@code high}; which there are, the model
     *     says
     * @return a new request that says so
     */
    public MessagesRequest reasoningEffort(String effort) {
        return of(draft.within("output_config", "effort", RawJson.quoted(effort)));
    }

    /**
     * Lets the model think before it answers.
     *
     * @param tokens the most that it may think, at least 1,024 and less than the limit of the
     *     answer
     * @return a new request that says so
     */
    public MessagesRequest thinking(int tokens) {
        return with(
                "thinking",
                RawJson.of("{\"type\":\"enabled\",\"budget_tokens\":%d}".formatted(tokens)));
    }

    /**
     * Sets the tools that the model may call.
     *
     * @param tools a JSON array in the form of this API
     * @return a new request that has them
     */
    public MessagesRequest tools(RawJson tools) {
        return with("tools", tools);
    }

    /**
     * Says which tool is to be called.
     *
     * @param choice as in {@code {"type": "auto"}}
     * @return a new request that says so
     */
    public MessagesRequest toolChoice(RawJson choice) {
        return with("tool_choice", choice);
    }
}
