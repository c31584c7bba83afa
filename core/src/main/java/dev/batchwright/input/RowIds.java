package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import java.security.MessageDigest;
import java.util.HexFormat;

/**
 * Ids for requests that have none: {@code row-} and 16 digits of the SHA-256 of their content, with
 * {@code -2}, {@code -3} ... for those that are equal to an earlier one. The same content gets the
 * same ids each time, in any file and at any place of it.
 *
 * <p>Memory is bounded: the first {@link #REMEMBERED} different rows are remembered, in 24 MB. A
 * row that is new after that also gets its place in the input, {@code row-...-at-1048900}, which
 * keeps ids unique and the same for the same file without a table that grows with it.
 *
 * <p>For one input, and for one thread.
 */
public final class RowIds {
    private static final int REMEMBERED = 1 << 20;

    private final MessageDigest digest = Fingerprint.sha256();
    private final int remembered;
    private long[] keys = new long[1 << 10];
    private int[] counts = new int[1 << 10];
    private int size;

    public RowIds() {
        this(REMEMBERED);
    }

    RowIds(int remembered) {
        this.remembered = remembered;
    }

    /**
     * @param place of the request in the input, from 1
     */
    public String next(RawJson content, long place) {
        byte[] bytes = content.toByteArray();
        return next(bytes, 0, bytes.length, place);
    }

    /**
     * @param place of the request in the input
     */
    String next(byte[] content, int offset, int length, long place) {
        digest.update(content, offset, length);
        long key = Hash128.firstLong(digest.digest());
        String id = "row-" + HexFormat.of().toHexDigits(key);
        int slot = slot(keys, counts, key);
        if (counts[slot] == 0 && size == remembered) {
            return id + "-at-" + place;
        }
        int count = ++counts[slot];
        if (count > 1) {
            return id + "-" + count;
        }
        keys[slot] = key;
        if (++size > keys.length / 2) {
            grow();
        }
        return id;
    }

    private static int slot(long[] keys, int[] counts, long key) {
        int mask = keys.length - 1;
        int slot = (int) key & mask;
        while (counts[slot] != 0 && keys[slot] != key) {
            slot = (slot + 1) & mask;
        }
        return slot;
    }

    private void grow() {
        long[] moreKeys = new long[keys.length * 2];
        int[] moreCounts = new int[moreKeys.length];
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] != 0) {
                int slot = slot(moreKeys, moreCounts, keys[i]);
                moreKeys[slot] = keys[i];
                moreCounts[slot] = counts[i];
            }
        }
        keys = moreKeys;
        counts = moreCounts;
    }
}
