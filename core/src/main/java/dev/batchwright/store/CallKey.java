package dev.batchwright.store;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Which call it is: 128 bits of a SHA-256 of what is asked, of whom and for whom, and the number
 * that tells equal calls of one program apart, from 1.
 */
public record CallKey(long hashHigh, long hashLow, int number) {
    /**
     * The key of the first of equal calls.
     *
     * @param asked the parts of what is asked; their lengths count, so that no two lists of parts
     *     come to the same bytes
     */
    public static CallKey first(byte[]... asked) {
        MessageDigest digest = sha256();
        for (byte[] part : asked) {
            digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, part.length));
            digest.update(part);
        }
        ByteBuffer hash = ByteBuffer.wrap(digest.digest());
        return new CallKey(hash.getLong(), hash.getLong(), 1);
    }

    /** The same call, made for the so manyth time. */
    public CallKey numbered(int value) {
        return new CallKey(hashHigh, hashLow, value);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }
}
