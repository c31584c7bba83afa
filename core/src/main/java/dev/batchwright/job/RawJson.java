package dev.batchwright.job;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * A JSON value as the bytes it came in (UTF-8), on one line: passed through, stored and spliced
 * into other documents without being parsed again. Immutable; equal when the bytes are equal. That
 * the bytes are JSON is the promise of whoever made it.
 */
public final class RawJson {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final HexFormat HEX = HexFormat.of();
    private static final long ONES = 0x0101010101010101L;
    private static final long SPACES = 0x2020202020202020L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long QUOTES = 0x2222222222222222L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;

    /** The value {@code null}. */
    public static final RawJson NULL = of("null");

    private final byte[] bytes;
    private final int offset;
    private final int length;

    private RawJson(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    /**
     * Takes bytes over.
     *
     * @param bytes must not be changed afterwards
     * @return a value of them
     */
    public static RawJson of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /**
     * Takes a slice of bytes, without a copy.
     *
     * @param bytes must not be changed afterwards
     * @param offset where the value begins
     * @param length how many bytes it has
     * @return a value of them
     */
    public static RawJson of(byte[] bytes, int offset, int length) {
        return new RawJson(onOneLine(bytes, offset, length), offset, length);
    }

    /**
     * Takes a text over.
     *
     * @param json JSON; it is not checked
     * @return a value of it
     */
    public static RawJson of(String json) {
        return of(json.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * {@return a text as a JSON string}
     *
     * @param text any, quotes and line ends included
     * @throws IllegalArgumentException if the text holds half a character (a surrogate without its
     *     other half), which has no form in UTF-8
     */
    public static RawJson quoted(String text) {
        var json = new StringBuilder(text.length() + 16).append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                default -> {
                    if (c < ' ') {
                        json.append("\\u00").append(HEX.toHexDigits((byte) c));
                    } else if (!Character.isSurrogate(c)) {
                        json.append(c);
                    } else {
                        json.appendCodePoint(pair(text, i++));
                    }
                }
            }
        }
        return of(json.append('"').toString());
    }

    private static int pair(String text, int at) {
        int codePoint = text.codePointAt(at);
        if (!Character.isSupplementaryCodePoint(codePoint)) {
            throw new IllegalArgumentException(
                    "the text holds half a character at place %d: it was cut inside of an emoji or a rare letter. Cut it by code points."
                            .formatted(at));
        }
        return codePoint;
    }

    /**
     * {@return a JSON array of these values}
     *
     * @param elements in this order
     */
    public static RawJson array(List<RawJson> elements) {
        var bytes = new ByteArrayOutputStream();
        bytes.write('[');
        for (int i = 0; i < elements.size(); i++) {
            if (i > 0) {
                bytes.write(',');
            }
            RawJson each = elements.get(i);
            bytes.write(each.bytes, each.offset, each.length);
        }
        bytes.write(']');
        return of(bytes.toByteArray());
    }

    // A control character can stand in JSON only between tokens, where a space means the same.
    private static byte[] onOneLine(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            while (i + Long.BYTES <= offset + length && !anyControl((long) LONGS.get(bytes, i))) {
                i += Long.BYTES;
            }
            if (i < offset + length && isControl(bytes[i])) {
                byte[] result = bytes.clone();
                for (int j = i; j < offset + length; j++) {
                    result[j] = isControl(result[j]) ? (byte) ' ' : result[j];
                }
                return result;
            }
        }
        return bytes;
    }

    // Eight bytes at once: whether one of them is below a space.
    private static boolean anyControl(long eight) {
        return ((eight - SPACES) & ~eight & TOPS) != 0;
    }

    private static boolean isControl(byte b) {
        return b >= 0 && b < ' ';
    }

    /** {@return how many bytes it has} */
    public int length() {
        return length;
    }

    /**
     * {@return the byte at this place}
     *
     * @param place from 0
     */
    public byte byteAt(int place) {
        return bytes[offset + place];
    }

    /**
     * Finds where a string ends or has an escape.
     *
     * @param from a place in the string, from 0
     * @return the place of the next quote or backslash; the length if there is none
     */
    public int indexOfQuoteOrBackslash(int from) {
        int end = offset + length;
        int i = offset + from;
        for (; i + Long.BYTES <= end; i += Long.BYTES) {
            long eight = (long) LONGS.get(bytes, i);
            long quote = eight ^ QUOTES;
            long backslash = eight ^ BACKSLASHES;
            long found = (((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash)) & TOPS;
            if (found != 0) {
                return i + (Long.numberOfTrailingZeros(found) >>> 3) - offset;
            }
        }
        while (i < end && bytes[i] != '"' && bytes[i] != '\\') {
            i++;
        }
        return i - offset;
    }

    /** {@return a view of the bytes; reading it does not move this value} */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, offset, length).asReadOnlyBuffer();
    }

    /** {@return a copy of the bytes} */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, offset, offset + length);
    }

    /**
     * Writes the bytes.
     *
     * @param out is left open
     * @throws IOException if it can't be written to
     */
    public void writeTo(OutputStream out) throws IOException {
        out.write(bytes, offset, length);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RawJson json
                && Arrays.equals(
                        bytes,
                        offset,
                        offset + length,
                        json.bytes,
                        json.offset,
                        json.offset + json.length);
    }

    @Override
    public int hashCode() {
        return buffer().hashCode();
    }

    @Override
    public String toString() {
        return new String(bytes, offset, length, StandardCharsets.UTF_8);
    }
}
