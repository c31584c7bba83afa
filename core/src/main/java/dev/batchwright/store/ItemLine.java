package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * An item as a line of the input segment. Its seq is its place among the lines. The body stands
 * last: whoever reads the line parses the few short fields before it, and takes the rest as it is.
 *
 * <pre>{"custom_id":"a","provider":"openai","url":"/v1/..","model":"..","row":{..},"body":{..}}
 * </pre>
 */
final class ItemLine {
    private ItemLine() {}

    static void write(Item item, JsonLine line) {
        Request request = item.request();
        line.raw("{\"custom_id\":").string(item.customId());
        line.raw(",\"provider\":").string(request.provider());
        line.raw(",\"url\":").string(request.endpoint());
        line.raw(",\"model\":").string(request.model());
        item.row().ifPresent(row -> line.raw(",\"row\":").json(row));
        line.raw(",\"body\":").json(request.body()).raw("}").seal();
    }

    /**
     * Reads lines, one after the other. What stands between id and row or body is mostly the same
     * from line to line: as long as it is, nothing of a line is parsed, and its strings are made
     * once. For one thread.
     */
    static final class Reader {
        private static final byte[] BEFORE_ID = ascii("{\"custom_id\":\"");
        private static final byte[] BEFORE_ROW = ascii(",\"row\":");
        private static final byte[] BEFORE_BODY = ascii(",\"body\":");

        // Of the last line that was parsed: what follows its id, and what that says.
        private byte[] common = new byte[0];
        private String provider = "";
        private String endpoint = "";
        private String model = "";

        /** Keeps the bytes. */
        Item read(long seq, byte[] json) {
            int idEnd = idEnd(json);
            return idEnd < 0 || common.length == 0 || !isAt(idEnd + 1, common, json)
                    ? parsed(seq, json, idEnd + 1)
                    : like(seq, json, idEnd);
        }

        // Where the id's closing quote is; -1 if there are escapes in it.
        private static int idEnd(byte[] json) {
            int i = BEFORE_ID.length;
            while (i < json.length && json[i] != '"') {
                if (json[i] == '\\') {
                    return -1;
                }
                i++;
            }
            return i < json.length && isAt(0, BEFORE_ID, json) ? i : -1;
        }

        private Item like(long seq, byte[] json, int idEnd) {
            String customId =
                    new String(
                            json,
                            BEFORE_ID.length,
                            idEnd - BEFORE_ID.length,
                            StandardCharsets.UTF_8);
            int at = idEnd + 1 + common.length;
            Optional<RawJson> row = Optional.empty();
            if (isAt(at, BEFORE_ROW, json)) {
                int start = at + BEFORE_ROW.length;
                at = objectEnd(json, start);
                row = Optional.of(RawJson.of(json, start, at - start));
            }
            int start = at + BEFORE_BODY.length;
            if (start >= json.length || !isAt(at, BEFORE_BODY, json)) {
                throw noBody(seq);
            }
            var body = RawJson.of(json, start, json.length - 1 - start);
            return new Item(seq, customId, new Request(provider, endpoint, model, body), row);
        }

        // By its brackets and strings alone: the line matches its checksum, so it is as we wrote
        // it.
        private static int objectEnd(byte[] json, int start) {
            int depth = 0;
            int i = start;
            do {
                switch (json[i]) {
                    case '"' -> i = stringEnd(json, i);
                    case '{', '[' -> depth++;
                    case '}', ']' -> depth--;
                    default -> {}
                }
                i++;
            } while (depth > 0);
            return i;
        }

        private static int stringEnd(byte[] json, int quote) {
            int i = quote + 1;
            while (json[i] != '"') {
                i += json[i] == '\\' ? 2 : 1;
            }
            return i;
        }

        private Item parsed(long seq, byte[] json, int commonStart) {
            String customId = "";
            Optional<RawJson> row = Optional.empty();
            int commonEnd = 0;
            try (JsonParser parser = Json.parser(json)) {
                parser.nextToken();
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    String name = parser.currentName();
                    int comma = Json.tokenOffset(parser) - 1;
                    parser.nextToken();
                    switch (name) {
                        case "custom_id" -> customId = parser.getString();
                        case "provider" -> provider = parser.getString();
                        case "url" -> endpoint = parser.getString();
                        case "model" -> model = parser.getString();
                        case "row" -> {
                            commonEnd = comma;
                            int start = Json.tokenOffset(parser);
                            parser.skipChildren();
                            int end = (int) parser.currentLocation().getByteOffset();
                            row = Optional.of(RawJson.of(json, start, end - start));
                        }
                        case "body" -> {
                            commonEnd = commonEnd == 0 ? comma : commonEnd;
                            common =
                                    commonStart == 0
                                            ? new byte[0]
                                            : Arrays.copyOfRange(json, commonStart, commonEnd);
                            int start = Json.tokenOffset(parser);
                            var body = RawJson.of(json, start, json.length - 1 - start);
                            var request = new Request(provider, endpoint, model, body);
                            return new Item(seq, customId, request, row);
                        }
                        default -> parser.skipChildren();
                    }
                }
            }
            throw noBody(seq);
        }

        private static boolean isAt(int from, byte[] what, byte[] json) {
            int to = from + what.length;
            return to <= json.length && Arrays.equals(json, from, to, what, 0, what.length);
        }

        private static StoreException noBody(long seq) {
            return new StoreException(
                    "Item %d of the input segment has no body: the store is damaged. Restore it from a backup, or run the input again with --fresh."
                            .formatted(seq));
        }

        private static byte[] ascii(String text) {
            return text.getBytes(StandardCharsets.US_ASCII);
        }
    }
}
