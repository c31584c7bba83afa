package dev.batchwright.simulator.anthropic;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/** The tool that a request forces the model to use. Tools that it may use are never used. */
final class ForcedTool {
    private ForcedTool() {}

    static Optional<JsonNode> of(JsonNode body) {
        JsonNode choice = body.path("tool_choice");
        boolean any = choice.path("type").asString("").equals("any");
        boolean one = choice.path("type").asString("").equals("tool");
        String name = choice.path("name").asString("");
        for (JsonNode tool : body.path("tools")) {
            boolean named = one && tool.path("name").asString("").equals(name);
            if (custom(tool) && (any || named)) {
                return Optional.of(tool);
            }
        }
        return Optional.empty();
    }

    /** Whether the user wrote it, as against the tools that run at the provider. */
    static boolean custom(JsonNode tool) {
        return tool.path("type").asString("custom").equals("custom");
    }
}
