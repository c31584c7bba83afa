package dev.batchwright.langchain4j;

import dev.langchain4j.model.chat.request.json.JsonAnyOfSchema;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonBooleanSchema;
import dev.langchain4j.model.chat.request.json.JsonEnumSchema;
import dev.langchain4j.model.chat.request.json.JsonIntegerSchema;
import dev.langchain4j.model.chat.request.json.JsonNullSchema;
import dev.langchain4j.model.chat.request.json.JsonNumberSchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonRawSchema;
import dev.langchain4j.model.chat.request.json.JsonReferenceSchema;
import dev.langchain4j.model.chat.request.json.JsonSchemaElement;
import dev.langchain4j.model.chat.request.json.JsonStringSchema;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.List;
import java.util.Map;

/**
 * Schemas of LangChain4j as JSON.
 *
 * @param strict for providers that hold the model to the schema: no object has other properties
 *     than those it names, and all are there; one that is not required may be null
 */
record SchemaForm(boolean strict) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Whether a schema leaves nothing open, so that the model can be held to it as it is. */
    static boolean isClosed(JsonSchemaElement schema) {
        return switch (schema) {
            case JsonObjectSchema object ->
                    !Boolean.TRUE.equals(object.additionalProperties())
                            && required(object).containsAll(object.properties().keySet())
                            && areClosed(object.properties())
                            && areClosed(object.definitions());
            case JsonArraySchema array -> array.items() != null && isClosed(array.items());
            case JsonAnyOfSchema any -> any.anyOf().stream().allMatch(SchemaForm::isClosed);
            case JsonRawSchema raw -> false;
            default -> true;
        };
    }

    private static boolean areClosed(Map<String, JsonSchemaElement> schemas) {
        return schemas.values().stream().allMatch(SchemaForm::isClosed);
    }

    private static List<String> required(JsonObjectSchema object) {
        List<String> names = object.required();
        return names == null ? List.of() : names;
    }

    JsonNode write(JsonSchemaElement schema) {
        return switch (schema) {
            case JsonObjectSchema object -> object(object);
            case JsonArraySchema array -> array(array);
            case JsonEnumSchema choice -> choice(choice);
            case JsonStringSchema text -> typed("string", text);
            case JsonIntegerSchema number -> typed("integer", number);
            case JsonNumberSchema number -> typed("number", number);
            case JsonBooleanSchema flag -> typed("boolean", flag);
            case JsonNullSchema nothing -> typed("null", nothing);
            case JsonReferenceSchema reference ->
                    JSON.createObjectNode().put("$ref", "#/$defs/" + reference.reference());
            case JsonAnyOfSchema any -> any(any);
            case JsonRawSchema raw -> JSON.readTree(raw.schema());
            default ->
                    throw ChatForm.unsupported(
                            "A schema of type " + schema.getClass().getSimpleName());
        };
    }

    private ObjectNode object(JsonObjectSchema object) {
        ObjectNode node = typed("object", object);
        ObjectNode properties = node.putObject("properties");
        ArrayNode required = node.putArray("required");
        object.properties()
                .forEach(
                        (name, schema) -> {
                            boolean needed = required(object).contains(name);
                            JsonNode written = write(schema);
                            properties.set(name, strict && !needed ? orNull(written) : written);
                            if (strict || needed) {
                                required.add(name);
                            }
                        });
        if (strict) {
            node.put("additionalProperties", false);
        } else if (object.additionalProperties() != null) {
            node.put("additionalProperties", object.additionalProperties());
        }
        if (!object.definitions().isEmpty()) {
            ObjectNode definitions = node.putObject("$defs");
            object.definitions().forEach((name, schema) -> definitions.set(name, write(schema)));
        }
        return node;
    }

    private static ObjectNode orNull(JsonNode schema) {
        ObjectNode node = JSON.createObjectNode();
        node.putArray("anyOf").add(schema).addObject().put("type", "null");
        return node;
    }

    private ObjectNode array(JsonArraySchema array) {
        ObjectNode node = typed("array", array);
        node.set("items", array.items() == null ? JSON.createObjectNode() : write(array.items()));
        return node;
    }

    private static ObjectNode choice(JsonEnumSchema choice) {
        ObjectNode node = typed("string", choice);
        ArrayNode values = node.putArray("enum");
        choice.enumValues().forEach(values::add);
        return node;
    }

    private ObjectNode any(JsonAnyOfSchema any) {
        ObjectNode node = JSON.createObjectNode();
        describe(node, any);
        ArrayNode schemas = node.putArray("anyOf");
        any.anyOf().forEach(schema -> schemas.add(write(schema)));
        return node;
    }

    private static ObjectNode typed(String type, JsonSchemaElement schema) {
        ObjectNode node = JSON.createObjectNode().put("type", type);
        describe(node, schema);
        return node;
    }

    private static void describe(ObjectNode node, JsonSchemaElement schema) {
        if (schema.description() != null) {
            node.put("description", schema.description());
        }
    }
}
