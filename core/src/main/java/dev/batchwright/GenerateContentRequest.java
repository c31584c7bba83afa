package dev.batchwright;

import dev.batchwright.job.RawJson;

import org.jspecify.annotations.Nullable;

import java.util.List;

/**
 * A request for content of Gemini's, which {@link Request#generateContent} begins. The model is
 * part of the address and not of the body.
 */
public final class GenerateContentRequest extends ConversationRequest<GenerateContentRequest> {
    GenerateContentRequest(Draft draft, List<Turn> turns) {
        super(draft, "contents", turns);
    }

    @Override
    GenerateContentRequest of(Draft changed, List<Turn> conversation) {
        return new GenerateContentRequest(changed, conversation);
    }

    @Override
    RawJson textPart(String text) {
        return RawJson.of("{\"text\":%s}".formatted(RawJson.quoted(text)));
    }

    @Override
    RawJson imagePart(Image image) {
        if (image.inline()) {
            return RawJson.of(
                    "{\"inlineData\":{\"mimeType\":%s,\"data\":\"%s\"}}"
                            .formatted(RawJson.quoted(image.mediaType().orElse("")), image.data()));
        }
        String type =
                image.mediaType()
                        .map(it -> "\"mimeType\":%s,".formatted(RawJson.quoted(it)))
                        .orElse("");
        return RawJson.of(
                "{\"fileData\":{%s\"fileUri\":%s}}".formatted(type, RawJson.quoted(image.url())));
    }

    @Override
    String assistantRole() {
        return "model";
    }

    @Override
    RawJson message(Turn turn) {
        return RawJson.of(
                "{\"role\":\"%s\",\"parts\":%s}"
                        .formatted(turn.role(), RawJson.array(turn.parts())));
    }

    /**
     * Sets instructions; the last ones count.
     *
     * @param text what they say
     * @return a new request that has them
     */
    public GenerateContentRequest system(String text) {
        return with("systemInstruction", RawJson.of("{\"parts\":[%s]}".formatted(textPart(text))));
    }

    /**
     * A parameter in {@code generationConfig}, where most of Gemini's are.
     *
     * @param name as in {@code topK}
     * @param value as that of {@link #with}
     * @return a new request that says so
     * @throws IllegalArgumentException if there is no JSON of the value
     */
    public GenerateContentRequest config(String name, @Nullable Object value) {
        return of(draft.within("generationConfig", name, value(value)));
    }

    /**
     * The most tokens of the answer, thoughts included.
     *
     * @param tokens at least 1
     * @return a new request that says so
     */
    public GenerateContentRequest maxTokens(int tokens) {
        return config("maxOutputTokens", tokens);
    }

    /**
     * From 0 to 2.
     *
     * @param temperature 0: always the likeliest
     * @return a new request that says so
     */
    public GenerateContentRequest temperature(double temperature) {
        return config("temperature", temperature);
    }

    /**
     * From 0 to 1: of the likeliest tokens, those that together have this probability.
     *
     * @param topP 1: all of them
     * @return a new request that says so
     */
    public GenerateContentRequest topP(double topP) {
        return config("topP", topP);
    }

    /**
     * Of the likeliest tokens, this many; at least 1.
     *
     * @param topK how many
     * @return a new request that says so
     */
    public GenerateContentRequest topK(int topK) {
        return config("topK", topK);
    }

    /**
     * For answers that are the same again, as far as the provider can.
     *
     * @param seed any number
     * @return a new request that says so
     */
    public GenerateContentRequest seed(int seed) {
        return config("seed", seed);
    }

    /**
     * Texts at which the answer ends.
     *
     * @param texts up to five
     * @return a new request that says so
     */
    public GenerateContentRequest stop(String... texts) {
        return config("stopSequences", List.of(texts));
    }

    /**
     * Says how much the model thinks; older models take a budget by {@link #config} instead.
     *
     * @param level as in {@code low}, {@code high}
     * @return a new request that says so
     */
    public GenerateContentRequest reasoningEffort(String level) {
        return config(
                "thinkingConfig",
                RawJson.of("{\"thinkingLevel\":%s}".formatted(RawJson.quoted(level))));
    }

    /**
     * Sets the tools that the model may call.
     *
     * @param tools a JSON array in the form of this API
     * @return a new request that has them
     */
    public GenerateContentRequest tools(RawJson tools) {
        return with("tools", tools);
    }

    /**
     * Asks for the probabilities of the answer's tokens.
     *
     * @param likeliest how many alternatives at each place, from 0 to 20
     * @return a new request that says so
     */
    public GenerateContentRequest logprobs(int likeliest) {
        return config("responseLogprobs", true).config("logprobs", likeliest);
    }
}
