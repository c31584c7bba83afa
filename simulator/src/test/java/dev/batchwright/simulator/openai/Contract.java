package dev.batchwright.simulator.openai;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * OpenAI's published schemas. The old {@code nullable} of some of them is rewritten to what JSON
 * Schema understands.
 */
final class Contract {
    private static final SchemaRegistry REGISTRY =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final JsonNode COMPONENTS = load();

    private Contract() {}

    /** What is wrong with a value, seen as this schema; nothing, if it is right. */
    static List<String> problems(String schema, JsonNode value) {
        ObjectNode whole = JsonMapper.shared().createObjectNode();
        whole.put("$ref", "#/components/schemas/" + schema);
        whole.set("components", COMPONENTS);
        Schema compiled = REGISTRY.getSchema(whole);
        return compiled.validate(value).stream().map(Object::toString).toList();
    }

    private static JsonNode load() {
        try (InputStream file =
                Objects.requireNonNull(
                        Contract.class.getResourceAsStream("/openai-openapi-subset.yaml"))) {
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
