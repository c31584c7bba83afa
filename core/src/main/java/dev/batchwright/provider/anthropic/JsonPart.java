package dev.batchwright.provider.anthropic;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.io.JsonStringEncoder;
import tools.jackson.core.json.JsonFactory;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON value where it stands in its document. The document is read once, and a string is neither
 * decoded nor copied before it is asked for: a picture of some megabytes in it costs a look for its
 * closing quote.
 */
final class JsonPart {
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(1000)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final byte[] document;
    private final JsonToken type;
    private final int start;
    private final int end;
    // Of an object, each beside its value in `parts`; empty for anything else.
    private final List<String> names;
    private final List<JsonPart> parts;

    private JsonPart(
            byte[] document,
            JsonToken type,
            int start,
            int end,
            List<String> names,
            List<JsonPart> parts) {
        this.document = document;
        this.type = type;
        this.start = start;
        this.end = end;
        this.names = names;
        this.parts = parts;
    }

    /** The one JSON value in these bytes, blanks and a BOM around it aside; empty if it is none. */
    static Optional<JsonPart> parse(byte[] document, int offset, int length) {
        int from = offset;
        int to = offset + length;
        while (from < to && isPadding(document[from])) {
            from++;
        }
        while (to > from && isPadding(document[to - 1])) {
            to--;
        }
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), document, from, to - from)) {
            JsonToken first = parser.nextToken();
            if (first == null) {
                return Optional.empty();
            }
            JsonPart value = new Reading(document, from, parser).value(first);
            return parser.nextToken() == null ? Optional.of(value) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    static Optional<JsonPart> parse(byte[] document) {
        return parse(document, 0, document.length);
    }

    // Blanks, and the three bytes of a BOM, none of which can begin or end a JSON value.
    private static boolean isPadding(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t' || (b & 0xff) >= 0xbb;
    }

    /** Text as a whole JSON string. */
    static String quote(String text) {
        var quoted = new StringBuilder(text.length() + 16).append('"');
        JsonStringEncoder.getInstance().quoteAsString(text, quoted);
        return quoted.append('"').toString();
    }

    /** One pass over a document. */
    private static final class Reading {
        private final byte[] document;
        private final int offset;
        private final JsonParser parser;

        Reading(byte[] document, int offset, JsonParser parser) {
            this.document = document;
            this.offset = offset;
            this.parser = parser;
        }

        JsonPart value(JsonToken type) {
            int start = offset + (int) parser.currentTokenLocation().getByteOffset();
            var names =
                    type == JsonToken.START_OBJECT ? new ArrayList<String>() : List.<String>of();
            var parts = type.isStructStart() ? new ArrayList<JsonPart>() : List.<JsonPart>of();
            if (type == JsonToken.START_OBJECT) {
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    names.add(parser.currentName());
                    parts.add(value(parser.nextToken()));
                }
            } else if (type == JsonToken.START_ARRAY) {
                for (JsonToken next = parser.nextToken();
                        next != JsonToken.END_ARRAY;
                        next = parser.nextToken()) {
                    parts.add(value(next));
                }
            }
            int end =
                    type == JsonToken.VALUE_STRING
                            ? closingQuote(start + 1) + 1
                            : offset + (int) parser.currentLocation().getByteOffset();
            return new JsonPart(document, type, start, end, names, parts);
        }

        // The parser finds it again when it goes on, and refuses what has none.
        private int closingQuote(int from) {
            int i = from;
            while (i < document.length && document[i] != '"') {
                i += document[i] == '\\' ? 2 : 1;
            }
            return i;
        }
    }

    boolean isNull() {
        return type == JsonToken.VALUE_NULL;
    }

    boolean isObject() {
        return type == JsonToken.START_OBJECT;
    }

    boolean isArray() {
        return type == JsonToken.START_ARRAY;
    }

    boolean isString() {
        return type == JsonToken.VALUE_STRING;
    }

    boolean isEmptyString() {
        return isString() && length() == 2;
    }

    boolean isTrue() {
        return type == JsonToken.VALUE_TRUE;
    }

    boolean isFalse() {
        return type == JsonToken.VALUE_FALSE;
    }

    boolean isNumber() {
        return type.isNumeric();
    }

    List<String> names() {
        return names;
    }

    /** An object's values or an array's elements; none of anything else. */
    List<JsonPart> parts() {
        return parts;
    }

    /** The value of a field; empty where there is none, or null. */
    Optional<JsonPart> field(String name) {
        int i = names.indexOf(name);
        return i < 0 || parts.get(i).isNull() ? Optional.empty() : Optional.of(parts.get(i));
    }

    /** The characters of a field that is a string; else nothing. */
    String text(String name) {
        return field(name).map(JsonPart::text).orElse("");
    }

    /** A field that counts something; 0 where there is none. */
    long count(String name) {
        return field(name).filter(JsonPart::isNumber).map(JsonPart::count).orElse(0L);
    }

    private long count() {
        return Math.max(0, (long) number());
    }

    /** A string's characters; of anything else, nothing. */
    String text() {
        if (!isString()) {
            return "";
        }
        for (int i = start; i < end; i++) {
            if (document[i] == '\\') {
                return unescaped();
            }
        }
        return new String(document, start + 1, end - start - 2, StandardCharsets.UTF_8);
    }

    private String unescaped() {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), document, start, end - start)) {
            parser.nextToken();
            return parser.getString();
        }
    }

    /** A number's value, as near as a double comes. */
    double number() {
        return Double.parseDouble(json());
    }

    /** The value as it stands. */
    String json() {
        return new String(document, start, end - start, StandardCharsets.UTF_8);
    }

    ByteBuffer bytes() {
        return ByteBuffer.wrap(document, start, end - start);
    }

    /** A string's bytes between its quotes, escapes and all. */
    ByteBuffer inside() {
        return ByteBuffer.wrap(document, start + 1, end - start - 2);
    }

    /** Where the value begins in the bytes that were parsed. */
    int start() {
        return start;
    }

    int length() {
        return end - start;
    }
}
