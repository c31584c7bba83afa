package dev.batchwright.schema;

import java.util.Set;

/**
 * The JSON schema that a provider's structured output takes. All want a closed object at the top;
 * they differ in what else they know. What one does not know is said in words, in the schema's
 * descriptions, and is checked when the answer comes.
 *
 * <ul>
 *   <li>{@link #OPENAI}: bounds of numbers and arrays, patterns; no lengths of text. At most 5,000
 *       properties, 10 levels of objects, 1,000 constants of enums and 120,000 characters of names.
 *   <li>{@link #ANTHROPIC}: no bounds, no patterns, no recursive types; at most 16 parts that can
 *       be one of several things, which every {@code Optional} is.
 *   <li>{@link #GEMINI}: bounds of numbers and arrays; no patterns. A component that leads back to
 *       its own type may be left out of an answer.
 * </ul>
 *
 * Servers that are compatible with OpenAI's API get its dialect.
 */
public enum Dialect {
    /** OpenAI's strict structured outputs, and what is compatible with them. */
    OPENAI(Set.of("date-time", "date", "time", "duration", "uuid")),
    /** Anthropic's {@code output_config.format}. */
    ANTHROPIC(Set.of("date-time", "date", "time", "duration", "uuid", "uri")),
    /** Gemini's {@code responseJsonSchema}. */
    GEMINI(Set.of("date-time", "date", "time"));

    @SuppressWarnings("ImmutableEnumChecker") // all of them are made by Set.of
    private final Set<String> formats;

    Dialect(Set<String> formats) {
        this.formats = formats;
    }

    /**
     * The dialect of an endpoint: {@code /v1/messages} is Anthropic's, {@code generateContent}
     * Gemini's, any other OpenAI's. Whoever knows that a chat completion is translated for another
     * provider asks {@link #ofProvider} instead.
     *
     * @param endpoint as in {@code /v1/chat/completions}
     * @return its dialect; that of OpenAI where it is not known
     */
    public static Dialect ofEndpoint(String endpoint) {
        if (endpoint.endsWith("/messages")) {
            return ANTHROPIC;
        }
        return endpoint.endsWith(":generateContent") ? GEMINI : OPENAI;
    }

    /**
     * The dialect of a provider by its name in this library, as in {@code anthropic}.
     *
     * @param name as in {@code anthropic}
     * @return its dialect; that of OpenAI where it is not known
     */
    public static Dialect ofProvider(String name) {
        return switch (name) {
            case "anthropic" -> ANTHROPIC;
            case "gemini" -> GEMINI;
            default -> OPENAI;
        };
    }

    boolean knowsFormat(String format) {
        return formats.contains(format);
    }

    boolean knowsBounds() {
        return this != ANTHROPIC;
    }

    boolean knowsPatterns() {
        return this == OPENAI;
    }

    boolean knowsRecursion() {
        return this != ANTHROPIC;
    }
}
