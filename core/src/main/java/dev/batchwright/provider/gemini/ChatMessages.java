package dev.batchwright.provider.gemini;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.HashMap;
import java.util.Map;

/**
 * The messages of a chat completion as Gemini's contents. System and developer become its system
 * instruction, the assistant is its model, and the answers of tools that follow one another are one
 * content, as their calls were.
 */
final class ChatMessages {
    private final ArrayNode contents = Json.MAPPER.createArrayNode();
    private final ArrayNode instructions = Json.MAPPER.createArrayNode();

    /** The function that each call so far was for, by the call's id. */
    private final Map<String, String> functions = new HashMap<>();

    private boolean afterTool;

    private ChatMessages() {}

    /** Sets {@code contents} and {@code systemInstruction}. */
    static void translate(JsonNode messages, ObjectNode request) throws Untranslatable {
        var translation = new ChatMessages();
        for (JsonNode message : messages) {
            translation.message(message);
        }
        request.set("contents", translation.contents);
        if (!translation.instructions.isEmpty()) {
            request.putObject("systemInstruction").set("parts", translation.instructions);
        }
    }

    private void message(JsonNode message) throws Untranslatable {
        String role = message.path("role").asString("");
        boolean tool = role.equals("tool");
        switch (role) {
            case "system", "developer" -> {
                onlyFields(message, "content");
                ChatContent.addParts(message.path("content"), instructions);
            }
            case "user" -> {
                onlyFields(message, "content");
                ChatContent.addParts(message.path("content"), content("user"));
            }
            case "assistant" -> assistant(message);
            case "tool" -> tool(message);
            default -> throw ChatRequest.noCounterpart("a message of another role");
        }
        afterTool = tool;
    }

    private ArrayNode content(String role) {
        return contents.addObject().put("role", role).putArray("parts");
    }

    /** Nothing but the role and these may be there; what is null or empty is not there. */
    private static void onlyFields(JsonNode message, String... names) throws Untranslatable {
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            JsonNode value = field.getValue();
            boolean empty = value.isNull() || (value.isContainer() && value.isEmpty());
            boolean known = field.getKey().equals("role");
            for (String name : names) {
                known = known || field.getKey().equals(name);
            }
            if (!known && !empty) {
                throw ChatRequest.noCounterpart("`messages[].%s`".formatted(field.getKey()));
            }
        }
    }

    private void assistant(JsonNode message) throws Untranslatable {
        onlyFields(message, "content", "refusal", "tool_calls", "reasoning_content");
        ArrayNode parts = content("model");
        ChatContent.addParts(message.path("content"), parts);
        if (message.path("refusal").isString()) {
            parts.addObject().set("text", message.path("refusal"));
        }
        for (JsonNode call : message.path("tool_calls")) {
            parts.add(functionCall(call));
        }
        if (parts.isEmpty()) {
            throw new Untranslatable("a message of the assistant says nothing");
        }
    }

    private ObjectNode functionCall(JsonNode call) throws Untranslatable {
        if (!call.path("type").asString("function").equals("function")) {
            throw ChatRequest.noCounterpart("a tool call that is of no function");
        }
        JsonNode function = call.path("function");
        String name = ChatTools.name(function.path("name"));
        functions.put(call.path("id").asString(""), name);
        ObjectNode part = Json.MAPPER.createObjectNode();
        part.putObject("functionCall")
                .put("name", name)
                .set("args", arguments(function.path("arguments").asString("")));
        // Where an answer of ours kept it; later models refuse their own calls without it.
        JsonNode signature = call.path("extra_content").path("google").path("thought_signature");
        if (signature.isString()) {
            part.set("thoughtSignature", signature);
        }
        return part;
    }

    private static JsonNode arguments(String json) throws Untranslatable {
        if (json.isBlank()) {
            return Json.MAPPER.createObjectNode();
        }
        try {
            JsonNode arguments = Json.MAPPER.readTree(json);
            if (arguments.isObject()) {
                return arguments;
            }
        } catch (JacksonException notJson) {
            // The same answer as for JSON of another kind.
        }
        throw new Untranslatable("the arguments of a tool call are not a JSON object");
    }

    private void tool(JsonNode message) throws Untranslatable {
        onlyFields(message, "content", "tool_call_id");
        String name = functions.get(message.path("tool_call_id").asString(""));
        if (name == null) {
            throw new Untranslatable(
                    "a message of a tool has a `tool_call_id` that no call before it has");
        }
        String text = ChatContent.text(message.path("content"));
        ArrayNode parts =
                afterTool
                        ? (ArrayNode) contents.get(contents.size() - 1).path("parts")
                        : content("user");
        parts.addObject()
                .putObject("functionResponse")
                .put("name", name)
                .set("response", response(text));
    }

    /** An object is passed on as one; anything else is the output. */
    private static JsonNode response(String text) {
        try {
            JsonNode response = Json.MAPPER.readTree(text);
            if (response.isObject()) {
                return response;
            }
        } catch (JacksonException notJson) {
            // Text, then.
        }
        return Json.MAPPER.createObjectNode().put("output", text);
    }
}
