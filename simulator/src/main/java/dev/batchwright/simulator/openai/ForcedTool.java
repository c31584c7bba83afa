package dev.batchwright.simulator.openai;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/** The tool that a request forces the model to call. Tools that it may call are never called. */
final class ForcedTool {
    private ForcedTool() {}

    /** For chat completions and responses: there the function's members lie one level higher. */
    static Optional<JsonNode> of(JsonNode body) {
        JsonNode choice = body.path("tool_choice");
        boolean any = choice.asString("").equals("required");
        String name = function(choice).path("name").asString("");
        for (JsonNode tool : body.path("tools")) {
            JsonNode function = function(tool);
            boolean callable = tool.path("type").asString("").equals("function");
            if (callable && (any || function.path("name").asString("").equals(name))) {
                return Optional.of(function);
            }
        }
        return Optional.empty();
    }

    static JsonNode parameters(JsonNode function) {
        return function.path("parameters");
    }

    private static JsonNode function(JsonNode tool) {
        return tool.has("function") ? tool.path("function") : tool;
    }
}
