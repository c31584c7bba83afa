package dev.batchwright.job;

/**
 * Tokens that a provider counted: cached input is part of the input, reasoning is part of the
 * output. Zero where it did not say.
 *
 * @param inputTokens of the prompt, the cached ones included
 * @param cachedTokens those of the input that were cheaper, because the provider had them
 * @param outputTokens of the answer, reasoning included
 */
public record Usage(long inputTokens, long cachedTokens, long outputTokens) {
    /** Nothing was used, or nothing was said. */
    public static final Usage NONE = new Usage(0, 0, 0);

    /**
     * {@return the sum of both}
     *
     * @param other what is added
     */
    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens);
    }

    /** {@return input and output together} */
    public long totalTokens() {
        return inputTokens + outputTokens;
    }
}
