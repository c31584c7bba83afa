package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.model.Pieces;
import dev.batchwright.simulator.model.Tokens;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.core.JsonGenerator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * The answer to a request for content, whole or in pieces. Members with default values are left
 * out.
 */
record GenerateAnswer(GenerateRequest request, Written written) {
    private static final String JSON = "application/json; charset=UTF-8";

    long candidateTokens() {
        return written.textTokens() * request.candidates();
    }

    Reply reply() {
        return switch (request.delivery()) {
            case WHOLE -> new Reply(200, JSON, List.of(), List.of(json()), false);
            case EVENTS ->
                    new Reply(
                            200,
                            "text/event-stream",
                            List.of(),
                            pieces().stream()
                                    .map(piece -> joined("data: ", piece, "\r\n\r\n"))
                                    .toList(),
                            true);
            case ARRAY -> new Reply(200, JSON, List.of(), array(), true);
        };
    }

    byte[] json() {
        return Json.write(this::write);
    }

    void write(JsonGenerator json) {
        response(json, written.text(), true, written.textTokens());
    }

    private List<byte[]> array() {
        List<byte[]> pieces = pieces();
        var array = new ArrayList<byte[]>();
        for (int i = 0; i < pieces.size(); i++) {
            array.add(
                    joined(
                            i == 0 ? "[" : ",\r\n",
                            pieces.get(i),
                            i == pieces.size() - 1 ? "\r\n]" : ""));
        }
        return array;
    }

    /** Usage grows from piece to piece; the last one says why the model stopped. */
    private List<byte[]> pieces() {
        List<String> texts =
                written.function().isEmpty() ? Pieces.of(written.text()) : List.of(written.text());
        if (texts.isEmpty()) {
            return List.of(json());
        }
        var pieces = new ArrayList<byte[]>();
        var sofar = new StringBuilder();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            sofar.append(text);
            long tokens = Tokens.of(sofar);
            boolean last = i == texts.size() - 1;
            pieces.add(Json.write(json -> response(json, text, last, tokens)));
        }
        return pieces;
    }

    private void response(JsonGenerator json, String text, boolean last, long tokens) {
        json.writeStartObject();
        if (written.blockReason().isEmpty()) {
            json.writeArrayPropertyStart("candidates");
            for (int i = 0; i < request.candidates(); i++) {
                candidate(json, i, text, last);
            }
            json.writeEndArray();
        } else {
            json.writeObjectPropertyStart("promptFeedback");
            json.writeStringProperty("blockReason", written.blockReason());
            json.writeEndObject();
        }
        json.writeName("usageMetadata");
        usage(json, tokens * request.candidates());
        json.writeStringProperty("modelVersion", request.answered());
        json.writeStringProperty("responseId", request.hash().hex(22));
        json.writeEndObject();
    }

    private void candidate(JsonGenerator json, int index, String text, boolean last) {
        json.writeStartObject();
        content(json, text);
        if (last) {
            json.writeStringProperty("finishReason", written.finishReason());
        }
        json.writeNumberProperty("index", index);
        json.writeEndObject();
    }

    /** Without text there are no parts; a candidate that was found unfit has no content at all. */
    private void content(JsonGenerator json, String text) {
        boolean thoughts = request.showsThoughts() && !written.thought().isEmpty();
        if (text.isEmpty() && !written.finishReason().matches("STOP|MAX_TOKENS")) {
            return;
        }
        json.writeObjectPropertyStart("content");
        if (thoughts || !text.isEmpty()) {
            json.writeArrayPropertyStart("parts");
            if (thoughts) {
                thought(json);
            }
            if (!text.isEmpty()) {
                part(json, text);
            }
            json.writeEndArray();
        }
        json.writeStringProperty("role", "model");
        json.writeEndObject();
    }

    private void thought(JsonGenerator json) {
        json.writeStartObject();
        json.writeStringProperty("text", written.thought());
        json.writeBooleanProperty("thought", true);
        json.writeEndObject();
    }

    private void part(JsonGenerator json, String text) {
        json.writeStartObject();
        if (written.function().isEmpty()) {
            json.writeStringProperty("text", text);
        } else {
            json.writeObjectPropertyStart("functionCall");
            json.writeStringProperty("name", written.function());
            json.writeName("args");
            json.writeRawValue(text);
            json.writeEndObject();
        }
        if (!written.thought().isEmpty()) {
            json.writeStringProperty("thoughtSignature", signature());
        }
        json.writeEndObject();
    }

    private String signature() {
        return Base64.getEncoder()
                .encodeToString(request.hash().hex(48).getBytes(StandardCharsets.UTF_8));
    }

    private void usage(JsonGenerator json, long candidateTokens) {
        long thoughts = written.thoughtTokens();
        json.writeStartObject();
        unlessZero(json, "promptTokenCount", request.promptTokens());
        unlessZero(json, "candidatesTokenCount", candidateTokens);
        unlessZero(json, "totalTokenCount", request.promptTokens() + candidateTokens + thoughts);
        if (request.promptTokens() > 0) {
            details(json, request.promptTokens());
        }
        unlessZero(json, "thoughtsTokenCount", thoughts);
        json.writeEndObject();
    }

    static void details(JsonGenerator json, long tokens) {
        json.writeArrayPropertyStart("promptTokensDetails");
        json.writeStartObject();
        json.writeStringProperty("modality", "TEXT");
        json.writeNumberProperty("tokenCount", tokens);
        json.writeEndObject();
        json.writeEndArray();
    }

    static void unlessZero(JsonGenerator json, String name, long value) {
        if (value != 0) {
            json.writeNumberProperty(name, value);
        }
    }

    private static byte[] joined(String before, byte[] body, String after) {
        var out = new ByteArrayOutputStream(before.length() + body.length + after.length());
        out.writeBytes(before.getBytes(StandardCharsets.UTF_8));
        out.writeBytes(body);
        out.writeBytes(after.getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }
}
