package dev.batchwright.provider.anthropic;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JSON for tests: written with single quotes, compared as what it means. */
final class Json {
    private static final JsonMapper MAPPER = new JsonMapper();

    private Json() {}

    static String of(String singleQuoted) {
        return singleQuoted.replace('\'', '"');
    }

    static JsonNode tree(String json) {
        return MAPPER.readTree(json);
    }
}
