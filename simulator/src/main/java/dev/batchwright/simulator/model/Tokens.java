package dev.batchwright.simulator.model;

/**
 * The simulator's tokens: four bytes of UTF-8 are one token, and what is left over is one more. No
 * tokenizer, so that a test can do the sum in its head.
 */
public final class Tokens {
    private static final int BYTES = 4;

    private Tokens() {}

    public static long of(CharSequence text) {
        return ofBytes(utf8Length(text));
    }

    public static long ofBytes(long bytes) {
        return (bytes + BYTES - 1) / BYTES;
    }

    /** The longest beginning of whole characters that costs no more than {@code max} tokens. */
    public static String first(String text, long max) {
        // A character has three bytes at most, so that it is never more than a token.
        if (text.length() <= max || of(text) <= max) {
            return text;
        }
        long room = max * BYTES;
        int end = 0;
        while (end < text.length()) {
            int codePoint = text.codePointAt(end);
            room -= utf8Length(codePoint);
            if (room < 0) {
                break;
            }
            end += Character.charCount(codePoint);
        }
        return text.substring(0, end);
    }

    public static long utf8Length(CharSequence text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            // Half of a pair counts two, so that the pair has its four bytes.
            bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
        }
        return bytes;
    }

    private static int utf8Length(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }
}
