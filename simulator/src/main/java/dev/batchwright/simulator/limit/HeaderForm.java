package dev.batchwright.simulator.limit;

/** Which headers about rate limits the replies carry. */
public enum HeaderForm {
    /** Requests and tokens per minute. */
    OPENAI,
    /** Requests per day, tokens per minute. */
    GROQ,
    /** {@code anthropic-ratelimit-*}: per minute, with the times at which the limits are full. */
    ANTHROPIC,
    /** None. */
    NONE;

    /**
     * Reads a name in any case.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static HeaderForm parse(String text) {
        return Word.parse(HeaderForm.class, "form of the rate limit headers", text);
    }
}
