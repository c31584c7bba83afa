package dev.batchwright.collect;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Turns the body of a message, as Anthropic's clients send it, into a chat completion, for backends
 * that speak no other form; {@link ChatToMessage} turns the answer back.
 *
 * <p>Results of tools become messages of their own. Earlier thoughts of the model are left out, and
 * so are hints on caching: they ask for nothing. Everything else that has no counterpart is refused
 * by name, before anything is paid.
 */
final class MessagesToChat {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Set<String> AS_THEY_ARE = Set.of("model", "temperature", "top_p");

    private final ObjectNode message;
    private final boolean newLimit;
    private final ObjectNode chat = JSON.createObjectNode();
    private final ArrayNode messages = JSON.createArrayNode();
    private final Set<String> refusals = new LinkedHashSet<>();

    /** What became of a body. */
    sealed interface Translation {
        record Made(RawJson chat) implements Translation {}

        /**
         * @param reason a clause
         */
        record Refused(String reason) implements Translation {}
    }

    private MessagesToChat(ObjectNode message, boolean newLimit) {
        this.message = message;
        this.newLimit = newLimit;
    }

    /**
     * @param newLimit whether the backend calls the limit of tokens {@code max_completion_tokens}
     */
    static Translation translate(RawJson body, boolean newLimit) {
        try {
            return JSON.readTree(body.toByteArray()) instanceof ObjectNode message
                    ? new MessagesToChat(message, newLimit).translation()
                    : new Translation.Refused("its body is not a JSON object");
        } catch (JacksonException e) {
            return new Translation.Refused("its body is not valid JSON");
        }
    }

    private Translation translation() {
        for (Map.Entry<String, JsonNode> field : message.properties()) {
            if (!field.getValue().isNull()) {
                translate(field.getKey(), field.getValue());
            }
        }
        chat.set("messages", messages);
        return refusals.isEmpty()
                ? new Translation.Made(RawJson.of(JSON.writeValueAsBytes(chat)))
                : new Translation.Refused(String.join("; ", refusals));
    }

    private void noCounterpart(String what) {
        refusals.add("a chat completion has no counterpart of " + what);
    }

    private void translate(String name, JsonNode value) {
        switch (name) {
            case "system", "messages" -> {
                // In the order of a chat, whatever comes first here.
                if (name.equals("messages") || !message.path("messages").isArray()) {
                    addMessages();
                }
            }
            case "max_tokens" -> chat.set(newLimit ? "max_completion_tokens" : name, value);
            case "stop_sequences" -> chat.set("stop", value);
            case "metadata" -> {
                if (value.path("user_id").isString()) {
                    chat.set("user", value.path("user_id"));
                }
            }
            case "tools" -> value.forEach(this::addTool);
            case "tool_choice" -> choose(value);
            case "thinking" -> {
                if (!value.path("type").asString("").equals("disabled")) {
                    noCounterpart("`thinking`");
                }
            }
            case "output_config" -> configure(value);
            case "service_tier" -> {} // Whoever pays for another tier has another backend.
            default -> {
                if (AS_THEY_ARE.contains(name)) {
                    chat.set(name, value);
                } else {
                    noCounterpart("`%s`".formatted(word(name)));
                }
            }
        }
    }

    private void addMessages() {
        JsonNode system = message.path("system");
        if (!system.isMissingNode() && !system.isNull()) {
            say("system").put("content", text(system, "`system`"));
        }
        for (JsonNode each : message.path("messages")) {
            if (each.path("role").asString("").equals("assistant")) {
                addAssistant(each.path("content"));
            } else {
                addUser(each.path("content"));
            }
        }
    }

    private ObjectNode say(String role) {
        return messages.addObject().put("role", role);
    }

    /** The text of a string, or of blocks that are nothing else. */
    private String text(JsonNode content, String where) {
        if (content.isString()) {
            return content.asString();
        }
        var text = new StringBuilder();
        for (JsonNode block : content) {
            if (block.path("type").asString("").equals("text")) {
                text.append(text.isEmpty() ? "" : "\n").append(block.path("text").asString(""));
            } else {
                noCounterpart("a block that is no text in " + where);
            }
        }
        return text.toString();
    }

