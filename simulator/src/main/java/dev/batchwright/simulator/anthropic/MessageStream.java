package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.model.Pieces;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** A message as named server-sent events. Makes one list of events. */
final class MessageStream {
    private final MessageAnswer answer;
    private final List<byte[]> events = new ArrayList<>();
    private int block;

    MessageStream(MessageAnswer answer) {
        this.answer = answer;
    }

    List<byte[]> events() {
        event("message_start", this::start);
        Written written = answer.written();
        if (!written.thought().isEmpty()) {
            thinking(written.thought());
        }
        event("ping", json -> {});
        if (answer.request().tool().isPresent() && !written.stopReason().equals("refusal")) {
            toolUse(written.text());
        } else if (!written.text().isEmpty()) {
            text(written.text());
        }
        event("message_delta", this::end);
        event("message_stop", json -> {});
        return List.copyOf(events);
    }

    private void start(JsonGenerator json) {
        json.writeObjectPropertyStart("message");
        answer.head(json);
        json.writeArrayPropertyStart("content");
        json.writeEndArray();
        json.writeNullProperty("stop_reason");
        json.writeNullProperty("stop_sequence");
        json.writeName("usage");
        answer.usage(json, Math.min(1, answer.written().tokens()));
        json.writeEndObject();
    }

    private void thinking(String thought) {
        opened(json -> MessageAnswer.thinking(json, "", ""));
        for (String piece : Pieces.of(thought)) {
            delta("thinking_delta", "thinking", piece);
        }
        delta("signature_delta", "signature", answer.signature());
        closed();
    }

    private void text(String text) {
        opened(json -> MessageAnswer.text(json, ""));
        for (String piece : Pieces.of(text)) {
            delta("text_delta", "text", piece);
        }
        closed();
    }

    private void toolUse(String input) {
        opened(
                json -> {
                    json.writeStartObject();
                    answer.toolUseHead(json, answer.request().tool().orElseThrow());
                    json.writeObjectPropertyStart("input");
                    json.writeEndObject();
                    json.writeEndObject();
                });
        delta("input_json_delta", "partial_json", "");
        for (String piece : Pieces.of(input)) {
            delta("input_json_delta", "partial_json", piece);
        }
        closed();
    }

    private void end(JsonGenerator json) {
        json.writeObjectPropertyStart("delta");
        json.writeStringProperty("stop_reason", answer.written().stopReason());
        answer.stopSequence(json);
        json.writeEndObject();
        json.writeName("usage");
        answer.usage(json, answer.written().tokens());
    }

    private void opened(Consumer<JsonGenerator> content) {
        event(
                "content_block_start",
                json -> {
                    json.writeNumberProperty("index", block);
                    json.writeName("content_block");
                    content.accept(json);
                });
    }

    private void delta(String type, String member, String piece) {
        event(
                "content_block_delta",
                json -> {
                    json.writeNumberProperty("index", block);
                    json.writeObjectPropertyStart("delta");
                    json.writeStringProperty("type", type);
                    json.writeStringProperty(member, piece);
                    json.writeEndObject();
                });
    }

    private void closed() {
        event("content_block_stop", json -> json.writeNumberProperty("index", block));
        block++;
    }

    private void event(String type, Consumer<JsonGenerator> members) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(("event: " + type + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("type", type);
                            members.accept(json);
                            json.writeEndObject();
                        }));
        out.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        events.add(out.toByteArray());
    }
}
