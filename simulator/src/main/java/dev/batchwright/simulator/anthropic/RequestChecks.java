package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.databind.JsonNode;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a message may be asked for like this. One instance looks at one body. */
final class RequestChecks {
    private static final Set<String> MEMBERS =
            Set.of(
                    "model",
                    "max_tokens",
                    "messages",
                    "system",
                    "temperature",
                    "top_p",
                    "top_k",
                    "stop_sequences",
                    "stream",
                    "tools",
                    "tool_choice",
                    "thinking",
                    "output_config",
                    "output_format",
                    "metadata",
                    "service_tier",
                    "cache_control",
                    "inference_geo",
                    "container",
                    "mcp_servers",
                    "context_management",
                    "speed",
                    "store",
                    "previous_thread_event_id",
                    "cache_hint",
                    "context_hint");
    private static final List<String> NOT_IN_BATCHES =
            List.of("speed", "store", "previous_thread_event_id", "cache_hint", "context_hint");
    private static final Set<String> BLOCKS =
            Set.of(
                    "text",
                    "image",
                    "document",
                    "tool_use",
                    "tool_result",
                    "thinking",
                    "redacted_thinking",
                    "search_result",
                    "server_tool_use",
                    "web_search_tool_result",
                    "web_fetch_tool_result",
                    "code_execution_tool_result",
                    "container_upload");
    private static final long LEAST_BUDGET = 1024;

    private final JsonNode body;
    private final Catalog catalog;
    private final Checks checks = new Checks();

    private RequestChecks(JsonNode body, Catalog catalog) {
        this.body = body;
        this.catalog = catalog;
    }

    static Optional<Refusal> ofMessage(JsonNode body, Catalog catalog, Lane lane) {
        var look = new RequestChecks(body, catalog);
        look.checks.required("model", body.path("model"));
        look.checks.required("max_tokens", body.path("max_tokens"));
        look.common();
        look.lane(lane);
        look.numbers(lane);
        look.choices();
        look.thinking();
        look.format();
        return look.checks.problem();
    }

    static Optional<Refusal> ofCount(JsonNode body, Catalog catalog) {
        var look = new RequestChecks(body, catalog);
        look.checks.required("model", body.path("model"));
        look.common();
        return look.checks.problem();
    }

    private void common() {
        checks.required("messages", body.path("messages"));
        checks.known("", body, MEMBERS);
        checks.string("model", body.path("model"));
        checks.list("messages", body.path("messages"));
        if (checks.fine() && !catalog.knows(body.path("model").asString(""))) {
            checks.fail(unknownModel(body.path("model").asString("")));
        }
        if (checks.fine() && body.path("messages").isEmpty()) {
            checks.fail("messages: at least one message is required");
        }
        system();
        for (int i = 0; i < body.path("messages").size() && checks.fine(); i++) {
            message("messages." + i, body.path("messages").path(i));
        }
        tools();
    }

    static Refusal unknownModel(String model) {
        return Refusal.of(Reason.UNKNOWN_MODEL, 404, "model: " + model);
    }

    private void lane(Lane lane) {
        if (!lane.batched()) {
            return;
        }
        if (body.path("stream").asBoolean(false)) {
            checks.fail("\"stream=True\" is not supported in the Message Batches API");
        }
        for (String member : NOT_IN_BATCHES) {
            if (!Checks.missing(body.path(member))) {
                checks.fail("\"%s\" is not supported in the Message Batches API".formatted(member));
            }
        }
        checks.integer("max_tokens", body.path("max_tokens"), 1);
    }

    private void numbers(Lane lane) {
        checks.integer("max_tokens", body.path("max_tokens"), 0);
        long asked = body.path("max_tokens").asLong(0);
        if (asked > lane.longestOutput()) {
            checks.fail(
                    "max_tokens: %d > %d, which is the maximum allowed number of output tokens for %s"
                            .formatted(
                                    asked, lane.longestOutput(), body.path("model").asString("")));
        }
        checks.share("temperature", body.path("temperature"));
        checks.share("top_p", body.path("top_p"));
        checks.integer("top_k", body.path("top_k"), 0);
        checks.flag("stream", body.path("stream"));
        checks.list("stop_sequences", body.path("stop_sequences"));
        for (JsonNode sequence : body.path("stop_sequences")) {
            if (sequence.asString("").isBlank()) {
                checks.fail("stop_sequences: each stop sequence must contain non-whitespace");
            }
        }
        checks.oneOf("service_tier", body.path("service_tier"), Set.of("auto", "standard_only"));
    }

    private void system() {
        JsonNode system = body.path("system");
        if (system.isArray()) {
            for (int i = 0; i < system.size(); i++) {
                text("system." + i, system.path(i));
            }
        } else {
            checks.string("system", system);
        }
    }

    private void message(String place, JsonNode message) {
        checks.object(place, message);
        checks.required(place + ".role", message.path("role"));
        checks.required(place + ".content", message.path("content"));
        checks.known(place + ".", message, Set.of("role", "content"));
        if (message.path("role").asString("").equals("system")) {
            checks.fail(
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level"
                            + " `system` parameter, not \"system\" as an input message role.");
        }
        checks.oneOf(place + ".role", message.path("role"), Set.of("user", "assistant"));
        JsonNode content = message.path("content");
        if (content.isString()) {
            if (content.asString().isEmpty()) {
                checks.fail(place + ": all messages must have non-empty content");
            }
            return;
        }
        checks.list(place + ".content", content);
        if (checks.fine() && content.isEmpty()) {
            checks.fail(place + ": all messages must have non-empty content");
        }
        for (int i = 0; i < content.size() && checks.fine(); i++) {
            block(place + ".content." + i, content.path(i));
        }
    }

