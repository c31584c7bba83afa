package dev.batchwright.server.access;

import dev.batchwright.config.Environment;
import dev.batchwright.config.ServeConfig;
import dev.batchwright.config.ServeConfig.Secret;
import dev.batchwright.workbench.RefusedException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The keys that callers may use. Only their hashes are held; nothing here prints one. Immutable.
 *
 * <p>A key that is presented is hashed, and its hash compared with every one that is known, in a
 * time that does not depend on how much of it is right.
 */
public final class Keys {
    private static final int SHORTEST = 16;

    private final List<Known> known;

    @SuppressWarnings("ArrayRecordComponent") // Compared by MessageDigest alone.
    private record Known(byte[] hash, Caller caller) {}

    private Keys(List<Known> known) {
        this.known = List.copyOf(known);
    }

    /**
     * Takes the keys of a configuration out of their variables.
     *
     * @throws RefusedException if one is not there, is too short, or is there twice
     */
    public static Keys of(ServeConfig config, Environment variables) {
        var known = new ArrayList<Known>();
        Map<String, String> names = new HashMap<>();
        for (ServeConfig.Key key : config.keys()) {
            byte[] hash = hash(key, variables);
            String other = names.put(HexFormat.of().formatHex(hash), key.name());
            if (other != null) {
                throw new RefusedException(
                        "serve.keys.%s and serve.keys.%s are the same key: what it makes could not be told apart. Give each a key of its own."
                                .formatted(other, key.name()));
            }
            known.add(new Known(hash, caller(key)));
        }
        return new Keys(known);
    }

    private static byte[] hash(ServeConfig.Key key, Environment variables) {
        return switch (key.secret()) {
            case Secret.Sha256(String hex) -> HexFormat.of().parseHex(hex);
            case Secret.Variable(String name) ->
                    sha256(
                            variables
                                    .get(name)
                                    .map(String::strip)
                                    .filter(value -> value.length() >= SHORTEST)
                                    .orElseThrow(() -> unusable(key, name, variables)));
        };
    }

    private static RefusedException unusable(
            ServeConfig.Key key, String variable, Environment variables) {
        return new RefusedException(
                variables.get(variable).isEmpty()
                        ? "serve.keys.%s: the variable %s, which holds the key, is not set. Set it, or give the key's `sha256`."
                                .formatted(key.name(), variable)
                        : "serve.keys.%s: what the variable %s holds is too short for a key: %d characters are the least."
                                .formatted(key.name(), variable, SHORTEST));
    }

    private static Caller caller(ServeConfig.Key key) {
        Set<Scope> scopes =
                key.scopes().stream()
                        .flatMap(word -> Scope.named(word).stream())
                        .collect(Collectors.toSet());
        return new Caller(
                key.name(),
                scopes,
                new Caller.Limits(key.requestsPerMinute(), key.tokensPerMinute()));
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }

    /** Whose key this is; empty if it is nobody's. */
    public Optional<Caller> find(String presented) {
        byte[] hash = sha256(presented);
        Optional<Caller> found = Optional.empty();
        for (Known key : known) { // All of them, also behind the one that fits.
            if (MessageDigest.isEqual(hash, key.hash)) {
                found = Optional.of(key.caller);
            }
        }
        return found;
    }

    /** Who is called so; empty if nobody is. */
    Optional<Caller> caller(String owner) {
        return callers().stream().filter(caller -> caller.owner().equals(owner)).findFirst();
    }

    /** What tells the key that somebody has now from another one; empty if nobody is called so. */
    Optional<String> fingerprint(String owner) {
        return known.stream()
                .filter(key -> key.caller.owner().equals(owner))
                .map(key -> HexFormat.of().formatHex(key.hash))
                .findFirst();
    }

    /** Whether callers need no key. */
    public boolean isEmpty() {
        return known.isEmpty();
    }

    /** Those who have one. */
    public List<Caller> callers() {
        return known.stream().map(Known::caller).toList();
    }
}
