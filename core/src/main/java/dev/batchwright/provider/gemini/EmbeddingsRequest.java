package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A body for {@code /v1/embeddings}, read for Gemini, which embeds one content at a time. */
record EmbeddingsRequest(List<String> inputs, Optional<JsonNode> dimensions) {
    EmbeddingsRequest {
        inputs = List.copyOf(inputs);
    }

    static EmbeddingsRequest of(RawJson body) throws Untranslatable {
        JsonNode fields = ChatRequest.read(body);
        var inputs = new ArrayList<String>();
        Optional<JsonNode> dimensions = Optional.empty();
        for (Map.Entry<String, JsonNode> field : fields.properties()) {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                continue;
            }
            switch (field.getKey()) {
                case "input" -> readInputs(value, inputs);
                case "dimensions" -> dimensions = Optional.of(value);
                case "encoding_format" -> {
                    if (!value.asString("").equals("float")) {
                        throw new Untranslatable(
                                "`encoding_format` is not `float`, and Gemini gives no other");
                    }
                }
                // They change nothing in the answer.
                case "model", "user" -> {}
                default -> throw ChatRequest.noCounterpart("`%s`".formatted(field.getKey()));
            }
        }
        if (inputs.isEmpty()) {
            throw new Untranslatable("`input` is empty");
        }
        return new EmbeddingsRequest(inputs, dimensions);
    }

    private static void readInputs(JsonNode value, List<String> inputs) throws Untranslatable {
        if (value.isString()) {
            inputs.add(value.stringValue());
            return;
        }
        for (JsonNode each : value) {
            if (!each.isString()) {
                throw new Untranslatable("`input` holds tokens, and Gemini takes text alone");
            }
            inputs.add(each.stringValue());
        }
    }

    boolean single() {
        return inputs.size() == 1;
    }

    /** One input goes to {@code embedContent}, several to {@code batchEmbedContents}. */
    GeminiRequest live(String model) {
        if (single()) {
            return new GeminiRequest("embedContent", Json.raw(content(inputs.getFirst())));
        }
        ObjectNode body = Json.MAPPER.createObjectNode();
        for (String input : inputs) {
            body.withArray("requests")
                    .add(
                            content(input)
                                    .put("model", model.contains("/") ? model : "models/" + model));
        }
        return new GeminiRequest("batchEmbedContents", Json.raw(body));
    }

    RawJson batch() throws Untranslatable {
        if (!single()) {
            throw new Untranslatable(
                    "`input` holds several texts, and a line of Gemini's batches embeds one");
        }
        return Json.raw(content(inputs.getFirst()));
    }

    private ObjectNode content(String text) {
        ObjectNode request = Json.MAPPER.createObjectNode();
        request.putObject("content").putArray("parts").addObject().put("text", text);
        dimensions.ifPresent(it -> request.set("outputDimensionality", it));
        return request;
    }

    /** Whether a body has more than one input, so that it goes into no batch. */
    static boolean severalInputs(RawJson body) {
        try {
            JsonNode input = Json.MAPPER.readTree(body.toByteArray()).path("input");
            return input.isArray() && input.size() > 1;
        } catch (JacksonException notJson) {
            return false;
        }
    }
}
