package dev.batchwright.limit;

import dev.batchwright.job.RawJson;

import java.util.OptionalLong;

/**
 * What a request's body tells of its tokens, in one pass over the bytes: how much of it is text,
 * how many pictures, recordings or files it carries, and the caps at its top level.
 *
 * @param textBytes everything but media; JSON's own marks are few and calibration absorbs them
 * @param media strings that are data URLs, or long values of {@code data} and {@code file_data}
 * @param outputCap {@code max_completion_tokens}, {@code max_output_tokens} or {@code max_tokens};
 *     or {@code maxOutputTokens} in an object below, as Gemini has it
 * @param choices {@code n}: answers asked for at once, at least 1
 * @param inputs the elements of {@code "input"}, where it is a list of anything but numbers; else 1
 */
record BodyScan(long textBytes, int media, OptionalLong outputCap, long choices, long inputs) {

    static BodyScan of(RawJson body) {
        return new Scanner(body).scan();
    }

    private static final class Scanner {
        private static final int LONG_VALUE = 512;

        private final RawJson body;
        private final int end;
        private int at;
        private int depth;
        private int keyFrom;
        private int keyTo;
        private long mediaBytes;
        private int media;
        private long outputCap = -1;
        private long choices = 1;
        private boolean inInput;
        private long inputs;

        Scanner(RawJson body) {
            this.body = body;
            this.end = body.length();
        }

        BodyScan scan() {
            while (at < end) {
                switch (body.byteAt(at++)) {
                    case '"' -> string();
                    case '{' -> open();
                    case '[' -> {
                        open();
                        inInput |= depth == 2 && keyIs("input");
                    }
                    case '}', ']' -> {
                        depth--;
                        inInput &= depth > 1;
                    }
                    case ':' -> number();
                    default -> {}
                }
            }
            return new BodyScan(
                    end - mediaBytes,
                    media,
                    outputCap < 0 ? OptionalLong.empty() : OptionalLong.of(outputCap),
                    choices,
                    Math.max(1, inputs));
        }

        private void open() {
            element();
            depth++;
        }

        /** A value that begins here may be one of the input. */
        private void element() {
            if (inInput && depth == 2) {
                inputs++;
            }
        }

        private void string() {
            element();
            int from = at;
            int to = closingQuote();
            at = Math.min(to + 1, end);
            if (isMedia(from, to)) {
                media++;
                mediaBytes += to - from;
            }
            keyFrom = from;
            keyTo = to;
        }

        private int closingQuote() {
            int i = at;
            while (i < end) {
                i = body.indexOfQuoteOrBackslash(i);
                if (i < end && body.byteAt(i) == '\\') {
                    i += 2;
                } else {
                    return i;
                }
            }
            return end;
        }

        // The last string read is the key of this value, if it is a value of an object.
        private boolean isMedia(int from, int to) {
            return to - from >= LONG_VALUE
                    && (startsWith(from, "data:") || keyIs("data") || keyIs("file_data"));
        }

        private void number() {
            if (depth == 2 && keyIs("maxOutputTokens")) {
                outputCap = Math.max(outputCap, digits());
            }
            if (depth != 1) {
                return;
            }
            if (keyIs("max_tokens")
                    || keyIs("max_completion_tokens")
                    || keyIs("max_output_tokens")) {
                outputCap = Math.max(outputCap, digits());
            } else if (keyIs("n")) {
                choices = Math.max(1, digits());
            }
        }

        /** The number that follows, or -1. */
        private long digits() {
            while (at < end && body.byteAt(at) == ' ') {
                at++;
            }
            int from = at;
            long value = 0;
            while (at < end && isDigit(body.byteAt(at)) && at - from < 10) {
                value = 10 * value + body.byteAt(at++) - '0';
            }
            return at == from ? -1 : value;
        }

        private static boolean isDigit(byte b) {
            return b >= '0' && b <= '9';
        }

        private boolean keyIs(String name) {
            return keyTo - keyFrom == name.length() && startsWith(keyFrom, name);
        }

        private boolean startsWith(int from, String prefix) {
            if (end - from < prefix.length()) {
                return false;
            }
            for (int i = 0; i < prefix.length(); i++) {
                if (body.byteAt(from + i) != prefix.charAt(i)) {
                    return false;
                }
            }
            return true;
        }
    }
}
