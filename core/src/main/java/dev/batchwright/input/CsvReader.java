package dev.batchwright.input;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * Records of a table by RFC 4180: quoted fields with delimiters, line ends and doubled quotes in
 * them; LF or CR LF. A quote within a field that does not start with one stands for itself. The
 * fields of a record stand in the window until the next one is asked for.
 */
final class CsvReader {
    private final String file;
    private final ByteWindow window;
    private final byte delimiter;
    private int size;
    private int[] starts = new int[16];
    private int[] ends = new int[16];
    private boolean[] doubled = new boolean[16];
    private int consumed;
    private long line = 1;
    private long nextLine = 1;
    private Optional<String> problem = Optional.empty();

    CsvReader(String file, ByteWindow window, byte delimiter) {
        this.file = file;
        this.window = window;
        this.delimiter = delimiter;
    }

    /** Says false at the end of the file. */
    boolean next() throws IOException {
        window.start += consumed;
        consumed = 0;
        size = 0;
        problem = Optional.empty();
        line = nextLine;
        int at = 0;
        while (true) {
            if (!has(at)) {
                if (size == 0 && problem.isEmpty()) {
                    return false;
                }
                add(at, at, false);
                return end(at);
            }
            int after = byteAt(at) == '"' ? quoted(at) : plain(at);
            if (problem.isPresent()) {
                return true;
            }
            if (!has(after)) {
                return end(after);
            }
            if (byteAt(after) == '\n') {
                nextLine++;
                return end(after + 1);
            }
            at = after + 1;
        }
    }

    /** Reads a field without quotes; returns where its delimiter or line feed stands. */
    private int plain(int from) throws IOException {
        int at = from;
        while (has(at)) {
            byte b = byteAt(at);
            if (b == delimiter) {
                add(from, at, false);
                return at;
            }
            if (b == '\n') {
                break;
            }
            at++;
        }
        boolean carriageReturn = at > from && byteAt(at - 1) == '\r';
        add(from, carriageReturn ? at - 1 : at, false);
        return at;
    }

    private int quoted(int opening) throws IOException {
        boolean hasDoubled = false;
        int at = opening + 1;
        while (true) {
            if (!has(at)) {
                fail(
                        at,
                        "a quoted field in the record that starts here is never closed. Close it"
                                + " with `\"`; a quote within a quoted field is written twice");
                return at;
            }
            byte b = byteAt(at);
            if (b == '\n') {
                nextLine++;
            } else if (b == '"') {
                if (!has(at + 1) || byteAt(at + 1) != '"') {
                    break;
                }
                hasDoubled = true;
                at++;
            }
            at++;
        }
        add(opening + 1, at, hasDoubled);
        int after = at + 1;
        if (has(after) && byteAt(after) == '\r' && (!has(after + 1) || byteAt(after + 1) == '\n')) {
            after++;
        }
        if (has(after) && byteAt(after) != delimiter && byteAt(after) != '\n') {
            fail(
                    after,
                    "field %d goes on after its closing quote. Write a quote within a quoted field twice"
                            .formatted(size));
        }
        return after;
    }

    // Reading goes on at the next line.
    private void fail(int at, String text) throws IOException {
        problem = Optional.of(text);
        window.start += at;
        consumed = 0;
        window.skipLine();
        nextLine++;
    }

    private boolean end(int at) {
        consumed = at;
        return true;
    }

    private void add(int from, int to, boolean hasDoubled) {
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, size * 2);
            ends = Arrays.copyOf(ends, size * 2);
            doubled = Arrays.copyOf(doubled, size * 2);
        }
        starts[size] = from;
        ends[size] = to;
        doubled[size] = hasDoubled;
        size++;
    }

    private byte byteAt(int at) {
        return window.bytes[window.start + at];
    }

    private boolean has(int at) throws IOException {
        return window.start + at < window.end || fill(at);
    }

    private boolean fill(int at) throws IOException {
        while (window.length() <= at) {
            if (window.full()) {
                throw new InputException(
                        "%s:%d: the record that starts here is longer than %d MB. Is a quote missing that closes a field?"
                                .formatted(file, line, ByteWindow.LONGEST >> 20));
            }
            if (!window.more()) {
                return false;
            }
        }
        return true;
    }

    /** Where the record starts. */
    long line() {
        return line;
    }

    /** Why the record can't be read; its fields are not there then. */
    Optional<String> problem() {
        return problem;
    }

    int size() {
        return size;
    }

    /** Nothing but a line end. */
    boolean blank() {
        return size == 1 && starts[0] == 0 && ends[0] == 0;
    }

    /** The first byte of the record that is not UTF-8, counted in the file from 1; 0 for none. */
    long invalidByte() {
        int bad = Utf8.firstInvalid(window.bytes, window.start, consumed);
        return bad < 0 ? 0 : window.position() + bad + 1;
    }

    String text(int field) {
        String raw =
                new String(
                        window.bytes,
                        window.start + starts[field],
                        ends[field] - starts[field],
                        StandardCharsets.UTF_8);
        return doubled[field] ? raw.replace("\"\"", "\"") : raw;
    }

    /** Appends a field as part of a JSON string. */
    void append(int field, JsonBuffer target) {
        int from = window.start + starts[field];
        int to = window.start + ends[field];
        if (doubled[field]) {
            for (int i = from; i < to; i++) {
                if (window.bytes[i] == '"') {
                    target.escaped(window.bytes, from, i + 1 - from);
                    from = i + 2;
                    i++;
                }
            }
        }
        target.escaped(window.bytes, from, to - from);
    }
}
