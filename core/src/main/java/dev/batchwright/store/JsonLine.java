package dev.batchwright.store;

import dev.batchwright.job.RawJson;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A line of a segment, being built: one JSON object, a tab, the CRC-32C of the object's bytes as 8
 * hex digits, a newline. JSON on one line has no tab and no newline of its own, so that a line can
 * be cut out, checked and read with common tools.
 */
final class JsonLine {
    /** What follows the JSON: tab, checksum and newline. */
    static final int TRAILER = 10;

    static final byte TAB = '\t';
    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private final CRC32C checksum = new CRC32C();
    private byte[] bytes;
    private int length;

    JsonLine(int expected) {
        bytes = new byte[expected];
    }

    void clear() {
        length = 0;
    }

    int length() {
        return length;
    }

    byte[] bytes() {
        return bytes;
    }

    JsonLine raw(String ascii) {
        int count = ascii.length();
        reserve(count);
        for (int i = 0; i < count; i++) {
            bytes[length + i] = (byte) ascii.charAt(i);
        }
        length += count;
        return this;
    }

    JsonLine number(long number) {
        if (number < 0) {
            return raw(Long.toString(number));
        }
        int digits = 1;
        for (long rest = number; rest >= 10; rest /= 10) {
            digits++;
        }
        reserve(digits);
        long rest = number;
        for (int i = length + digits - 1; i >= length; i--) {
            bytes[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        length += digits;
        return this;
    }

    JsonLine json(RawJson json) {
        reserve(json.length());
        json.buffer().get(bytes, length, json.length());
        length += json.length();
        return this;
    }

    JsonLine string(String text) {
        int count = text.length();
        reserve(count + 2);
        bytes[length++] = '"';
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\' || c >= 0x80) {
                return escaped(text, i).raw("\"");
            }
            bytes[length++] = (byte) c;
        }
        return raw("\"");
    }

    private JsonLine escaped(String text, int from) {
        int i = from;
        while (i < text.length()) {
            int c = text.codePointAt(i);
            i += Character.charCount(c);
            if (c == '"' || c == '\\') {
                reserve(2);
                bytes[length++] = '\\';
                bytes[length++] = (byte) c;
            } else if (c < ' ' || (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
                // Half a surrogate pair has no UTF-8: it stays an escape, and so the same id.
                raw("\\u").raw(HexFormat.of().toHexDigits((char) c));
            } else if (c < 0x80) {
                reserve(1);
                bytes[length++] = (byte) c;
            } else {
                byte[] utf8 = Character.toString(c).getBytes(StandardCharsets.UTF_8);
                reserve(utf8.length);
                System.arraycopy(utf8, 0, bytes, length, utf8.length);
                length += utf8.length;
            }
        }
        return this;
    }

    /** Ends the line with its checksum. */
    JsonLine seal() {
        checksum.reset();
        checksum.update(bytes, 0, length);
        long sum = checksum.getValue();
        reserve(TRAILER);
        bytes[length++] = TAB;
        for (int shift = 28; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[(int) (sum >>> shift) & 0xf];
        }
        bytes[length++] = '\n';
        return this;
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.max(length + more, length + (length >> 1)));
        }
    }
}
