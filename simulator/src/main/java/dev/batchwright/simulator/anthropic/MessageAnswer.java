package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** A message as one JSON object. */
record MessageAnswer(MessageRequest request, Written written) {
    byte[] json() {
        return Json.write(this::write);
    }

    void write(JsonGenerator json) {
        json.writeStartObject();
        head(json);
        json.writeArrayPropertyStart("content");
        if (!written.thought().isEmpty()) {
            thinking(json, written.thought(), signature());
        }
        if (request.tool().isPresent() && !written.stopReason().equals("refusal")) {
            toolUse(json, request.tool().get());
        } else if (!written.text().isEmpty()) {
            text(json, written.text());
        }
        json.writeEndArray();
        json.writeStringProperty("stop_reason", written.stopReason());
        stopSequence(json);
        json.writeName("usage");
        usage(json, written.tokens());
        json.writeEndObject();
    }

    void head(JsonGenerator json) {
        json.writeStringProperty("model", request.answered());
        json.writeStringProperty("id", "msg_" + request.hash().hex(24));
        json.writeStringProperty("type", "message");
        json.writeStringProperty("role", "assistant");
    }

    void stopSequence(JsonGenerator json) {
        if (written.stopSequence().isEmpty()) {
            json.writeNullProperty("stop_sequence");
        } else {
            json.writeStringProperty("stop_sequence", written.stopSequence());
        }
    }

    static void thinking(JsonGenerator json, String thought, String signature) {
        json.writeStartObject();
        json.writeStringProperty("type", "thinking");
        json.writeStringProperty("thinking", thought);
        json.writeStringProperty("signature", signature);
        json.writeEndObject();
    }

    static void text(JsonGenerator json, String text) {
        json.writeStartObject();
        json.writeStringProperty("type", "text");
        json.writeStringProperty("text", text);
        json.writeEndObject();
    }

    /** An input that the limit of tokens cut is no JSON: it comes as an empty object. */
    private void toolUse(JsonGenerator json, JsonNode tool) {
        json.writeStartObject();
        toolUseHead(json, tool);
        if (written.cut()) {
            json.writeObjectPropertyStart("input");
            json.writeEndObject();
        } else {
            json.writeName("input");
            json.writeRawValue(written.text());
        }
        json.writeEndObject();
    }

    void toolUseHead(JsonGenerator json, JsonNode tool) {
        json.writeStringProperty("type", "tool_use");
        json.writeStringProperty("id", "toolu_" + request.hash().hex(24));
        json.writeStringProperty("name", tool.path("name").asString(""));
    }

    /** Proves nothing here, but is there, as clients must send it back. */
    String signature() {
        return Base64.getEncoder()
                .encodeToString(request.hash().hex(48).getBytes(StandardCharsets.UTF_8));
    }

    void usage(JsonGenerator json, long outputTokens) {
        Prompt prompt = request.prompt();
        json.writeStartObject();
        json.writeNumberProperty("input_tokens", prompt.fresh());
        json.writeNumberProperty(
                "cache_creation_input_tokens", prompt.shortLived() + prompt.longLived());
        json.writeNumberProperty("cache_read_input_tokens", 0);
        json.writeObjectPropertyStart("cache_creation");
        json.writeNumberProperty("ephemeral_5m_input_tokens", prompt.shortLived());
        json.writeNumberProperty("ephemeral_1h_input_tokens", prompt.longLived());
        json.writeEndObject();
        json.writeNumberProperty("output_tokens", outputTokens);
        json.writeStringProperty("service_tier", request.lane().tier());
        json.writeStringProperty("inference_geo", "not_available");
        json.writeEndObject();
    }
}
