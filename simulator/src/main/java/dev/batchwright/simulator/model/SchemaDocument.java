package dev.batchwright.simulator.model;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Writes a small JSON document that fits a JSON schema. The first string that the schema leaves
 * free carries the echo. A pure function of schema and echo.
 *
 * <p>Understood: type, properties, required, items, minItems, enum, const, anyOf, oneOf, allOf,
 * local {@code $ref}, bounds of numbers, length and the usual formats of strings. Properties that
 * are not required are written too, down to {@value #DEEP} levels; below that only what must be
 * there, and null where null will do, so that recursive schemas end. Patterns are not understood.
 */
public final class SchemaDocument {
    private static final int DEEP = 5;
    private static final int DEEPEST = 40;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final Map<String, String> FORMATS =
            Map.of(
                    "date-time", "2026-01-01T00:00:00Z",
                    "date", "2026-01-01",
                    "time", "00:00:00Z",
                    "duration", "P1D",
                    "email", "echo@example.com",
                    "hostname", "example.com",
                    "ipv4", "192.0.2.1",
                    "ipv6", "2001:db8::1",
                    "uri", "https://example.com/",
                    "uuid", "00000000-0000-4000-8000-000000000000");

    private final JsonNode root;
    private final String echo;
    private boolean echoed;

    private SchemaDocument(JsonNode root, String echo) {
        this.root = root;
        this.echo = echo;
    }

    public static String fit(JsonNode schema, String echo) {
        return new SchemaDocument(schema, echo).value(schema, 0).toString();
    }

    private JsonNode value(JsonNode schema, int depth) {
        if (depth > DEEPEST) {
            return NODES.nullNode();
        }
        if (schema.has("$ref")) {
            return value(resolve(schema.path("$ref").asString()), depth + 1);
        }
        if (schema.has("const")) {
            return schema.path("const");
        }
        if (schema.path("enum").isArray() && !schema.path("enum").isEmpty()) {
            return schema.path("enum").path(0);
        }
        if (schema.path("allOf").isArray()) {
            return value(merged(schema), depth + 1);
        }
        for (String choice : new String[] {"anyOf", "oneOf"}) {
            if (schema.path(choice).isArray() && !schema.path(choice).isEmpty()) {
                return value(chosen(schema.path(choice), depth), depth + 1);
            }
        }
        return switch (type(schema, depth)) {
            case "object" -> object(schema, depth);
            case "array" -> array(schema, depth);
            case "integer", "number" -> number(schema);
            case "boolean" -> NODES.booleanNode(false);
            case "null" -> NODES.nullNode();
            default -> NODES.stringNode(string(schema));
        };
    }

    private JsonNode object(JsonNode schema, int depth) {
        Set<String> required = new HashSet<>();
        schema.path("required").forEach(name -> required.add(name.asString()));
        ObjectNode object = NODES.objectNode();
        for (Map.Entry<String, JsonNode> property : schema.path("properties").properties()) {
            if (required.remove(property.getKey()) || depth < DEEP) {
                object.set(property.getKey(), value(property.getValue(), depth + 1));
            }
        }
        required.stream().sorted().forEach(name -> object.put(name, freeText()));
        return object;
    }

    private JsonNode array(JsonNode schema, int depth) {
        int least = schema.path("minItems").asInt(0);
        int most = schema.path("maxItems").asInt(Integer.MAX_VALUE);
        int wanted = echoed || depth >= DEEP ? least : Math.max(least, 1);
        ArrayNode array = NODES.arrayNode();
        for (int i = 0; i < Math.min(wanted, most); i++) {
            array.add(value(schema.path("items"), depth + 1));
        }
        return array;
    }

    private static JsonNode number(JsonNode schema) {
        double step = schema.path("multipleOf").asDouble(0);
        boolean whole = schema.path("type").asString("").equals("integer");
        double unit = step > 0 ? step : whole ? 1 : 0.5;
        double low = schema.path("minimum").asDouble(Double.NEGATIVE_INFINITY);
        if (schema.has("exclusiveMinimum")) {
            double above = schema.path("exclusiveMinimum").asDouble(0);
            low = Math.max(low, (Math.floor(above / unit) + 1) * unit);
        }
        double high = schema.path("maximum").asDouble(Double.POSITIVE_INFINITY);
        if (schema.has("exclusiveMaximum")) {
            double below = schema.path("exclusiveMaximum").asDouble(0);
            high = Math.min(high, (Math.ceil(below / unit) - 1) * unit);
        }
        double value = Math.min(Math.max(0, low), high);
        double onStep = step > 0 || whole ? Math.ceil(value / unit) * unit : value;
        return onStep == Math.rint(onStep) && Math.abs(onStep) < 1e15
                ? NODES.numberNode((long) onStep)
                : NODES.numberNode(onStep);
    }

    private String string(JsonNode schema) {
        String formatted = FORMATS.get(schema.path("format").asString(""));
        if (formatted != null) {
            return formatted;
        }
        String text = freeText();
        int least = schema.path("minLength").asInt(0);
        int most = schema.path("maxLength").asInt(Integer.MAX_VALUE);
        if (text.length() < least) {
            return text + ".".repeat(least - text.length());
        }
        return text.codePointCount(0, text.length()) <= most
                ? text
                : text.substring(0, text.offsetByCodePoints(0, most));
    }

    private String freeText() {
        if (echoed) {
            return "text";
        }
        echoed = true;
        return echo;
    }

    private static String type(JsonNode schema, int depth) {
        JsonNode type = schema.path("type");
        if (type.isArray()) {
            for (JsonNode one : type) {
                if (one.asString().equals("null") == (depth >= DEEP)) {
                    return one.asString();
                }
            }
            return type.path(0).asString("string");
        }
        if (type.isString()) {
            return type.asString();
        }
        return schema.has("properties") ? "object" : schema.has("items") ? "array" : "string";
    }

    private static JsonNode chosen(JsonNode choices, int depth) {
        for (JsonNode choice : choices) {
            if (choice.path("type").asString("").equals("null") == (depth >= DEEP)) {
                return choice;
            }
        }
        return choices.path(0);
    }

    private JsonNode merged(JsonNode schema) {
        ObjectNode all = NODES.objectNode();
        ObjectNode properties = NODES.objectNode();
        ArrayNode required = NODES.arrayNode();
        var parts = NODES.arrayNode().add(schema);
        schema.path("allOf").forEach(parts::add);
        for (JsonNode part : parts) {
            JsonNode whole = part.has("$ref") ? resolve(part.path("$ref").asString()) : part;
            whole.properties().forEach(entry -> all.set(entry.getKey(), entry.getValue()));
            whole.path("properties")
                    .properties()
                    .forEach(entry -> properties.set(entry.getKey(), entry.getValue()));
            whole.path("required").forEach(required::add);
        }
        all.remove("allOf");
        if (!properties.isEmpty()) {
            all.set("properties", properties);
            all.set("required", required);
        }
        return all;
    }

    private JsonNode resolve(String reference) {
        return reference.startsWith("#") ? root.at(reference.substring(1)) : NODES.missingNode();
    }
}
