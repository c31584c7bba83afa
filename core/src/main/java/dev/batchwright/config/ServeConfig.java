package dev.batchwright.config;

import dev.batchwright.job.Mode;
import dev.batchwright.job.SpendingCap;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the configuration says about serving.
 *
 * @param keys that callers may use; with none, callers need no key
 * @param modes how the calls of a model travel that say nothing else, by the model's name; one that
 *     ends with {@code *} stands for all names that begin so
 */
public record ServeConfig(List<Key> keys, Map<String, Mode> modes) {
    /** Where nothing is said. */
    public static final ServeConfig NONE = new ServeConfig(List.of(), Map.of());

    /** What a key may be used for, in the words of the configuration. */
    public static final Set<String> SCOPES = Set.of("admin", "batches", "calls");

    /**
     * A key that callers may use. The key itself is not here.
     *
     * @param name that everything made with it is stored under
     * @param secret where the key is
     * @param scopes some of {@link #SCOPES}
     * @param budget what may be spent with it
     */
    public record Key(
            String name,
            Secret secret,
            Set<String> scopes,
            OptionalLong requestsPerMinute,
            OptionalLong tokensPerMinute,
            Optional<SpendingCap> budget) {
        public Key {
            scopes = Set.copyOf(scopes);
        }
    }

    /** How a key is known without being written down. */
    public sealed interface Secret {
        /** A variable holds it. */
        record Variable(String name) implements Secret {}

        /** It has this SHA-256 hash, in lower-case hex. */
        record Sha256(String hex) implements Secret {}
    }

    public ServeConfig {
        keys = List.copyOf(keys);
        modes = Map.copyOf(modes);
    }

    /**
     * How the calls of a model travel, if a rule says so: its own, or else the longest that fits.
     */
    public Optional<Mode> mode(String model) {
        Mode own = modes.get(model);
        if (own != null) {
            return Optional.of(own);
        }
        return modes.keySet().stream()
                .filter(rule -> rule.endsWith("*"))
                .filter(rule -> model.startsWith(rule.substring(0, rule.length() - 1)))
                .max((one, other) -> Integer.compare(one.length(), other.length()))
                .map(modes::get);
    }
}
