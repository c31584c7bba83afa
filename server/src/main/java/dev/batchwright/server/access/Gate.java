package dev.batchwright.server.access;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/**
 * Lets callers in by their keys. The keys can be changed while it stands; requests that are in
 * already stay. Thread-safe.
 */
public final class Gate {
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private volatile Keys keys; // Replaced as a whole.

    /** What becomes of a request at the gate. */
    public sealed interface Admission {
        /** It goes in. */
        record In(Caller caller) implements Admission {}

        /** It brought no key. */
        record NoKey() implements Admission {}

        /** It brought one that is nobody's. */
        record WrongKey() implements Admission {}
    }

    public Gate(Keys keys) {
        this.keys = keys;
    }

    /** The keys that count now. */
    Keys keys() {
        return keys;
    }

    /** From now on these keys count. */
    public void change(Keys other) {
        keys = other;
    }

    /**
     * Looks at what a request brought.
     *
     * @param authorization the header of this name: {@code Bearer KEY}, or {@code Basic}, as
     *     browsers send it, with the key as the password
     * @param apiKey the header {@code x-api-key}
     */
    public Admission admit(Optional<String> authorization, Optional<String> apiKey) {
        Keys now = keys;
        if (now.isEmpty()) {
            return new Admission.In(Caller.LOCAL);
        }
        Optional<String> presented =
                apiKey.map(String::strip)
                        .filter(key -> !key.isEmpty())
                        .or(() -> authorization.flatMap(Gate::key));
        if (presented.isEmpty()) {
            return new Admission.NoKey();
        }
        return now.find(presented.get())
                .<Admission>map(Admission.In::new)
                .orElseGet(Admission.WrongKey::new);
    }

    private static Optional<String> key(String authorization) {
        String header = authorization.strip();
        if (header.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.of(header.substring(BEARER.length()).strip())
                    .filter(key -> !key.isEmpty());
        }
        return header.regionMatches(true, 0, BASIC, 0, BASIC.length())
                ? password(header.substring(BASIC.length()).strip())
                : Optional.empty();
    }

    private static Optional<String> password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            return Optional.of(pair.substring(pair.indexOf(':') + 1)).filter(key -> !key.isEmpty());
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }
}
