package dev.batchwright.job;

/**
 * Tokens that a provider counted: cached input is part of the input, reasoning is part of the
 * output. Zero where it did not say.
 */
public record Usage(long inputTokens, long cachedTokens, long outputTokens) {
    public static final Usage NONE = new Usage(0, 0, 0);

    public Usage plus(Usage other) {
        return new Usage(
                inputTokens + other.inputTokens,
                cachedTokens + other.cachedTokens,
                outputTokens + other.outputTokens);
    }

    public long totalTokens() {
        return inputTokens + outputTokens;
    }
}
