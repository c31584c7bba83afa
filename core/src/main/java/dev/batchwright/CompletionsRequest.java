package dev.batchwright;

import java.util.List;

/** A request for the completion of a prompt, which {@link Request#completions} begins. */
public final class CompletionsRequest extends Request.Fluent<CompletionsRequest> {
    CompletionsRequest(Draft draft) {
        super(draft);
    }

    @Override
    CompletionsRequest of(Draft changed) {
        return new CompletionsRequest(changed);
    }

    /**
     * Sets the text to go on with.
     *
     * @param text the prompt
     * @return a new request that has it
     */
    public CompletionsRequest prompt(String text) {
        return with("prompt", text);
    }

    /**
     * The most tokens of the answer.
     *
     * @param tokens at least 1; without it, many servers stop at 16
     * @return a new request that says so
     */
    public CompletionsRequest maxTokens(int tokens) {
        return with("max_tokens", tokens);
    }

    /**
     * From 0 to 2.
     *
     * @param temperature 0: always the likeliest
     * @return a new request that says so
     */
    public CompletionsRequest temperature(double temperature) {
        return with("temperature", temperature);
    }

    /**
     * From 0 to 1: of the likeliest tokens, those that together have this probability.
     *
     * @param topP 1: all of them
     * @return a new request that says so
     */
    public CompletionsRequest topP(double topP) {
        return with("top_p", topP);
    }

    /**
     * For answers that are the same again, as far as the provider can.
     *
     * @param seed any number
     * @return a new request that says so
     */
    public CompletionsRequest seed(long seed) {
        return with("seed", seed);
    }

    /**
     * Texts at which the answer ends.
     *
     * @param texts up to four at OpenAI
     * @return a new request that says so
     */
    public CompletionsRequest stop(String... texts) {
        return with("stop", List.of(texts));
    }

    /**
     * Asks for the probabilities of the answer's tokens.
     *
     * @param likeliest how many alternatives at each place, from 0 to 5
     * @return a new request that says so
     */
    public CompletionsRequest logprobs(int likeliest) {
        return with("logprobs", likeliest);
    }
}
