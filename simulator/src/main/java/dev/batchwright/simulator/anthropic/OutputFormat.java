package dev.batchwright.simulator.anthropic;

import tools.jackson.databind.JsonNode;

/**
 * The schema that a request wants its answer to fit, in {@code output_config} or, as of old, beside
 * it.
 */
final class OutputFormat {
    private OutputFormat() {}

    /** The wish as it stands, or nothing. */
    static JsonNode wish(JsonNode body) {
        JsonNode format = body.path("output_config").path("format");
        return Checks.missing(format) ? body.path("output_format") : format;
    }
}
