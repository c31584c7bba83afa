package dev.batchwright.input;

import dev.batchwright.job.RawJson;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** JSON being put together from bytes that are UTF-8 already; used again for every request. */
final class JsonBuffer {
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int KEPT = 1 << 20;

    private byte[] bytes = new byte[1024];
    private int length;

    void clear() {
        length = 0;
        if (bytes.length > KEPT) {
            bytes = new byte[KEPT];
        }
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    ByteSlice slice() {
        return new ByteSlice(bytes, 0, length);
    }

    /** A copy of what was put together. */
    RawJson json() {
        return RawJson.of(Arrays.copyOf(bytes, length));
    }

    JsonBuffer raw(byte[] source, int offset, int count) {
        reserve(count);
        System.arraycopy(source, offset, bytes, length, count);
        length += count;
        return this;
    }

    JsonBuffer raw(RawJson source) {
        reserve(source.length());
        source.buffer().get(bytes, length, source.length());
        length += source.length();
        return this;
    }

    JsonBuffer raw(String source) {
        byte[] encoded = source.getBytes(StandardCharsets.UTF_8);
        return raw(encoded, 0, encoded.length);
    }

    /** Text as a whole JSON string. */
    JsonBuffer quoted(String text) {
        byte[] source = text.getBytes(StandardCharsets.UTF_8);
        return raw("\"").escaped(source, 0, source.length).raw("\"");
    }

    /** Text as part of a JSON string. */
    JsonBuffer escaped(byte[] source, int offset, int count) {
        int end = offset + count;
        int copied = offset;
        for (int i = offset; i < end; i++) {
            byte b = source[i];
            if (b == '"' || b == '\\' || (b >= 0 && b < ' ')) {
                raw(source, copied, i - copied);
                copied = i + 1;
                escape(b);
            }
        }
        return raw(source, copied, end - copied);
    }

    private void escape(byte b) {
        reserve(6);
        bytes[length++] = '\\';
        switch (b) {
            case '\n' -> bytes[length++] = 'n';
            case '\r' -> bytes[length++] = 'r';
            case '\t' -> bytes[length++] = 't';
            case '"', '\\' -> bytes[length++] = b;
            default -> {
                bytes[length++] = 'u';
                bytes[length++] = '0';
                bytes[length++] = '0';
                bytes[length++] = HEX[b >> 4];
                bytes[length++] = HEX[b & 15];
            }
        }
    }

    private void reserve(int count) {
        if (bytes.length - length < count) {
            bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
        }
    }
}
