package dev.batchwright.config;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the user configured of one provider. Everything may be missing; names of variables, never
 * keys.
 *
 * @param compatible a server of the user's own, under a name of theirs, that speaks OpenAI's API
 * @param headers sent with every call
 * @param batchLag for how long it may not show a batch that it has created
 * @param models limits of single models, over those of the provider
 */
public record ProviderConfig(
        boolean compatible,
        Optional<String> baseUrl,
        Optional<String> apiKeyEnv,
        Map<String, String> headers,
        Pace pace,
        Optional<Duration> timeout,
        Map<String, Pace> models,
        Optional<Duration> batchLag,
        Echo echo) {

    public static final ProviderConfig NONE =
            new ProviderConfig(
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    Pace.UNLIMITED,
                    Optional.empty(),
                    Map.of(),
                    Optional.empty(),
                    Echo.PLAIN);

    public ProviderConfig {
        headers = Map.copyOf(headers);
        models = Map.copyOf(models);
    }

    /**
     * How much at once, and how fast.
     *
     * @param enqueuedTokens the most input tokens that may wait in batches of a model
     */
    public record Pace(
            OptionalInt concurrency,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute,
            OptionalLong enqueuedTokens) {
        public static final Pace UNLIMITED =
                new Pace(
                        OptionalInt.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty(),
                        OptionalLong.empty());

        /** This one, and what it leaves open from another. */
        public Pace or(Pace other) {
            return new Pace(
                    concurrency.isPresent() ? concurrency : other.concurrency,
                    requestsPerMinute.isPresent() ? requestsPerMinute : other.requestsPerMinute,
                    tokensPerMinute.isPresent() ? tokensPerMinute : other.tokensPerMinute,
                    enqueuedTokens.isPresent() ? enqueuedTokens : other.enqueuedTokens);
        }
    }

    /** The pace for a model: its own, completed by the provider's. */
    public Pace pace(String model) {
        return models.getOrDefault(model, Pace.UNLIMITED).or(pace);
    }

    /**
     * How the echo provider behaves.
     *
     * @param failureRate the part of attempts that fail with a 500, 0 to 1
     * @param throttleRate the part that is answered 429
     */
    public record Echo(Duration latency, double failureRate, double throttleRate, long seed) {
        public static final Echo PLAIN = new Echo(Duration.ZERO, 0, 0, 0);
    }
}
