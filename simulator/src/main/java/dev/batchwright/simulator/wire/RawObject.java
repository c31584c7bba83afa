package dev.batchwright.simulator.wire;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object whose members are kept as the bytes that were sent.
 *
 * @param members by their names, in their order
 */
public record RawObject(Map<String, byte[]> members) {
    private static final JsonFactory JSON = Json.factory();

    /** Reads one object; nothing, if the bytes hold anything else. */
    public static Optional<RawObject> read(byte[] buffer, int start, int length) {
        try (JsonParser parser =
                JSON.createParser(ObjectReadContext.empty(), buffer, start, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            Map<String, byte[]> members = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                int from = start + (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                int to = start + (int) parser.currentLocation().getByteOffset();
                members.put(name, Arrays.copyOfRange(buffer, from, to));
            }
            return parser.nextToken() == null
                    ? Optional.of(new RawObject(members))
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
    }

    /**
     * Takes an object apart that is known to be one: looks at its brackets and strings alone, which
     * is many times as fast as reading it.
     */
    public static RawObject ofValid(byte[] buffer, int start, int length) {
        var members = new LinkedHashMap<String, byte[]>();
        var walk = new Walk(buffer, start, start + length);
        for (boolean more = walk.open(); more; more = walk.next()) {
            String name = walk.name();
            members.put(name, walk.value());
        }
        return new RawObject(members);
    }

    /** Steps over the members of a valid object. */
    private static final class Walk {
        private final byte[] bytes;
        private final int end;
        private int at;

        Walk(byte[] bytes, int start, int end) {
            this.bytes = bytes;
            this.at = start;
            this.end = end;
        }

        /** Goes to the first name; false if there is none. */
        boolean open() {
            while (bytes[at] != '{') {
                at++;
            }
            return next();
        }

        /** Goes to the next name; false if there is none. */
        boolean next() {
            while (bytes[at] != '"') {
                if (bytes[at] == '}') {
                    return false;
                }
                at++;
            }
            return true;
        }

        String name() {
            int from = at;
            boolean escaped = string();
            String name =
                    escaped
                            ? Json.read(Arrays.copyOfRange(bytes, from, at))
                                    .orElseThrow()
                                    .asString()
                            : new String(bytes, from + 1, at - from - 2, StandardCharsets.UTF_8);
            while (bytes[at] != ':') {
                at++;
            }
            at++;
            return name;
        }

        byte[] value() {
            while (isBlank(bytes[at])) {
                at++;
            }
            int from = at;
            switch (bytes[at]) {
                case '"' -> string();
                case '{', '[' -> nested();
                default -> word();
            }
            return Arrays.copyOfRange(bytes, from, at);
        }

        private void word() {
            while (at < end && bytes[at] != ',' && bytes[at] != '}' && !isBlank(bytes[at])) {
                at++;
            }
        }

        private void nested() {
            int depth = 0;
            do {
                switch (bytes[at]) {
                    case '"' -> string();
                    case '{', '[' -> {
                        depth++;
                        at++;
                    }
                    case '}', ']' -> {
                        depth--;
                        at++;
                    }
                    default -> at++;
                }
            } while (depth > 0);
        }

        /** From the opening quote to behind the closing one; says if there are escapes in it. */
        private boolean string() {
            boolean escaped = false;
            at++;
            while (bytes[at] != '"') {
                if (bytes[at] == '\\') {
                    escaped = true;
                    at++;
                }
                at++;
            }
            at++;
            return escaped;
        }

        private static boolean isBlank(byte b) {
            return b == ' ' || b == '\n' || b == '\r' || b == '\t';
        }
    }

    public Optional<byte[]> member(String name) {
        return Optional.ofNullable(members.get(name));
    }
}
