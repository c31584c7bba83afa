package dev.batchwright.simulator.limit;

/** Which {@code x-ratelimit} headers the replies carry. */
public enum HeaderForm {
    /** Requests and tokens per minute. */
    OPENAI,
    /** Requests per day, tokens per minute. */
    GROQ,
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
