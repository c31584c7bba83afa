package dev.batchwright;

import dev.batchwright.job.RawJson;

import java.util.List;
import java.util.Optional;

/** A request for a chat completion, which {@link Request#chat} begins. */
public final class ChatRequest extends ConversationRequest<ChatRequest> {
    ChatRequest(Draft draft, List<Turn> turns) {
        super(draft, "messages", turns);
    }

    @Override
    ChatRequest of(Draft changed, List<Turn> conversation) {
        return new ChatRequest(changed, conversation);
    }

    static RawJson text(String text) {
        return RawJson.of("{\"type\":\"text\",\"text\":%s}".formatted(RawJson.quoted(text)));
    }

    static RawJson picture(Image image) {
        return RawJson.of(
                "{\"type\":\"image_url\",\"image_url\":{\"url\":%s}}"
                        .formatted(RawJson.quoted(image.url())));
    }

    @Override
    RawJson textPart(String text) {
        return text(text);
    }

    @Override
    RawJson imagePart(Image image) {
        return picture(image);
    }

    @Override
    RawJson message(Turn turn) {
        return contentMessage(turn);
    }

    /**
     * Adds instructions as a message.
     *
     * @param text what they say
     * @return a new request that has them
     */
    public ChatRequest system(String text) {
        return add("system", text(text), Optional.of(text));
    }

    /**
     * Adds instructions as a message of the role that OpenAI's newer models have for them.
     *
     * @param text what they say
     * @return a new request that has them
     */
    public ChatRequest developer(String text) {
        return add("developer", text(text), Optional.of(text));
    }

    /**
     * The most tokens of the answer, {@code max_completion_tokens}. For a server that knows only
     * the older name: {@code with("max_tokens", n)}.
     *
     * @param tokens at least 1; reasoning counts
     * @return a new request that says so
     */
    public ChatRequest maxTokens(int tokens) {
        return with("max_completion_tokens", tokens);
    }

    /**
     * From 0 to 2; OpenAI's reasoning models take none.
     *
     * @param temperature 0: always the likeliest
     * @return a new request that says so
     */
    public ChatRequest temperature(double temperature) {
        return with("temperature", temperature);
    }

    /**
     * From 0 to 1: of the likeliest tokens, those that together have this probability.
     *
     * @param topP 1: all of them
     * @return a new request that says so
     */
    public ChatRequest topP(double topP) {
        return with("top_p", topP);
    }

    /**
     * For answers that are the same again, as far as the provider can.
     *
     * @param seed any number
     * @return a new request that says so
     */
    public ChatRequest seed(long seed) {
        return with("seed", seed);
    }

    /**
     * Texts at which the answer ends.
     *
     * @param texts up to four at OpenAI
     * @return a new request that says so
     */
    public ChatRequest stop(String... texts) {
        return with("stop", List.of(texts));
    }

    /**
     * From -2 to 2; above 0, words that were used often become rarer.
     *
     * @param penalty 0: none
     * @return a new request that says so
     */
    public ChatRequest frequencyPenalty(double penalty) {
        return with("frequency_penalty", penalty);
    }

    /**
     * From -2 to 2; above 0, words that were used at all become rarer.
     *
     * @param penalty 0: none
     * @return a new request that says so
     */
    public ChatRequest presencePenalty(double penalty) {
        return with("presence_penalty", penalty);
    }

    /**
     * Says how much a reasoning model thinks.
     *
     * @param effort as in {@code low}, {@code medium}, {@code high}; which there are, the model
     *     says
     * @return a new request that says so
     */
    public ChatRequest reasoningEffort(String effort) {
        return with("reasoning_effort", effort);
    }

    /**
     * Says how long the answer is to be.
     *
     * @param verbosity {@code low}, {@code medium} or {@code high}
     * @return a new request that says so
     */
    public ChatRequest verbosity(String verbosity) {
        return with("verbosity", verbosity);
    }

    /**
     * Sets a {@code response_format} of your own; {@link #returning} makes one of a type.
     *
     * @param format a JSON object in the form of this API
     * @return a new request that has it
     */
    public ChatRequest responseFormat(RawJson format) {
        return with("response_format", format);
    }

    /**
     * Sets the tools that the model may call.
     *
     * @param tools a JSON array in the form of this API
     * @return a new request that has them
     */
    public ChatRequest tools(RawJson tools) {
        return with("tools", tools);
    }

    /**
     * Says which tool is to be called.
     *
     * @param choice as in {@code "auto"}, {@code "none"}, or a JSON object that names one
     * @return a new request that says so
     */
    public ChatRequest toolChoice(RawJson choice) {
        return with("tool_choice", choice);
    }

    /**
     * Asks for the probabilities of the answer's tokens.
     *
     * @param likeliest how many alternatives at each place, from 0 to 20
     * @return a new request that says so
     */
    public ChatRequest logprobs(int likeliest) {
        return with("logprobs", true).with("top_logprobs", likeliest);
    }
}
