package dev.batchwright.simulator.openai;

import tools.jackson.databind.JsonNode;

import java.util.Map;

/** OpenAI's rules for metadata: at most 16 texts with short names. */
final class MetadataCheck {
    private static final int PAIRS = 16;
    private static final int KEY = 64;
    private static final int VALUE = 512;

    private MetadataCheck() {}

    static void check(Checks checks, JsonNode metadata) {
        if (metadata.isMissingNode() || metadata.isNull()) {
            return;
        }
        if (!metadata.isObject()) {
            checks.fail(
                    "Invalid type for 'metadata': expected an object, but got %s instead."
                            .formatted(Checks.kind(metadata)),
                    "metadata",
                    "invalid_type");
            return;
        }
        if (metadata.size() > PAIRS) {
            checks.fail(
                    "Invalid 'metadata': too many properties. Expected an object with at most 16"
                            + " properties.",
                    "metadata",
                    "object_above_max_properties");
        }
        for (Map.Entry<String, JsonNode> pair : metadata.properties()) {
            check(checks, pair.getKey(), pair.getValue());
        }
    }

    private static void check(Checks checks, String key, JsonNode value) {
        String name = "metadata." + key;
        if (key.length() > KEY) {
            checks.fail(
                    "Invalid 'metadata': property name too long. Expected at most 64 characters.",
                    "metadata",
                    "string_above_max_length");
        } else if (!value.isString()) {
            checks.fail(
                    "Invalid type for '%s': expected a string, but got %s instead."
                            .formatted(name, Checks.kind(value)),
                    name,
                    "invalid_type");
        } else if (value.asString().length() > VALUE) {
            checks.fail(
                    "Invalid '%s': string too long. Expected a string with maximum length 512."
                            .formatted(name),
                    name,
                    "string_above_max_length");
        }
    }
}
