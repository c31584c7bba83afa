package dev.batchwright.simulator.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The identity of a request: SHA-256 of its canonical path ({@code /v1/chat/completions}, also
 * where it was sent without {@code /v1}), a line feed, and the raw bytes of its body. Two requests
 * are the same exactly if their hashes are.
 */
public final class RequestHash {
    private static final MessageDigest SHA_256 = sha256();

    private final byte[] sha256;

    private RequestHash(byte[] sha256) {
        this.sha256 = sha256;
    }

    public static RequestHash of(String canonicalPath, byte[] body) {
        MessageDigest digest = fresh();
        digest.update(canonicalPath.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) '\n');
        return new RequestHash(digest.digest(body));
    }

    /** The hash of a text by itself. */
    public static RequestHash of(String text) {
        return new RequestHash(fresh().digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    /** The first eight bytes, as a number. The bill tells requests apart by these. */
    public long id() {
        return ByteBuffer.wrap(sha256).getLong();
    }

    /** The first {@code digits} (at most 64) hexadecimal digits. */
    public String hex(int digits) {
        String some = HexFormat.of().formatHex(sha256, 0, (digits + 1) / 2);
        return some.substring(0, digits);
    }

    /** A copy of the untouched one: the look-up of algorithms costs as much as a short hash. */
    private static MessageDigest fresh() {
        try {
            return (MessageDigest) SHA_256.clone();
        } catch (CloneNotSupportedException e) {
            return sha256();
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
