package dev.batchwright.server.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Sessions of people who signed in with a key. Nothing is kept of one: it is the key's name and a
 * time, signed with a secret that all servers of a store share and with what the key is known by.
 * So it ends with that time, and when the key leaves the configuration or is replaced there, and it
 * goes on after a restart. The key itself is not in it, nor can it be found out from it. Immutable.
 */
public final class Sessions {
    /** So long one lasts. */
    public static final Duration LENGTH = Duration.ofHours(12);

    private static final int PARTS = 3;

    private final Gate gate;
    private final byte[] secret;

    /**
     * @param secret that servers of one store share
     */
    public Sessions(Gate gate, byte[] secret) {
        this.gate = gate;
        this.secret = secret.clone();
    }

    /** Begins a session with a key; empty if it is nobody's. */
    public Optional<String> begin(String key, Instant now) {
        Keys keys = gate.keys();
        return keys.find(key).flatMap(caller -> session(keys, caller.owner(), now.plus(LENGTH)));
    }

    private Optional<String> session(Keys keys, String owner, Instant end) {
        String name =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString(owner.getBytes(StandardCharsets.UTF_8));
        String head = name + "." + end.getEpochSecond();
        return keys.fingerprint(owner).map(known -> head + "." + signed("session", head, known));
    }

    /** Whose session this is; empty if it is none of ours, or over. */
    public Optional<Caller> caller(String session, Instant now) {
        String[] parts = session.split("\\.", -1);
        if (parts.length != PARTS || !parts[1].matches("\\d{1,12}")) {
            return Optional.empty();
        }
        Instant end = Instant.ofEpochSecond(Long.parseLong(parts[1]));
        Keys keys = gate.keys();
        return owner(parts[0])
                .filter(owner -> now.isBefore(end))
                .filter(
                        owner ->
                                session(keys, owner, end)
                                        .filter(good -> isSame(good, session))
                                        .isPresent())
                .flatMap(keys::caller);
    }

    private static Optional<String> owner(String encoded) {
        try {
            return Optional.of(
                    new String(Base64.getUrlDecoder().decode(encoded), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    /** What forms for a caller carry, so that nobody else can send them. */
    public String formToken(Caller caller) {
        return signed("form", caller.owner(), "");
    }

    /** Compares in a time that does not tell how much is the same. */
    public static boolean isSame(String one, String other) {
        return MessageDigest.isEqual(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
    }

    private String signed(String purpose, String what, String known) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            byte[] signature =
                    mac.doFinal(
                            String.join("\n", purpose, what, known)
                                    .getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(signature);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java has HmacSHA256.", e);
        }
    }
}
