package dev.batchwright.provider.gemini;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Takes an Operation apart while it streams by: the results that it carries become lines, one for
 * each, and the rest of it goes on without them. So neither a poll nor a download holds more than a
 * few bytes, however large the answer is.
 *
 * <p>Results stand in the array {@code inlinedResponses}, twice in the same answer; the first that
 * has any counts. A line begins with its place in the array, from 1, because the results of some
 * batches carry nothing else that names them.
 */
final class InlinedResponses extends OutputStream {
    private static final String NAME = "inlinedResponses";
    private static final int LONGEST_NAME = 32;

    private final OutputStream rest;
    private final OutputStream lines;

    /** Where in the answer we are. */
    private enum Place {
        OUTSIDE,
        /** In the array, between two results. */
        BETWEEN,
        /** After the bracket that opens a result, before its first field. */
        OPENED,
        /** In a result. */
        WITHIN
    }

    private Place place = Place.OUTSIDE;
    private int depth;
    private int arrayDepth;
    private boolean inString;
    private boolean escaped;
    private final StringBuilder string = new StringBuilder();
    private boolean named;
    private boolean copying;
    private boolean over;
    private long count;

    InlinedResponses(OutputStream rest, OutputStream lines) {
        this.rest = rest;
        this.lines = lines;
    }

    /** Whether there was any result. */
    boolean any() {
        return count > 0;
    }

    @Override
    public void write(int b) throws IOException {
        if (inString) {
            string(b);
        } else {
            token(b);
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        for (int i = offset; i < offset + length; i++) {
            write(bytes[i]);
        }
    }

    private void string(int b) throws IOException {
        pass(b);
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
        } else if (b == '"') {
            inString = false;
        }
        if (inString && place == Place.OUTSIDE && string.length() <= LONGEST_NAME) {
            string.append((char) (b & 0xff));
        }
    }

    private void token(int b) throws IOException {
        switch (b) {
            case ' ', '\t', '\r', '\n' -> {}
            case '"' -> {
                begin(b);
                pass(b);
                inString = true;
                string.setLength(0);
            }
            case '{', '[' -> open(b);
            case '}', ']' -> close(b);
            case ':' -> {
                pass(b);
                named = place == Place.OUTSIDE && string.toString().equals(NAME);
            }
            default -> {
                named = false;
                pass(b);
            }
        }
    }

    private void open(int b) throws IOException {
        depth++;
        if (place == Place.BETWEEN && b == '{') {
            place = Place.OPENED;
            if (copying) {
                count++;
                lines.write("{\"place\":%d".formatted(count).getBytes(StandardCharsets.UTF_8));
            }
            return;
        }
        begin(b);
        pass(b);
        if (place == Place.OUTSIDE && b == '[' && named) {
            place = Place.BETWEEN;
            arrayDepth = depth;
            copying = !over;
        }
        named = false;
    }

    private void close(int b) throws IOException {
        depth--;
        if (place == Place.OUTSIDE) {
            pass(b);
        } else if (place == Place.BETWEEN && depth == arrayDepth - 1) {
            place = Place.OUTSIDE;
            over = count > 0;
            pass(b);
        } else {
            place = Place.WITHIN;
            pass(b);
            if (depth == arrayDepth) {
                place = Place.BETWEEN;
                if (copying) {
                    lines.write('\n');
                }
            }
        }
    }

    /** The first field of a result follows the place that we put before it. */
    private void begin(int b) throws IOException {
        if (place == Place.OPENED && b == '"') {
            place = Place.WITHIN;
            if (copying) {
                lines.write(',');
            }
        }
    }

    private void pass(int b) throws IOException {
        if (place == Place.OUTSIDE) {
            rest.write(b);
        } else if (copying && place == Place.WITHIN) {
            lines.write(b);
        }
    }
}
