package dev.batchwright.server.batches;

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
 * OpenAI's published schemas. What they call absent, the API itself writes as null: so that is
 * taken out before.
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
        JsonNode present = value.deepCopy();
        removeNulls(present);
        return compiled.validate(present).stream().map(Object::toString).toList();
    }

    private static void removeNulls(JsonNode node) {
        if (node instanceof ObjectNode object) {
            for (String name : new ArrayList<>(object.propertyNames())) {
                if (object.path(name).isNull()) {
                    object.remove(name);
                }
            }
        }
        for (JsonNode child : node) {
            removeNulls(child);
        }
    }

    private static JsonNode load() {
        try (InputStream file =
                Objects.requireNonNull(
                        Contract.class.getResourceAsStream("/openai-openapi-subset.yaml"))) {
            ObjectNode kept = JsonMapper.shared().createObjectNode();
            kept.set("schemas", new YAMLMapper().readTree(file).path("components").path("schemas"));
            return kept;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
