package dev.batchwright.simulator.model;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SchemaDocumentTest {
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    private static JsonNode json(String text) {
        return JsonMapper.shared().readTree(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                """
                {"type":"object","properties":{"label":{"type":"string"},"sure":{"type":"number",
                 "minimum":0.5,"maximum":1}},"required":["label","sure"],
                 "additionalProperties":false}\
                """,
                """
                {"type":"object","properties":{"kind":{"type":"string","enum":["bug","wish"]},
                 "items":{"type":"array","minItems":2,"items":{"$ref":"#/$defs/item"}}},
                 "required":["kind","items"],"$defs":{"item":{"type":"object","properties":
                 {"name":{"type":"string","minLength":12},"count":{"type":"integer",
                 "exclusiveMinimum":3,"multipleOf":5}},"required":["name","count"]}}}\
                """,
                """
                {"type":"object","properties":{"name":{"type":"string"},"next":{"anyOf":
                 [{"$ref":"#"},{"type":"null"}]}},"required":["name","next"]}\
                """,
                """
                {"type":"object","properties":{"a":{"type":["string","null"]},
                 "b":{"anyOf":[{"type":"null"},{"type":"boolean"}]},"c":{"const":7},
                 "d":{"type":"string","format":"date-time"},"e":{"type":"string","maxLength":3}},
                 "required":["a","b","c","d","e"]}\
                """,
                """
                {"allOf":[{"$ref":"#/$defs/x"},{"type":"object","properties":{"b":
                 {"type":"integer","maximum":-2}},"required":["b"]}],"$defs":{"x":{"type":
                 "object","properties":{"a":{"type":"string"}},"required":["a"]}}}\
                """
            })
    void the_document_fits(String schema) {
        String document = SchemaDocument.fit(json(schema), "echo: hello");
        assertThat(SCHEMAS.getSchema(json(schema)).validate(json(document))).as(document).isEmpty();
        assertThat(document).isEqualTo(SchemaDocument.fit(json(schema), "echo: hello"));
    }

    @Test
    void the_first_free_string_carries_the_echo() {
        JsonNode schema =
                json(
                        """
                        {"type":"object","properties":{"n":{"type":"integer"},"deep":{"type":
                         "object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}}}\
                        """);
        JsonNode document = json(SchemaDocument.fit(schema, "echo: hello"));
        assertThat(document.path("deep").path("a").asString()).isEqualTo("echo: hello");
        assertThat(document.path("deep").path("b").asString()).isEqualTo("text");
    }
}
