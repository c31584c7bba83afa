package dev.batchwright.simulator.gemini;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The description of the API's messages, read as what answers must look like: known names in
 * lowerCamelCase, int64 as strings, no default values.
 */
final class Contract {
    private static final JsonNode SCHEMAS = load();

    private Contract() {}

    /** What is wrong with a value, seen as this message; nothing, if it is right. */
    static List<String> problems(String type, JsonNode value) {
        var problems = new ArrayList<String>();
        message(type, value, type, problems);
        return problems;
    }

    private static void message(String type, JsonNode value, String place, List<String> problems) {
        if (!value.isObject()) {
            problems.add(place + " is no object");
            return;
        }
        JsonNode fields = SCHEMAS.path(type).path("properties");
        for (Map.Entry<String, JsonNode> member : value.properties()) {
            String inner = place + "." + member.getKey();
            if (member.getKey().equals("@type")) {
                continue;
            }
            JsonNode field = fields.path(member.getKey());
            if (field.isMissingNode()) {
                problems.add(inner + " is not known");
            } else {
                value(field, member.getValue(), inner, problems);
            }
        }
    }

    private static void value(JsonNode field, JsonNode value, String place, List<String> problems) {
        if (field.has("$ref")) {
            message(field.path("$ref").asString(), value, place, problems);
            return;
        }
        boolean right =
                switch (field.path("type").asString("any")) {
                    case "array" -> {
                        for (int i = 0; i < value.size(); i++) {
                            String inner = place + "[" + i + "]";
                            value(field.path("items"), value.path(i), inner, problems);
                        }
                        yield value.isArray() && !value.isEmpty();
                    }
                    case "object" -> value.isObject();
                    case "string" ->
                            value.isString()
                                    && !value.asString().isEmpty()
                                    && !value.asString().equals("0")
                                    && (!field.has("enum") || has(field.path("enum"), value));
                    // Indexes have presence: they are told even if they are zero.
                    case "integer" ->
                            value.isIntegralNumber()
                                    && (value.asLong() != 0 || place.endsWith("index"));
                    case "number" -> value.isNumber();
                    case "boolean" -> value.isBoolean() && value.asBoolean();
                    default -> true;
                };
        if (!right) {
            problems.add(place + " is not as described");
        }
    }

    private static boolean has(JsonNode accepted, JsonNode value) {
        for (JsonNode one : accepted) {
            if (one.equals(value)) {
                return true;
            }
        }
        return false;
    }

    private static JsonNode load() {
        try (InputStream file =
                Objects.requireNonNull(
                        Contract.class.getResourceAsStream("discovery-subset.json"))) {
            return JsonMapper.shared().readTree(file).path("schemas");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