    private void addUser(JsonNode content) {
        if (content.isString()) {
            say("user").set("content", content);
            return;
        }
        var parts = JSON.createArrayNode();
        for (JsonNode block : content) {
            switch (block.path("type").asString("")) {
                case "text" ->
                        parts.addObject().put("type", "text").set("text", block.path("text"));
                case "image" ->
                        image(block.path("source"))
                                .ifPresent(
                                        url ->
                                                parts.addObject()
                                                        .put("type", "image_url")
                                                        .putObject("image_url")
                                                        .put("url", url));
                case "tool_result" ->
                        say("tool")
                                .put("tool_call_id", block.path("tool_use_id").asString(""))
                                .put("content", text(block.path("content"), "a tool's result"));
                default ->
                        noCounterpart(
                                "a block `%s`".formatted(word(block.path("type").asString(""))));
            }
        }
        if (!parts.isEmpty()) {
            say("user").set("content", parts);
        }
    }

    private Optional<String> image(JsonNode source) {
        return switch (source.path("type").asString("")) {
            case "url" -> Optional.of(source.path("url").asString(""));
            case "base64" ->
                    Optional.of(
                            "data:%s;base64,%s"
                                    .formatted(
                                            source.path("media_type").asString("image/png"),
                                            source.path("data").asString("")));
            default -> {
                noCounterpart("a picture that is a file");
                yield Optional.empty();
            }
        };
    }

    private void addAssistant(JsonNode content) {
        ObjectNode said = say("assistant");
        if (content.isString()) {
            said.set("content", content);
            return;
        }
        var text = new StringBuilder();
        ArrayNode calls = JSON.createArrayNode();
        for (JsonNode block : content) {
            switch (block.path("type").asString("")) {
                case "text" -> text.append(block.path("text").asString(""));
                case "tool_use" -> {
                    ObjectNode call = calls.addObject();
                    call.put("id", block.path("id").asString("")).put("type", "function");
                    call.putObject("function")
                            .put("name", block.path("name").asString(""))
                            .put("arguments", JSON.writeValueAsString(block.path("input")));
                }
                case "thinking", "redacted_thinking" -> {}
                default ->
                        noCounterpart(
                                "a block `%s`".formatted(word(block.path("type").asString(""))));
            }
        }
        if (text.isEmpty()) {
            said.putNull("content");
        } else {
            said.put("content", text.toString());
        }
        if (!calls.isEmpty()) {
            said.set("tool_calls", calls);
        }
    }

    /** What a client wrote, if it is a word that may be told. */
    private static String word(String text) {
        return text.matches("[a-z0-9_.-]{1,40}") ? text : "of another kind";
    }

    private void addTool(JsonNode tool) {
        String type = tool.path("type").asString("custom");
        if (!type.equals("custom")) {
            noCounterpart("the tool `%s`".formatted(word(type)));
            return;
        }
        ObjectNode made = chat.withArray("tools").addObject().put("type", "function");
        ObjectNode function = made.putObject("function");
        function.set("name", tool.path("name"));
        if (tool.has("description")) {
            function.set("description", tool.path("description"));
        }
        function.set("parameters", tool.path("input_schema"));
    }

    private void choose(JsonNode choice) {
        switch (choice.path("type").asString("")) {
            case "auto" -> chat.put("tool_choice", "auto");
            case "any" -> chat.put("tool_choice", "required");
            case "none" -> chat.put("tool_choice", "none");
            case "tool" -> {
                ObjectNode named = chat.putObject("tool_choice").put("type", "function");
                named.putObject("function").set("name", choice.path("name"));
            }
            default -> noCounterpart("this `tool_choice`");
        }
        if (choice.path("disable_parallel_tool_use").asBoolean(false)) {
            chat.put("parallel_tool_calls", false);
        }
    }

    private void configure(JsonNode config) {
        for (Map.Entry<String, JsonNode> field : config.properties()) {
            if (field.getKey().equals("effort")) {
                chat.set("reasoning_effort", field.getValue());
            } else if (field.getKey().equals("format")
                    && field.getValue().path("type").asString("").equals("json_schema")) {
                ObjectNode format = chat.putObject("response_format").put("type", "json_schema");
                ObjectNode schema = format.putObject("json_schema");
                schema.put("name", "answer").put("strict", true);
                schema.set("schema", field.getValue().path("schema"));
            } else {
                noCounterpart("`output_config.%s`".formatted(word(field.getKey())));
            }
        }
    }
}
