package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.SchemaDocument;

import tools.jackson.databind.JsonNode;

import java.util.Optional;

/**
 * The function that a request forces the model to call. Functions that it may call are never
 * called.
 */
record ForcedFunction(JsonNode declaration) {
    static Optional<ForcedFunction> of(JsonNode request) {
        JsonNode calling = request.path("toolConfig").path("functionCallingConfig");
        if (!calling.path("mode").asString("").equals("ANY")) {
            return Optional.empty();
        }
        JsonNode allowed = calling.path("allowedFunctionNames");
        for (JsonNode tool : request.path("tools")) {
            for (JsonNode declaration : tool.path("functionDeclarations")) {
                if (allowed.isEmpty() || contains(allowed, declaration.path("name"))) {
                    return Optional.of(new ForcedFunction(declaration));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean contains(JsonNode names, JsonNode name) {
        for (JsonNode one : names) {
            if (one.equals(name)) {
                return true;
            }
        }
        return false;
    }

    String name() {
        return declaration.path("name").asString("");
    }

    /** Arguments that fit the declared parameters, as JSON. */
    String arguments(String echo) {
        if (declaration.has("parametersJsonSchema")) {
            return SchemaDocument.fit(declaration.path("parametersJsonSchema"), echo);
        }
        return declaration.has("parameters")
                ? SchemaDocument.fit(
                        OpenApiSchema.toJsonSchema(declaration.path("parameters")), echo)
                : "{}";
    }
}
