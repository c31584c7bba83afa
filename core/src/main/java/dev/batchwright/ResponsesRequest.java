package dev.batchwright;

import dev.batchwright.job.RawJson;

import java.util.List;
import java.util.Optional;

/** A request for a response of OpenAI's, which {@link Request#responses} begins. */
public final class ResponsesRequest extends ConversationRequest<ResponsesRequest> {
    ResponsesRequest(Draft draft, List<Turn> turns) {
        super(draft, "input", turns);
    }

    @Override
    ResponsesRequest of(Draft changed, List<Turn> conversation) {
        return new ResponsesRequest(changed, conversation);
    }

    @Override
    RawJson conversation(List<Turn> all) {
        Optional<String> single =
                all.size() == 1 && all.getFirst().open("user")
                        ? all.getFirst().onlyText()
                        : Optional.empty();
        return single.map(RawJson::quoted).orElseGet(() -> super.conversation(all));
    }

    @Override
    RawJson textPart(String text) {
        return RawJson.of("{\"type\":\"input_text\",\"text\":%s}".formatted(RawJson.quoted(text)));
    }

    @Override
    RawJson imagePart(Image image) {
        return RawJson.of(
                "{\"type\":\"input_image\",\"image_url\":%s}"
                        .formatted(RawJson.quoted(image.url())));
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
    public ResponsesRequest system(String text) {
        return with("instructions", text);
    }

    /**
     * Adds instructions as a message of their own.
     *
     * @param text what they say
     * @return a new request that has them
     */
    public ResponsesRequest developer(String text) {
        return add("developer", textPart(text), Optional.of(text));
    }

    /**
     * The most tokens of the answer, reasoning included.
     *
     * @param tokens at least 16 at OpenAI
     * @return a new request that says so
     */
    public ResponsesRequest maxTokens(int tokens) {
        return with("max_output_tokens", tokens);
    }

    /**
     * From 0 to 2; OpenAI's reasoning models take none.
     *
     * @param temperature 0: always the likeliest
     * @return a new request that says so
     */
    public ResponsesRequest temperature(double temperature) {
        return with("temperature", temperature);
    }

    /**
     * From 0 to 1: of the likeliest tokens, those that together have this probability.
     *
     * @param topP 1: all of them
     * @return a new request that says so
     */
    public ResponsesRequest topP(double topP) {
        return with("top_p", topP);
    }

    /**
     * Says how much a reasoning model thinks.
     *
     * @param effort as in {@code low}, {@code medium}, {@code high}; which there are, the model
     *     says
     * @return a new request that says so
     */
    public ResponsesRequest reasoningEffort(String effort) {
        return of(draft.within("reasoning", "effort", RawJson.quoted(effort)));
    }

    /**
     * Says how long the answer is to be.
     *
     * @param verbosity {@code low}, {@code medium} or {@code high}
     * @return a new request that says so
     */
    public ResponsesRequest verbosity(String verbosity) {
        return of(draft.within("text", "verbosity", RawJson.quoted(verbosity)));
    }

    /**
     * Sets a {@code text.format} of your own; {@link #returning} makes one of a type.
     *
     * @param format a JSON object in the form of this API
     * @return a new request that has it
     */
    public ResponsesRequest responseFormat(RawJson format) {
        return of(draft.within("text", "format", format));
    }

    /**
     * Says whether OpenAI keeps the response.
     *
     * @param store without it, OpenAI does
     * @return a new request that says so
     */
    public ResponsesRequest store(boolean store) {
        return with("store", store);
    }

    /**
     * Sets the tools that the model may call.
     *
     * @param tools a JSON array in the form of this API
     * @return a new request that has them
     */
    public ResponsesRequest tools(RawJson tools) {
        return with("tools", tools);
    }

    /**
     * Says which tool is to be called.
     *
     * @param choice as in {@code "auto"}, {@code "none"}, or a JSON object that names one
     * @return a new request that says so
     */
    public ResponsesRequest toolChoice(RawJson choice) {
        return with("tool_choice", choice);
    }

    /**
     * Asks for the probabilities of the answer's tokens.
     *
     * @param likeliest how many alternatives at each place, from 0 to 20
     * @return a new request that says so
     */
    public ResponsesRequest logprobs(int likeliest) {
        return with("include", List.of("message.output_text.logprobs"))
                .with("top_logprobs", likeliest);
    }
}