    private void block(String place, JsonNode block) {
        checks.required(place + ".type", block.path("type"));
        String type = block.path("type").asString("");
        if (checks.fine() && !BLOCKS.contains(type)) {
            checks.fail(
                    "%s: Input tag '%s' found using 'type' does not match any of the expected tags"
                            .formatted(place, type));
        }
        switch (type) {
            case "text" -> text(place, block);
            case "image" -> source(place + ".image.source", block.path("source"));
            case "document" -> source(place + ".document.source", block.path("source"));
            case "tool_use" -> {
                checks.required(place + ".tool_use.id", block.path("id"));
                checks.required(place + ".tool_use.name", block.path("name"));
                checks.required(place + ".tool_use.input", block.path("input"));
            }
            case "tool_result" ->
                    checks.required(place + ".tool_result.tool_use_id", block.path("tool_use_id"));
            default -> {} // the others are taken as they are
        }
    }

    private void text(String place, JsonNode block) {
        checks.required(place + ".text.text", block.path("text"));
        checks.string(place + ".text.text", block.path("text"));
        if (block.path("text").asString("").isEmpty()) {
            checks.fail("messages: text content blocks must be non-empty");
        }
    }

    private void source(String place, JsonNode source) {
        checks.required(place, source);
        switch (source.path("type").asString("")) {
            case "base64" -> {
                checks.required(place + ".base64.media_type", source.path("media_type"));
                checks.required(place + ".base64.data", source.path("data"));
            }
            case "url" -> {
                checks.required(place + ".url.url", source.path("url"));
                reachable(source.path("url").asString(""));
            }
            case "file" -> checks.required(place + ".file.file_id", source.path("file_id"));
            case "text" -> checks.required(place + ".text.data", source.path("data"));
            case "content" -> checks.required(place + ".content.content", source.path("content"));
            default ->
                    checks.fail(
                            place
                                    + ": Input tag found using 'type' does not match any of the"
                                    + " expected tags: 'base64', 'file', 'url'");
        }
    }

    private void reachable(String url) {
        try {
            String host = URI.create(url).getHost();
            if (host != null && !host.endsWith(".invalid")) {
                return;
            }
        } catch (IllegalArgumentException e) {
            checks.fail("Only HTTP/HTTPS URLs are supported.");
        }
        checks.fail("Unable to download the file. Please verify the URL and try again.");
    }

    private void tools() {
        checks.list("tools", body.path("tools"));
        for (int i = 0; i < body.path("tools").size() && checks.fine(); i++) {
            JsonNode tool = body.path("tools").path(i);
            checks.required("tools." + i + ".custom.name", tool.path("name"));
            if (ForcedTool.custom(tool)) {
                String schema = "tools." + i + ".custom.input_schema";
                checks.required(schema, tool.path("input_schema"));
                checks.required(schema + ".type", tool.path("input_schema").path("type"));
            }
        }
    }

    private void choices() {
        JsonNode choice = body.path("tool_choice");
        checks.object("tool_choice", choice);
        checks.oneOf(
                "tool_choice.type", choice.path("type"), Set.of("auto", "any", "tool", "none"));
        if (!checks.fine() || Checks.missing(choice)) {
            return;
        }
        if (body.path("tools").isEmpty() && !choice.path("type").asString("").equals("none")) {
            checks.fail("tool_choice may only be specified while providing tools");
        }
        if (choice.path("type").asString("").equals("tool")) {
            checks.required("tool_choice.tool.name", choice.path("name"));
            if (checks.fine() && ForcedTool.of(body).isEmpty()) {
                checks.fail(
                        "Tool '%s' not found in provided tools"
                                .formatted(choice.path("name").asString("")));
            }
        }
    }

    private void thinking() {
        JsonNode thinking = body.path("thinking");
        checks.object("thinking", thinking);
        checks.oneOf(
                "thinking.type", thinking.path("type"), Set.of("enabled", "disabled", "adaptive"));
        if (thinking.path("type").asString("").equals("enabled")) {
            checks.required("thinking.enabled.budget_tokens", thinking.path("budget_tokens"));
            checks.integer(
                    "thinking.enabled.budget_tokens", thinking.path("budget_tokens"), LEAST_BUDGET);
            if (thinking.path("budget_tokens").asLong(0) >= body.path("max_tokens").asLong(0)) {
                checks.fail("`max_tokens` must be greater than `thinking.budget_tokens`.");
            }
            if (ForcedTool.of(body).isPresent()) {
                checks.fail("Thinking may not be enabled when tool_choice forces tool use.");
            }
        }
    }

    private void format() {
        JsonNode format = OutputFormat.wish(body);
        checks.object("output_config.format", format);
        checks.oneOf("output_config.format.type", format.path("type"), Set.of("json_schema"));
        if (!Checks.missing(format)) {
            checks.required("output_config.format.schema", format.path("schema"));
            closed(format.path("schema"));
        }
    }

    /** Every object of a schema that outputs must fit has to say that it is complete. */
    private void closed(JsonNode schema) {
        if (schema.path("type").asString("").equals("object")
                && (!schema.path("additionalProperties").isBoolean()
                        || schema.path("additionalProperties").asBoolean(true))) {
            checks.fail(
                    "output_config.format.schema: For 'object' type, 'additionalProperties' must be"
                            + " explicitly set to false");
        }
        for (JsonNode child : schema) {
            if (child.isObject() || child.isArray()) {
                closed(child);
            }
        }
    }
}
