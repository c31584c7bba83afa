package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

/** The answer to a chat completion as one JSON object. */
record ChatAnswer(ChatRequest request, Completion completion) {
    byte[] json() {
        return Json.write(
                json -> {
                    json.writeStartObject();
                    head(json, "chat.completion");
                    json.writeArrayPropertyStart("choices");
                    for (int i = 0; i < request.choices(); i++) {
                        choice(json, i);
                    }
                    json.writeEndArray();
                    json.writeName("usage");
                    usage(json);
                    json.writeEndObject();
                });
    }

    void head(JsonGenerator json, String object) {
        json.writeStringProperty("id", "chatcmpl-" + request.hash().hex(29));
        json.writeStringProperty("object", object);
        json.writeNumberProperty("created", Profile.created(request.hash()));
        json.writeStringProperty("model", request.answered());
        json.writeStringProperty("service_tier", request.tier());
        json.writeStringProperty("system_fingerprint", "fp_simulator");
    }

    private void choice(JsonGenerator json, int index) {
        json.writeStartObject();
        json.writeNumberProperty("index", index);
        json.writeObjectPropertyStart("message");
        json.writeStringProperty("role", "assistant");
        if (request.tool().isPresent()) {
            json.writeNullProperty("content");
            json.writeArrayPropertyStart("tool_calls");
            toolCall(json, index, completion.text(), false);
            json.writeEndArray();
        } else {
            json.writeStringProperty("content", completion.text());
        }
        json.writeNullProperty("refusal");
        json.writeArrayPropertyStart("annotations");
        json.writeEndArray();
        json.writeEndObject();
        json.writeNullProperty("logprobs");
        json.writeStringProperty("finish_reason", finishReason());
        json.writeEndObject();
    }

    void toolCall(JsonGenerator json, int choice, String arguments, boolean indexed) {
        json.writeStartObject();
        if (indexed) {
            json.writeNumberProperty("index", 0);
        }
        json.writeStringProperty("id", "call_" + request.hash().hex(20) + choice);
        json.writeStringProperty("type", "function");
        json.writeObjectPropertyStart("function");
        json.writeStringProperty("name", request.tool().orElseThrow().path("name").asString(""));
        json.writeStringProperty("arguments", arguments);
        json.writeEndObject();
        json.writeEndObject();
    }

    String finishReason() {
        if (completion.cut()) {
            return "length";
        }
        return request.tool().isPresent() && !request.toolByName() ? "tool_calls" : "stop";
    }

    void usage(JsonGenerator json) {
        Usage.completion(json, request.promptTokens(), completion.tokens() * request.choices());
    }
}
