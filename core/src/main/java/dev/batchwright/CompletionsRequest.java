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

    /** The text to go on with. */
    public CompletionsRequest prompt(String text) {
        return with("prompt", text);
    }

    /** The most tokens of the answer. */
    public CompletionsRequest maxTokens(int tokens) {
        return with("max_tokens", tokens);
    }

    /** From 0 to 2. */
    public CompletionsRequest temperature(double temperature) {
        return with("temperature", temperature);
    }

    /** From 0 to 1: of the likeliest tokens, those that together have this probability. */
    public CompletionsRequest topP(double topP) {
        return with("top_p", topP);
    }

    /** For answers that are the same again, as far as the provider can. */
    public CompletionsRequest seed(long seed) {
        return with("seed", seed);
    }

    /** Texts at which the answer ends. */
    public CompletionsRequest stop(String... texts) {
        return with("stop", List.of(texts));
    }

    /** How many of the likeliest tokens are told with their probabilities, at each place. */
    public CompletionsRequest logprobs(int likeliest) {
        return with("logprobs", likeliest);
    }
}
