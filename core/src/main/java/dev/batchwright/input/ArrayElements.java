package dev.batchwright.input;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The elements of an array that a JSON object has in one field, one after the other as the bytes
 * that they came in, however long the array is. What stands between them is read strictly; of an
 * element only the extent is known, by its brackets and strings. For one thread.
 */
final class ArrayElements {
    private final ByteWindow window;
    private final String field;
    private int consumed;
    private int length;
    private long index = -1;
    private State state = State.BEFORE;

    private enum State {
        BEFORE,
        WITHIN,
        BEHIND
    }

    /** The text is not the JSON that is expected; the message says where. */
    static final class MalformedException extends Exception {
        MalformedException(String message) {
            super(message);
        }

        String text() {
            return String.valueOf(getMessage());
        }
    }

    ArrayElements(ByteWindow window, String field) {
        this.window = window;
        this.field = field;
    }

    /**
     * Moves to the next element; false behind the last one, and then the whole text was read.
     *
     * @throws MalformedException if the text is not as expected
     */
    boolean next() throws IOException, MalformedException {
        window.start += consumed;
        consumed = 0;
        if (state == State.BEFORE) {
            expect('{');
            if (!enter('}')) {
                return false;
            }
            return element(true);
        }
        return state == State.WITHIN && element(false);
    }

    /** Whether the field was there. */
    boolean found() {
        return state != State.BEFORE;
    }

    private boolean element(boolean first) throws IOException, MalformedException {
        int next = peek();
        if (next == ']') {
            window.start++;
            state = State.BEHIND;
            finish();
            return false;
        }
        if (!first) {
            expect(',');
            peek();
        }
        length = extent();
        consumed = length;
        index++;
        return true;
    }

    // From behind the opening brace to behind the bracket of the field's array.
    private boolean enter(int end) throws IOException, MalformedException {
        if (peek() == end) {
            window.start++;
            mustEnd();
            return false;
        }
        while (true) {
            String name = name();
            expect(':');
            int value = peek();
            if (name.equals(field) && value == '[') {
                window.start++;
                state = State.WITHIN;
                return true;
            }
            window.start += extent();
            if (peek() == end) {
                window.start++;
                mustEnd();
                return false;
            }
            expect(',');
        }
    }

    // From behind the array to the end of the text.
    private void finish() throws IOException, MalformedException {
        while (peek() != '}') {
            expect(',');
            String name = name();
            if (name.equals(field)) {
                throw new MalformedException("it has `%s` twice".formatted(field));
            }
            expect(':');
            peek();
            window.start += extent();
        }
        window.start++;
        mustEnd();
    }

    private void mustEnd() throws IOException, MalformedException {
        if (peek() >= 0) {
            throw unexpected();
        }
    }

    private String name() throws IOException, MalformedException {
        if (peek() != '"') {
            throw unexpected();
        }
        int size = extent();
        String name = new String(window.bytes, window.start + 1, size - 2, StandardCharsets.UTF_8);
        window.start += size;
        return name;
    }

    private void expect(int symbol) throws IOException, MalformedException {
        if (peek() != symbol) {
            throw unexpected();
        }
        window.start++;
    }

    /** The next byte that is no blank, where the window starts then; -1 at the end. */
    private int peek() throws IOException {
        while (true) {
            while (window.length() > 0) {
                byte b = window.bytes[window.start];
                if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
                    return b & 0xff;
                }
                window.start++;
            }
            if (!window.more()) {
                return -1;
            }
        }
    }

    /** How many bytes the value has that the window starts with. */
    private int extent() throws IOException, MalformedException {
        int depth = 0;
        boolean string = false;
        int i = 0;
        while (true) {
            if (i == window.length()) {
                if (window.full()) {
                    throw new MalformedException(
                            "an element is longer than %d MB".formatted(ByteWindow.LONGEST >> 20));
                }
                if (!window.more()) {
                    throw unexpected();
                }
                continue;
            }
            byte b = window.bytes[window.start + i];
            if (string) {
                if (b == '\\') {
                    i++;
                    if (i == window.length() && !window.more()) {
                        throw unexpected();
                    }
                } else if (b == '"') {
                    string = false;
                    if (depth == 0) {
                        return i + 1;
                    }
                }
            } else {
                switch (b) {
                    case '"' -> string = true;
                    case '{', '[' -> depth++;
                    case '}', ']' -> {
                        if (depth == 0) {
                            return scalar(i);
                        }
                        depth--;
                        if (depth == 0) {
                            return i + 1;
                        }
                    }
                    case ',', ' ', '\n', '\r', '\t' -> {
                        if (depth == 0) {
                            return scalar(i);
                        }
                    }
                    default -> {}
                }
            }
            i++;
        }
    }

    private int scalar(int size) throws MalformedException {
        if (size == 0) {
            throw unexpected();
        }
        return size;
    }

    private MalformedException unexpected() {
        return new MalformedException(
                window.length() == 0
                        ? "it ends too early"
                        : "byte %,d is unexpected".formatted(window.position() + 1));
    }

    byte[] bytes() {
        return window.bytes;
    }

    int start() {
        return window.start;
    }

    int length() {
        return length;
    }

    /** Of this element, from 0. */
    long index() {
        return index;
    }
}
