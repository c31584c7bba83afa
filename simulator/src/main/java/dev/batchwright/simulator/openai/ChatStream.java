package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Pieces;
import dev.batchwright.simulator.wire.Json;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The answer to a chat completion as server-sent events. */
record ChatStream(ChatAnswer answer) {
    private static final byte[] DATA = "data: ".getBytes(StandardCharsets.UTF_8);
    private static final byte[] END = "\n\n".getBytes(StandardCharsets.UTF_8);
    private static final byte[] DONE = "data: [DONE]\n\n".getBytes(StandardCharsets.UTF_8);

    List<byte[]> events() {
        var events = new ArrayList<byte[]>();
        ChatRequest request = answer.request();
        List<String> pieces = Pieces.of(answer.completion().text());
        for (int i = 0; i < request.choices(); i++) {
            int index = i;
            events.add(chunk(index, null, json -> opening(json, index)));
            for (String piece : pieces) {
                events.add(chunk(index, null, json -> piece(json, piece)));
            }
            events.add(chunk(index, answer.finishReason(), json -> {}));
        }
        if (request.includeUsage()) {
            events.add(event(this::usage));
        }
        events.add(DONE);
        return events;
    }

    private void opening(JsonGenerator json, int choice) {
        json.writeStringProperty("role", "assistant");
        if (answer.request().tool().isPresent()) {
            json.writeNullProperty("content");
            json.writeArrayPropertyStart("tool_calls");
            answer.toolCall(json, choice, "", true);
            json.writeEndArray();
        } else {
            json.writeStringProperty("content", "");
        }
        json.writeNullProperty("refusal");
    }

    private void piece(JsonGenerator json, String piece) {
        if (answer.request().tool().isEmpty()) {
            json.writeStringProperty("content", piece);
            return;
        }
        json.writeArrayPropertyStart("tool_calls");
        json.writeStartObject();
        json.writeNumberProperty("index", 0);
        json.writeObjectPropertyStart("function");
        json.writeStringProperty("arguments", piece);
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndArray();
    }

    private void usage(JsonGenerator json) {
        answer.head(json, "chat.completion.chunk");
        json.writeArrayPropertyStart("choices");
        json.writeEndArray();
        json.writeName("usage");
        answer.usage(json);
    }

    private byte[] chunk(int index, @Nullable String finish, Consumer<JsonGenerator> delta) {
        return event(
                json -> {
                    answer.head(json, "chat.completion.chunk");
                    json.writeArrayPropertyStart("choices");
                    json.writeStartObject();
                    json.writeNumberProperty("index", index);
                    json.writeObjectPropertyStart("delta");
                    delta.accept(json);
                    json.writeEndObject();
                    json.writeNullProperty("logprobs");
                    if (finish == null) {
                        json.writeNullProperty("finish_reason");
                    } else {
                        json.writeStringProperty("finish_reason", finish);
                    }
                    json.writeEndObject();
                    json.writeEndArray();
                    if (answer.request().includeUsage()) {
                        json.writeNullProperty("usage");
                    }
                    if (answer.request().obfuscated()) {
                        json.writeStringProperty("obfuscation", "x".repeat(index % 8 + 1));
                    }
                });
    }

    /** One event with an object of these members. */
    private static byte[] event(Consumer<JsonGenerator> members) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(DATA);
        out.writeBytes(
                Json.write(
                        json -> {
                            json.writeStartObject();
                            members.accept(json);
                            json.writeEndObject();
                        }));
        out.writeBytes(END);
        return out.toByteArray();
    }
}
