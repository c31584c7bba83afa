package dev.batchwright.contract;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;

/**
 * OpenAI's published schemas. The old {@code nullable} of some of them is rewritten to what JSON
 * Schema understands.
 */
public final class OpenAiContract {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final JsonNode COMPONENTS = load();
    private static final Map<String, Schema> COMPILED = new ConcurrentHashMap<>();

    private OpenAiContract() {}

    /** What is wrong with a value, seen as this schema; nothing, if it is right. */
    public static List<String> problems(String schema, JsonNode value) {
        return COMPILED.computeIfAbsent(schema, OpenAiContract::compile).validate(value).stream()
                .map(Object::toString)
                .toList();
    }

    private static Schema compile(String schema) {
        ObjectNode whole = JsonMapper.shared().createObjectNode();
        whole.put("$ref", "#/components/schemas/" + schema);
        whole.set("components", COMPONENTS);
        return REGISTRY.getSchema(whole);
    }

    /**
     * The same without its nulls: what the schemas of files and batches call absent, the API itself
     * writes as null.
     */
    public static JsonNode withoutNulls(JsonNode value) {
        JsonNode copy = value.deepCopy();
        if (copy instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                array.set(i, withoutNulls(array.path(i)));
            }
        }
        if (copy instanceof ObjectNode object) {
            for (String name : new ArrayList<>(object.propertyNames())) {
                if (object.path(name).isNull()) {
                    object.remove(name);
                } else {
                    object.set(name, withoutNulls(object.path(name)));
                }
            }
        }
        return copy;
    }

    private static JsonNode load() {
        try (InputStream file =
                Objects.requireNonNull(
                        OpenAiContract.class.getResourceAsStream("/openai-openapi-subset.yaml"))) {
            JsonNode components = new YAMLMapper().readTree(file).path("components");
            ObjectNode kept = JsonMapper.shared().createObjectNode();
            kept.set("schemas", components.path("schemas"));
            rewriteNullable(kept);
            return kept;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void rewriteNullable(JsonNode node) {
        for (JsonNode child : node) {
            rewriteNullable(child);
        }
        if (!(node instanceof ObjectNode object)) {
            return;
        }
        for (String name : new ArrayList<>(object.propertyNames())) {
            JsonNode child = object.path(name);
            if (child.path("nullable").asBoolean(false)) {
                ObjectNode either = JsonMapper.shared().createObjectNode();
                either.putArray("anyOf").add(child).addObject().put("type", "null");
                object.set(name, either);
            }
        }
    }
}
