package dev.batchwright.limit;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the user allows. The rates count per provider and model, as providers count them; the
 * concurrency counts per provider, over all its models.
 *
 * @param concurrency most calls at once; empty: found by trial
 * @param requestsPerMinute empty: learned from the provider, if it tells
 * @param tokensPerMinute likewise
 */
public record Limits(
        OptionalInt concurrency, OptionalLong requestsPerMinute, OptionalLong tokensPerMinute) {
    public static final Limits NONE =
            new Limits(OptionalInt.empty(), OptionalLong.empty(), OptionalLong.empty());

    public Limits {
        concurrency.ifPresent(n -> mustBePositive("concurrency", n));
        requestsPerMinute.ifPresent(n -> mustBePositive("requests per minute", n));
        tokensPerMinute.ifPresent(n -> mustBePositive("tokens per minute", n));
    }

    private static void mustBePositive(String name, long value) {
        if (value < 1) {
            throw new IllegalArgumentException(
                    "%s = %d: must be at least 1; leave it out to run without this limit"
                            .formatted(name, value));
        }
    }
}
