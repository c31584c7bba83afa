package dev.batchwright.provider.openai;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Walks once through a JSON text and stops only where it is asked to: result files are large, and
 * of each line a dozen values matter. What is skipped is checked against JSON's grammar too, eight
 * bytes at a time inside of strings.
 *
 * <p>The walker follows the text: {@link #beginObject}, then {@link #nextField} until there is
 * none, and for each field exactly one value taken or skipped. Every method may throw {@link
 * NotJson}.
 */
public final class JsonScan {
    private static final int DEEPEST = 1000;
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long SPACES = 0x2020202020202020L;
    private static final long QUOTES = 0x2222222222222222L;
    private static final long BACKSLASHES = 0x5c5c5c5c5c5c5c5cL;
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final byte[] bytes;
    private final int begin;
    private final int end;
    private int at;
    // Of the strings so far, all bits together: whether there is anything but ASCII.
    private long seen;
    private boolean first;
    private int nameFrom;
    private int nameTo;
    private boolean escapes;

    /** The text is no JSON, or ends in the middle. */
    public static final class NotJson extends RuntimeException {
        public NotJson() {
            super("not JSON", null, false, false);
        }
    }

    public JsonScan(byte[] bytes, int offset, int length) {
        this.bytes = bytes;
        this.begin = offset;
        this.at = offset;
        this.end = offset + length;
    }

    /** Where the walk is: after blanks, so that a value that comes next begins here. */
    public int start() {
        blanks();
        return at;
    }

    /** Where the walk is: right after the last value. */
    public int at() {
        return at;
    }

    /** Makes sure that nothing follows but blanks, and that all of it was UTF-8. */
    public void end() {
        blanks();
        if (at != end || ((seen & TOPS) != 0 && !isUtf8())) {
            throw new NotJson();
        }
    }

    private boolean isUtf8() {
        int i = begin;
        while (i < end) {
            if (i + Long.BYTES <= end && ((long) LONGS.get(bytes, i) & TOPS) == 0) {
                i += Long.BYTES;
            } else if (bytes[i] >= 0) {
                i++;
            } else {
                int length = character(i);
                if (length == 0) {
                    return false;
                }
                i += length;
            }
        }
        return true;
    }

    /** How many bytes the character beyond ASCII has that begins here; 0 if it is none. */
    private int character(int i) {
        int lead = bytes[i] & 0xff;
        int second = byteAt(i + 1) & 0xff;
        if (lead < 0xe0) {
            return lead >= 0xc2 && continues(i + 1) ? 2 : 0;
        }
        if (lead < 0xf0) {
            // Neither longer than need be nor half a character.
            boolean inRange = lead == 0xe0 ? second >= 0xa0 : lead != 0xed || second <= 0x9f;
            return inRange && continues(i + 1) && continues(i + 2) ? 3 : 0;
        }
        boolean inRange =
                lead == 0xf0 ? second >= 0x90 : lead < 0xf4 || (lead == 0xf4 && second <= 0x8f);
        return inRange && continues(i + 1) && continues(i + 2) && continues(i + 3) ? 4 : 0;
    }

    private boolean continues(int i) {
        return (byteAt(i) & 0xc0) == 0x80;
    }

    public boolean isObject() {
        return peek() == '{';
    }

    public boolean isArray() {
        return peek() == '[';
    }

    public boolean isString() {
        return peek() == '"';
    }

    public boolean isFalse() {
        return peek() == 'f';
    }

    public boolean isNull() {
        return peek() == 'n';
    }

    /** Goes into an object; false, and nothing is taken, if the value is none. */
    public boolean beginObject() {
        return begin('{');
    }

    /** Goes into a list; false, and nothing is taken, if the value is none. */
    public boolean beginArray() {
        return begin('[');
    }

    private boolean begin(char bracket) {
        if (peek() != bracket) {
            return false;
        }
        at++;
        first = true;
        return true;
    }

    /** Goes to the value of the next field; false at the object's end, which is taken. */
    public boolean nextField() {
        if (!next('}')) {
            return false;
        }
        if (peek() != '"') {
            throw new NotJson();
        }
        nameFrom = at + 1;
        escapes = string();
        nameTo = at - 1;
        expect(':');
        return true;
    }

    /** Goes to the next element; false at the list's end, which is taken. */
    public boolean nextElement() {
        return next(']');
    }

    private boolean next(char bracket) {
        boolean isFirst = first;
        first = false;
        if (peek() == bracket) {
            at++;
            return false;
        }
        if (!isFirst) {
            expect(',');
        }
        return true;
    }

    /** Whether the field is called so. */
    public boolean nameIs(String ascii) {
        if (escapes) {
            return name().equals(ascii);
        }
        return nameTo - nameFrom == ascii.length() && matches(ascii, nameFrom);
    }

    boolean nameEndsWith(String ascii) {
        return escapes
                ? name().endsWith(ascii)
                : nameTo - nameFrom >= ascii.length() && matches(ascii, nameTo - ascii.length());
    }

    private boolean matches(String ascii, int from) {
        for (int i = 0; i < ascii.length(); i++) {
            if (bytes[from + i] != ascii.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** Where the field's name begins, at its quotation mark. */
    public int nameStart() {
        return nameFrom - 1;
    }

    /** What the field is called. */
    public String name() {
        return decoded(nameFrom, nameTo, escapes);
    }

    /** Takes a value: the text of a string, a number as it stands, nothing for anything else. */
    public String text() {
        int from = start();
        return switch (peek()) {
            case '"' -> {
                boolean hasEscapes = string();
                yield decoded(from + 1, at - 1, hasEscapes);
            }
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> {
                skip();
                yield new String(bytes, from, at - from, StandardCharsets.US_ASCII);
            }
            default -> {
                skip();
                yield "";
            }
        };
    }

    /** Takes a value: whether it is this text. */
    public boolean textIs(String ascii) {
        if (!isString()) {
            skip();
            return false;
        }
        int from = at + 1;
        boolean hasEscapes = string();
        return hasEscapes
                ? decoded(from, at - 1, true).equals(ascii)
                : at - 1 - from == ascii.length() && matches(ascii, from);
    }

    /** Takes a value: a whole number, also one in a string; 0 for anything else. */
    public long number() {
        int from = start();
        skip();
        int to = at;
        if (bytes[from] == '"') {
            from++;
            to--;
        }
        long number = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || i - from >= 18) {
                return i > from && bytes[i] == '.' ? number : 0;
            }
            number = 10 * number + digit;
        }
        return number;
    }

    /** Takes a value, whatever it is. */
    public void skip() {
        value(0);
    }

    private void value(int depth) {
        if (depth > DEEPEST) {
            throw new NotJson();
        }
        switch (peek()) {
            case '"' -> string();
            case '{' -> object(depth);
            case '[' -> array(depth);
            case 't' -> word("true");
            case 'f' -> word("false");
            case 'n' -> word("null");
            default -> digits();
        }
    }

    private void object(int depth) {
        at++;
        if (peek() == '}') {
            at++;
            return;
        }
        while (true) {
            if (peek() != '"') {
                throw new NotJson();
            }
            string();
            expect(':');
            value(depth + 1);
            if (peek() == '}') {
                at++;
                return;
            }
            expect(',');
        }
    }

    private void array(int depth) {
        at++;
        if (peek() == ']') {
            at++;
            return;
        }
        while (true) {
            value(depth + 1);
            if (peek() == ']') {
                at++;
                return;
            }
            expect(',');
        }
    }

    /** From its opening quote to behind its closing one; whether there are escapes in it. */
    private boolean string() {
        int i = at + 1;
        boolean hasEscapes = false;
        while (true) {
            while (i + Long.BYTES <= end) {
                long eight = (long) LONGS.get(bytes, i);
                seen |= eight;
                long quote = eight ^ QUOTES;
                long backslash = eight ^ BACKSLASHES;
                long special =
                        (((quote - ONES) & ~quote)
                                        | ((backslash - ONES) & ~backslash)
                                        | ((eight - SPACES) & ~eight))
                                & TOPS;
                if (special != 0) {
                    i += Long.numberOfTrailingZeros(special) >>> 3;
                    break;
                }
                i += Long.BYTES;
            }
            if (i >= end) {
                throw new NotJson();
            }
            byte b = bytes[i];
            seen |= b;
            if (b == '"') {
                at = i + 1;
                return hasEscapes;
            }
            if (b == '\\') {
                hasEscapes = true;
                i = escape(i + 1);
            } else if (b >= 0 && b < ' ') {
                throw new NotJson();
            } else {
                i++;
            }
        }
    }

    private int escape(int i) {
        return switch (byteAt(i)) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> i + 1;
            case 'u' -> hexadecimal(i + 1);
            default -> throw new NotJson();
        };
    }

    private int hexadecimal(int from) {
        for (int i = from; i < from + 4; i++) {
            if (Character.digit(byteAt(i), 16) < 0) {
                throw new NotJson();
            }
        }
        return from + 4;
    }

    private void word(String word) {
        if (end - at < word.length() || !matches(word, at)) {
            throw new NotJson();
        }
        at += word.length();
    }

    private void digits() {
        int i = at;
        if (byteAt(i) == '-') {
            i++;
        }
        i = byteAt(i) == '0' ? i + 1 : run(i);
        if (byteAt(i) == '.') {
            i = run(i + 1);
        }
        if (byteAt(i) == 'e' || byteAt(i) == 'E') {
            i++;
            i = run(byteAt(i) == '+' || byteAt(i) == '-' ? i + 1 : i);
        }
        at = i;
    }

    private int run(int from) {
        int i = from;
        while (i < end && bytes[i] >= '0' && bytes[i] <= '9') {
            i++;
        }
        if (i == from) {
            throw new NotJson();
        }
        return i;
    }

    private byte byteAt(int i) {
        return i < end ? bytes[i] : 0;
    }

    private void expect(char mark) {
        if (peek() != mark) {
            throw new NotJson();
        }
        at++;
    }

    private byte peek() {
        blanks();
        return byteAt(at);
    }

    private void blanks() {
        while (at < end && isBlank(bytes[at])) {
            at++;
        }
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    private String decoded(int from, int to, boolean hasEscapes) {
        if (!hasEscapes) {
            // What was ASCII up to here needs no decoding.
            return new String(
                    bytes,
                    from,
                    to - from,
                    (seen & TOPS) == 0 ? StandardCharsets.ISO_8859_1 : StandardCharsets.UTF_8);
        }
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), bytes, from - 1, to - from + 2)) {
            parser.nextToken();
            return parser.getString();
        } catch (JacksonException notText) {
            throw new NotJson();
        }
    }
}
