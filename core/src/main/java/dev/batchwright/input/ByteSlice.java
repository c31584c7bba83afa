package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import java.util.Arrays;

/** Some of the bytes of a buffer, good until that buffer is used again. */
final class ByteSlice {
    final byte[] bytes;
    final int offset;
    final int length;

    ByteSlice(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    int end() {
        return offset + length;
    }

    /** A copy that stays. */
    RawJson json() {
        return RawJson.of(Arrays.copyOfRange(bytes, offset, offset + length));
    }
}
