package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Completion;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/** The answer of the responses API as a JSON object. */
record ResponseAnswer(ResponseRequest request, Completion completion) {
    /** Where in its life a response is that is shown. */
    enum Stage {
        STARTED,
        ENDED
    }

    byte[] json() {
        return Json.write(json -> response(json, Stage.ENDED));
    }

    String endStatus() {
        return completion.cut() ? "incomplete" : "completed";
    }

    void response(JsonGenerator json, Stage stage) {
        boolean ended = stage == Stage.ENDED;
        long created = Profile.created(request.hash());
        json.writeStartObject();
        json.writeStringProperty("id", "resp_" + request.hash().hex(48));
        json.writeStringProperty("object", "response");
        json.writeNumberProperty("created_at", created);
        json.writeStringProperty("status", ended ? endStatus() : "in_progress");
        json.writeBooleanProperty("background", false);
        if (ended && !completion.cut()) {
            json.writeNumberProperty("completed_at", created + 1);
        } else {
            json.writeNullProperty("completed_at");
        }
        json.writeNullProperty("error");
        if (ended && completion.cut()) {
            json.writeObjectPropertyStart("incomplete_details");
            json.writeStringProperty("reason", "max_output_tokens");
            json.writeEndObject();
        } else {
            json.writeNullProperty("incomplete_details");
        }
        repeated(json, "instructions");
        repeated(json, "max_output_tokens");
        json.writeStringProperty("model", request.answered());
        json.writeArrayPropertyStart("output");
        if (ended) {
            item(json, Stage.ENDED);
        }
        json.writeEndArray();
        parameters(json);
        if (ended) {
            json.writeName("usage");
            Usage.response(json, request.promptTokens(), completion.tokens());
        }
        json.writeEndObject();
    }

    private void parameters(JsonGenerator json) {
        JsonNode body = request.body();
        json.writeBooleanProperty(
                "parallel_tool_calls", body.path("parallel_tool_calls").asBoolean(true));
        repeated(json, "previous_response_id");
        json.writeObjectPropertyStart("reasoning");
        json.writeNullProperty("effort");
        json.writeNullProperty("summary");
        json.writeEndObject();
        json.writeStringProperty("service_tier", ChatRequest.tier(body));
        json.writeBooleanProperty("store", body.path("store").asBoolean(true));
        json.writeNumberProperty("temperature", body.path("temperature").asDouble(1));
        json.writeNumberProperty("top_p", body.path("top_p").asDouble(1));
        json.writeStringProperty("truncation", body.path("truncation").asString("disabled"));
        if (body.path("text").isObject()) {
            repeated(json, "text");
        } else {
            json.writeObjectPropertyStart("text");
            json.writeObjectPropertyStart("format");
            json.writeStringProperty("type", "text");
            json.writeEndObject();
            json.writeEndObject();
        }
        if (body.has("tool_choice")) {
            repeated(json, "tool_choice");
        } else {
            json.writeStringProperty("tool_choice", "auto");
        }
        if (body.path("tools").isArray()) {
            repeated(json, "tools");
        } else {
            json.writeArrayPropertyStart("tools");
            json.writeEndArray();
        }
        if (body.path("metadata").isObject()) {
            repeated(json, "metadata");
        } else {
            json.writeObjectPropertyStart("metadata");
            json.writeEndObject();
        }
    }

    private void repeated(JsonGenerator json, String name) {
        JsonNode value = request.body().path(name);
        if (value.isMissingNode()) {
            json.writeNullProperty(name);
        } else {
            json.writePOJOProperty(name, value);
        }
    }

    String itemId() {
        return (request.tool().isPresent() ? "fc_" : "msg_") + request.hash().hex(48);
    }

    /** The one output item; before the end it is still empty. */
    void item(JsonGenerator json, Stage stage) {
        boolean ended = stage == Stage.ENDED;
        json.writeStartObject();
        json.writeStringProperty("id", itemId());
        json.writeStringProperty("status", ended ? endStatus() : "in_progress");
        if (request.tool().isPresent()) {
            json.writeStringProperty("type", "function_call");
            json.writeStringProperty("call_id", "call_" + request.hash().hex(24));
            json.writeStringProperty("name", request.tool().get().path("name").asString(""));
            json.writeStringProperty("arguments", ended ? completion.text() : "");
        } else {
            json.writeStringProperty("type", "message");
            json.writeStringProperty("role", "assistant");
            json.writeArrayPropertyStart("content");
            if (ended) {
                part(json, completion.text());
            }
            json.writeEndArray();
        }
        json.writeEndObject();
    }

    static void part(JsonGenerator json, String text) {
        json.writeStartObject();
        json.writeStringProperty("type", "output_text");
        json.writeStringProperty("text", text);
        json.writeArrayPropertyStart("annotations");
        json.writeEndArray();
        json.writeArrayPropertyStart("logprobs");
        json.writeEndArray();
        json.writeEndObject();
    }
}
