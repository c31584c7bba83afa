package dev.batchwright.input;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The first 128 bits of a SHA-256: among 10<sup>9</sup> of them, two are equal by accident once in
 * 10<sup>20</sup> files.
 */
record Hash128(long first, long second) {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    static Hash128 of(byte[] digest) {
        return new Hash128(firstLong(digest), (long) LONGS.get(digest, Long.BYTES));
    }

    static long firstLong(byte[] digest) {
        return (long) LONGS.get(digest, 0);
    }
}
