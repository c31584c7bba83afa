package dev.batchwright.simulator.gemini;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads JSON by the rules of protocol buffers: names in lowerCamelCase or snake_case, null is the
 * same as nothing, whole numbers also as strings, and nothing that the API's description does not
 * know. What comes out has lowerCamelCase names alone. One instance reads one value.
 */
final class ProtoJson {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonNode SCHEMAS = load();

    /** What is wrong with a value. */
    sealed interface Wrong {
        /** The description knows no such name. */
        record UnknownName(String place, String name) implements Wrong {}

        /** The value is not of its type. */
        record WrongValue(String place, String type, String value) implements Wrong {}

        /** The place, in snake_case. */
        String place();

        /** As the API says it in the answer to a call. */
        default String message() {
            return switch (this) {
                case UnknownName(String place, String name) ->
                        "Invalid JSON payload received. Unknown name \"%s\"%s: Cannot find field."
                                .formatted(name, place.isEmpty() ? "" : " at '" + place + "'");
                case WrongValue(String place, String type, String value) ->
                        "Invalid value at '%s' (%s), %s".formatted(place, type, value);
            };
        }

        /** As the API says it of a line of a file. */
        default String messageInFile() {
            return switch (this) {
                case UnknownName unknown -> "no such field: '" + unknown.name() + "'";
                case WrongValue value -> value.message();
            };
        }
    }

    private @Nullable Wrong wrong;

    /**
     * Reads a message.
     *
     * @param type its name in the description
     */
    ObjectNode read(String type, JsonNode value) {
        return message(type, value, "");
    }

    /** The first thing that was wrong with what was read. */
    Optional<Wrong> wrong() {
        return Optional.ofNullable(wrong);
    }

    private ObjectNode message(String type, JsonNode value, String place) {
        ObjectNode clean = NODES.objectNode();
        if (!value.isObject()) {
            fail(place, "type.googleapis.com/google.ai.generativelanguage.v1beta." + type, value);
            return clean;
        }
        JsonNode fields = SCHEMAS.path(type).path("properties");
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            String name = camel(member.getKey());
            JsonNode field = fields.path(name);
            if (field.isMissingNode()) {
                if (wrong == null) {
                    wrong = new Wrong.UnknownName(place, member.getKey());
                }
            } else if (!member.getValue().isNull()) {
                String inner = place.isEmpty() ? snake(name) : place + "." + snake(name);
                clean.set(name, value(field, member.getValue(), inner));
            }
        }
        return clean;
    }

    private JsonNode value(JsonNode field, JsonNode value, String place) {
        if (field.has("$ref")) {
            return message(field.path("$ref").asString(), value, place);
        }
        if (field.has("enum")) {
            return enumerated(field, value, place);
        }
        return switch (field.path("type").asString("any")) {
            case "array" -> array(field.path("items"), value, place);
            case "object" -> map(field.path("additionalProperties"), value, place);
            case "string" -> string(field.path("format").asString(""), value, place);
            case "integer" -> integer(value, place);
            case "number" -> number(value, place);
            case "boolean" -> flag(value, place);
            default -> value;
        };
    }

    private ArrayNode array(JsonNode items, JsonNode value, String place) {
        ArrayNode clean = NODES.arrayNode();
        if (!value.isArray()) { // one element alone is taken for a list of it
            return clean.add(value(items, value, place));
        }
        for (int i = 0; i < value.size(); i++) {
            clean.add(value(items, value.path(i), place + "[" + i + "]"));
        }
        return clean;
    }

    private ObjectNode map(JsonNode values, JsonNode value, String place) {
        ObjectNode clean = NODES.objectNode();
        if (!value.isObject()) {
            fail(place, "Map", value);
            return clean;
        }
        int i = 0;
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            String inner = "%s[%d].value".formatted(place, i++);
            clean.set(member.getKey(), value(values, member.getValue(), inner));
        }
        return clean;
    }

    /** Names of types in schemas are accepted in any case. */
    private JsonNode enumerated(JsonNode field, JsonNode value, String place) {
        for (JsonNode known : field.path("enum")) {
            if (known.asString().equals(value.asString("").toUpperCase(Locale.ROOT))) {
                return known;
            }
        }
        if (!value.isIntegralNumber()) {
            fail(place, "enum", value);
        }
        return value;
    }

    private JsonNode string(String format, JsonNode value, String place) {
        if (format.equals("int64")) {
            if (!value.asString("").matches("-?\\d{1,19}")) {
                fail(place, "TYPE_INT64", value);
            }
            return NODES.stringNode(value.asString(""));
        }
        if (!value.isString()) {
            fail(place, "TYPE_STRING", value);
        }
        return value;
    }

    private JsonNode integer(JsonNode value, String place) {
        if (value.isString() && value.asString().matches("-?\\d{1,10}")) {
            return NODES.numberNode(Long.parseLong(value.asString()));
        }
        if (value.isNumber() && value.asDouble() == Math.rint(value.asDouble())) {
            return NODES.numberNode((long) value.asDouble());
        }
        fail(place, "TYPE_INT32", value);
        return NODES.numberNode(0);
    }

    private JsonNode number(JsonNode value, String place) {
        if (!value.isNumber()) {
            fail(place, "TYPE_FLOAT", value);
        }
        return value;
    }

    private JsonNode flag(JsonNode value, String place) {
        if (!value.isBoolean()) {
            fail(place, "TYPE_BOOL", value);
        }
        return value;
    }

    private void fail(String place, String type, JsonNode value) {
        if (wrong == null) {
            String shown = value.isContainer() ? "a " + value.getNodeType() : value.toString();
            wrong = new Wrong.WrongValue(place, type, shown);
        }
    }

    private static String camel(String name) {
        if (name.indexOf('_') < 0) {
            return name;
        }
        var camel = new StringBuilder();
        boolean upper = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_') {
                upper = true;
            } else {
                camel.append(upper ? Character.toUpperCase(c) : c);
                upper = false;
            }
        }
        return camel.toString();
    }

    private static String snake(String name) {
        return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }

    private static JsonNode load() {
        try (InputStream file =
                Objects.requireNonNull(
                        ProtoJson.class.getResourceAsStream("discovery-subset.json"))) {
            return JsonMapper.shared().readTree(file).path("schemas");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
