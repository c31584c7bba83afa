package dev.batchwright.simulator.gemini;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.Locale;
import java.util.Map;

/** The API's own form of schemas, rewritten to JSON schema. */
final class OpenApiSchema {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private OpenApiSchema() {}

    static ObjectNode toJsonSchema(JsonNode schema) {
        ObjectNode json = NODES.objectNode();
        for (Map.Entry<String, JsonNode> member : schema.properties()) {
            json.set(member.getKey(), member(member.getKey(), member.getValue()));
        }
        return json;
    }

    private static JsonNode member(String name, JsonNode value) {
        return switch (name) {
            case "type" -> NODES.stringNode(value.asString("").toLowerCase(Locale.ROOT));
            case "items" -> toJsonSchema(value);
            case "properties" -> {
                ObjectNode properties = NODES.objectNode();
                value.properties()
                        .forEach(one -> properties.set(one.getKey(), toJsonSchema(one.getValue())));
                yield properties;
            }
            case "anyOf" -> {
                ArrayNode choices = NODES.arrayNode();
                value.forEach(choice -> choices.add(toJsonSchema(choice)));
                yield choices;
            }
            case "minItems",
                    "maxItems",
                    "minLength",
                    "maxLength",
                    "minProperties",
                    "maxProperties" ->
                    NODES.numberNode(Long.parseLong(value.asString("0")));
            default -> value;
        };
    }
}
