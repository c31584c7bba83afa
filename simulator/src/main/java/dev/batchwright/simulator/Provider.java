package dev.batchwright.simulator;

import dev.batchwright.simulator.limit.HeaderForm;
import dev.batchwright.simulator.limit.RetryAfter;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** The providers whose surface a simulator can serve. */
public enum Provider {
    OPENAI("/v1"),
    AZURE("/openai/v1"),
    GROQ("/openai/v1"),
    TOGETHER("/v1"),
    FIREWORKS("/inference/v1"),
    XAI("/v1"),
    MISTRAL("/v1"),
    DOUBLEWORD("/v1"),
    PARASAIL("/v1"),
    ANTHROPIC(""),
    GEMINI("/v1beta");

    private final String basePath;

    Provider(String basePath) {
        this.basePath = basePath;
    }

    /** What the provider's own SDK has at the end of its base URL, like {@code /v1}. */
    public String basePath() {
        return basePath;
    }

    RetryAfter usualRetryAfter() {
        return switch (this) {
            case ANTHROPIC -> RetryAfter.SECONDS;
            case GEMINI -> RetryAfter.NONE; // it is in the body
            case OPENAI, AZURE, GROQ, TOGETHER, FIREWORKS, XAI, MISTRAL, DOUBLEWORD, PARASAIL ->
                    RetryAfter.BOTH;
        };
    }

    HeaderForm usualHeaders() {
        return switch (this) {
            case ANTHROPIC -> HeaderForm.ANTHROPIC;
            case GEMINI -> HeaderForm.NONE;
            case OPENAI, AZURE, GROQ, TOGETHER, FIREWORKS, XAI, MISTRAL, DOUBLEWORD, PARASAIL ->
                    HeaderForm.OPENAI;
        };
    }

    /** Like {@code openai}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /**
     * Reads a name.
     *
     * @throws IllegalArgumentException if there is no such provider, with those that there are
     */
    public static Provider parse(String text) {
        for (Provider provider : values()) {
            if (provider.label().equals(text)) {
                return provider;
            }
        }
        throw new IllegalArgumentException(
                "the simulator can't be '%s'; it can be %s"
                        .formatted(
                                text,
                                Arrays.stream(values())
                                        .map(Provider::label)
                                        .collect(Collectors.joining(", "))));
    }
}
