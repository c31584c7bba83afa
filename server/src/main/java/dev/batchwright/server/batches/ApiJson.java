package dev.batchwright.server.batches;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.databind.util.RawValue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the objects of both APIs are made with. */
final class ApiJson {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ApiJson() {}

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    static byte[] bytes(ObjectNode node) {
        return JSON.writeValueAsBytes(node);
    }

    /** A string as JSON. */
    static String quoted(String text) {
        return JSON.writeValueAsString(StringNode.valueOf(text));
    }

    /** The characters of a JSON string; of any other value, its JSON. */
    static String text(RawJson json) {
        return json.length() > 0 && json.byteAt(0) == '"'
                ? JSON.readTree(json.toByteArray()).stringValue()
                : json.toString();
    }

    static void put(ObjectNode node, String name, Optional<String> text) {
        if (text.isPresent()) {
            node.put(name, text.get());
        } else {
            node.putNull(name);
        }
    }

    /** How a page of a list stands in it. */
    static void putEnds(ObjectNode page, List<String> ids, boolean more) {
        put(page, "first_id", ids.stream().findFirst());
        put(page, "last_id", ids.isEmpty() ? Optional.empty() : Optional.of(ids.getLast()));
        page.put("has_more", more);
    }

    static void putRaw(ObjectNode node, String name, Optional<RawJson> json) {
        if (json.isPresent()) {
            node.putRawValue(name, new RawValue(json.get().toString()));
        } else {
            node.putNull(name);
        }
    }

    /** In whole seconds since 1970, as OpenAI counts. */
    static void putSeconds(ObjectNode node, String name, Optional<Instant> time) {
        if (time.isPresent()) {
            node.put(name, time.get().getEpochSecond());
        } else {
            node.putNull(name);
        }
    }
}
