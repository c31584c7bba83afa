package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A body for {@code /v1/chat/completions}, put into Gemini's words. Every field is translated, or
 * asks for nothing that changes the answer, or is refused by its name: none is dropped in silence.
 */
final class ChatRequest {
    /** Fields for the provider's own books: the answer is the same without them. */
    private static final Set<String> WITHOUT_EFFECT =
            Set.of(
                    "model",
                    "user",
                    "safety_identifier",
                    "prompt_cache_key",
                    "prompt_cache_retention",
                    "metadata",
                    "stream_options");

    /** Models that are told how many tokens to think, where later ones are told a level. */
    private static final Pattern THINKS_BY_BUDGET =
            Pattern.compile("(.*/)?gemini-(2\\.5|robotics)-.*");

    private static final Map<String, Integer> BUDGETS =
            Map.of("none", 0, "minimal", 1024, "low", 1024, "medium", 8192, "high", 24576);
    private static final Set<String> LEVELS = Set.of("minimal", "low", "medium", "high");

    private final ObjectNode request = Json.MAPPER.createObjectNode();
    private final ObjectNode config = Json.MAPPER.createObjectNode();
    private final String model;

    private ChatRequest(String model) {
        this.model = model;
    }

    static RawJson translate(RawJson body, String model) throws Untranslatable {
        JsonNode fields = read(body);
        var translation = new ChatRequest(model);
        translation.request.set("contents", Json.MAPPER.createArrayNode());
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            if (!field.getValue().isNull()) {
                translation.field(field.getKey(), field.getValue());
            }
        }
        if (translation.request.path("contents").isEmpty()) {
            throw new Untranslatable("`messages` has none of a user");
        }
        if (!translation.config.isEmpty()) {
            translation.request.set("generationConfig", translation.config);
        }
        return Json.raw(translation.request);
    }

    static JsonNode read(RawJson body) throws Untranslatable {
        try {
            JsonNode fields = Json.MAPPER.readTree(body.toByteArray());
            if (fields.isObject()) {
                return fields;
            }
        } catch (JacksonException notJson) {
            // The same answer as for JSON of another kind; what the parser says would quote it.
        }
        throw new Untranslatable("its body is not a JSON object");
    }

    static Untranslatable noCounterpart(String what) {
        return new Untranslatable("it has %s, of which Gemini has no counterpart".formatted(what));
    }

    private void field(String name, JsonNode value) throws Untranslatable {
        switch (name) {
            case "messages" -> ChatMessages.translate(value, request);
            case "temperature" -> number("temperature", name, value);
            case "top_p" -> number("topP", name, value);
            case "top_k" -> number("topK", name, value);
            case "n" -> number("candidateCount", name, value);
            case "seed" -> number("seed", name, value);
            case "presence_penalty" -> number("presencePenalty", name, value);
            case "frequency_penalty" -> number("frequencyPenalty", name, value);
            case "max_completion_tokens" -> number("maxOutputTokens", name, value);
            case "max_tokens" -> {
                // The newer name wins where both are given.
                if (!config.has("maxOutputTokens")) {
                    number("maxOutputTokens", name, value);
                }
            }
            case "stop" -> stop(value);
            case "logprobs" -> {
                if (value.booleanValue(false)) {
                    config.put("responseLogprobs", true);
                }
            }
            case "top_logprobs" -> number("logprobs", name, value);
            case "response_format" -> responseFormat(value);
            case "reasoning_effort" -> thinking(value.asString(""));
            case "tools" -> ChatTools.declare(value, request);
            case "tool_choice" -> ChatTools.choose(value, request);
            default -> {
                if (!asksNothing(name, value)) {
                    throw noCounterpart("`%s`".formatted(name));
                }
            }
        }
    }

    private static boolean asksNothing(String name, JsonNode value) {
        return switch (name) {
            case "stream", "store" -> !value.booleanValue(true);
            case "parallel_tool_calls" -> value.booleanValue(false);
            case "service_tier" ->
                    value.asString("").equals("auto") || value.asString("").equals("default");
            case "verbosity" -> value.asString("").equals("medium");
            case "modalities" -> value.size() == 1 && value.path(0).asString("").equals("text");
            case "logit_bias" -> value.isObject() && value.isEmpty();
            default -> WITHOUT_EFFECT.contains(name);
        };
    }

    private void number(String target, String name, JsonNode value) throws Untranslatable {
        if (!value.isNumber()) {
            throw new Untranslatable("`%s` is not a number".formatted(name));
        }
        config.set(target, value);
    }

    private void stop(JsonNode value) throws Untranslatable {
        ArrayNode sequences = config.putArray("stopSequences");
        if (value.isString()) {
            sequences.add(value);
            return;
        }
        for (JsonNode each : value) {
            if (!each.isString()) {
                throw new Untranslatable("`stop` holds something that is no text");
            }
            sequences.add(each);
        }
    }

    private void responseFormat(JsonNode value) throws Untranslatable {
        String type = value.path("type").asString("");
        switch (type) {
            case "text" -> {}
            case "json_object" -> config.put("responseMimeType", "application/json");
            case "json_schema" -> {
                config.put("responseMimeType", "application/json");
                JsonNode schema = value.path("json_schema").path("schema");
                if (schema.isObject()) {
                    config.set("responseJsonSchema", schema);
                }
            }
            default -> throw noCounterpart("`response_format` of another type");
        }
    }

    /** As Google's own surface for OpenAI's clients has it. */
    private void thinking(String effort) throws Untranslatable {
        ObjectNode thinking = Json.MAPPER.createObjectNode();
        if (THINKS_BY_BUDGET.matcher(model).matches()) {
            Optional<Integer> budget = Optional.ofNullable(BUDGETS.get(effort));
            thinking.put(
                    "thinkingBudget",
                    budget.orElseThrow(() -> noCounterpart("`reasoning_effort` of another kind")));
        } else if (LEVELS.contains(effort)) {
            thinking.put("thinkingLevel", effort);
        } else {
            throw noCounterpart("`reasoning_effort` of a kind that this model has not");
        }
        config.set("thinkingConfig", thinking);
    }
}
