package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

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

    static Item read(long seq, byte[] json) {
        String customId = "";
        String provider = "";
        String endpoint = "";
        String model = "";
        Optional<RawJson> row = Optional.empty();
        try (JsonParser parser = Json.parser(json)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                switch (name) {
                    case "custom_id" -> customId = parser.getString();
                    case "provider" -> provider = parser.getString();
                    case "url" -> endpoint = parser.getString();
                    case "model" -> model = parser.getString();
                    case "row" -> {
                        int start = Json.tokenOffset(parser);
                        parser.skipChildren();
                        int end = (int) parser.currentLocation().getByteOffset();
                        row = Optional.of(RawJson.of(json, start, end - start));
                    }
                    case "body" -> {
                        int start = Json.tokenOffset(parser);
                        var body = RawJson.of(json, start, json.length - 1 - start);
                        var request = new Request(provider, endpoint, model, body);
                        return new Item(seq, customId, request, row);
                    }
                    default -> parser.skipChildren();
                }
            }
        }
        throw new StoreException(
                "Item %d of the input segment has no body: the store is damaged. Restore it from a backup, or run the input again with --fresh."
                        .formatted(seq));
    }
}
