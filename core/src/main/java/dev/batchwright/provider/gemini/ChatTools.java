package dev.batchwright.provider.gemini;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;

/** {@code tools} and {@code tool_choice} of a chat completion, in Gemini's words. */
final class ChatTools {
    /** The longest name of a function that both APIs take. */
    static final int LONGEST_NAME = 64;

    private ChatTools() {}

    static void declare(JsonNode tools, ObjectNode request) throws Untranslatable {
        if (tools.isEmpty()) {
            return;
        }
        ArrayNode declarations = Json.MAPPER.createArrayNode();
        for (JsonNode tool : tools) {
            if (!tool.path("type").asString("").equals("function")) {
                throw ChatRequest.noCounterpart("a tool that is no function");
            }
            declarations.add(declaration(tool.path("function")));
        }
        request.putArray("tools").addObject().set("functionDeclarations", declarations);
    }

    private static ObjectNode declaration(JsonNode function) throws Untranslatable {
        ObjectNode declaration = Json.MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> field : function.properties()) {
            JsonNode value = field.getValue();
            switch (field.getKey()) {
                case "name" -> declaration.put("name", name(value));
                case "description" -> declaration.set("description", value);
                case "parameters" -> declaration.set("parametersJsonSchema", value);
                // Gemini keeps to the schema in any case.
                case "strict" -> {}
                default ->
                        throw ChatRequest.noCounterpart(
                                "`tools[].function.%s`".formatted(field.getKey()));
            }
        }
        if (!declaration.has("name")) {
            throw new Untranslatable("a tool has no name");
        }
        return declaration;
    }

    static String name(JsonNode value) throws Untranslatable {
        String name = value.asString("");
        if (name.isEmpty() || name.length() > LONGEST_NAME) {
            throw new Untranslatable(
                    "a function has no name, or one of more than %d characters"
                            .formatted(LONGEST_NAME));
        }
        return name;
    }

    static void choose(JsonNode choice, ObjectNode request) throws Untranslatable {
        ObjectNode calling = Json.MAPPER.createObjectNode();
        String type = choice.path("type").asString("");
        String word = choice.isString() ? choice.stringValue() : type;
        switch (word) {
            case "auto" -> calling.put("mode", "AUTO");
            case "none" -> calling.put("mode", "NONE");
            case "required" -> calling.put("mode", "ANY");
            case "function" -> {
                calling.put("mode", "ANY");
                calling.putArray("allowedFunctionNames")
                        .add(name(choice.path("function").path("name")));
            }
            default -> throw ChatRequest.noCounterpart("`tool_choice` of another kind");
        }
        request.putObject("toolConfig").set("functionCallingConfig", calling);
    }
}
