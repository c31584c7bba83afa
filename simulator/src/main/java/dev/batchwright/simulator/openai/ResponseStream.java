package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.model.Pieces;
import dev.batchwright.simulator.openai.ResponseAnswer.Stage;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The answer of the responses API as named server-sent events. Makes one list of events. */
final class ResponseStream {
    private final ResponseAnswer answer;
    private final List<byte[]> events = new ArrayList<>();

    ResponseStream(ResponseAnswer answer) {
        this.answer = answer;
    }

    List<byte[]> events() {
        response("response.created", Stage.STARTED);
        response("response.in_progress", Stage.STARTED);
        item("response.output_item.added", Stage.STARTED);
        if (answer.request().tool().isPresent()) {
            arguments();
        } else {
            text();
        }
        item("response.output_item.done", Stage.ENDED);
        response("response." + answer.endStatus(), Stage.ENDED);
        return List.copyOf(events);
    }

    private void text() {
        String text = answer.completion().text();
        event(
                "response.content_part.added",
                json -> {
                    place(json);
                    json.writeName("part");
                    ResponseAnswer.part(json, "");
                });
        for (String piece : Pieces.of(text)) {
            event(
                    "response.output_text.delta",
                    json -> {
                        place(json);
                        json.writeStringProperty("delta", piece);
                        noLogprobs(json);
                    });
        }
        event(
                "response.output_text.done",
                json -> {
                    place(json);
                    json.writeStringProperty("text", text);
                    noLogprobs(json);
                });
        event(
                "response.content_part.done",
                json -> {
                    place(json);
                    json.writeName("part");
                    ResponseAnswer.part(json, text);
                });
    }

    private void arguments() {
        String arguments = answer.completion().text();
        for (String piece : Pieces.of(arguments)) {
            event(
                    "response.function_call_arguments.delta",
                    json -> {
                        json.writeStringProperty("item_id", answer.itemId());
                        json.writeNumberProperty("output_index", 0);
                        json.writeStringProperty("delta", piece);
                    });
        }
        event(
                "response.function_call_arguments.done",
                json -> {
                    json.writeStringProperty("item_id", answer.itemId());
                    json.writeNumberProperty("output_index", 0);
                    json.writeStringProperty(
                            "name",
                            answer.request().tool().orElseThrow().path("name").asString(""));
                    json.writeStringProperty("arguments", arguments);
                });
    }

    private void response(String type, Stage stage) {
        event(
                type,
                json -> {
                    json.writeName("response");
                    answer.response(json, stage);
                });
    }

    private void item(String type, Stage stage) {
        event(
                type,
                json -> {
                    json.writeNumberProperty("output_index", 0);
                    json.writeName("item");
                    answer.item(json, stage);
                });
    }

    private void place(JsonGenerator json) {
        json.writeStringProperty("item_id", answer.itemId());
        json.writeNumberProperty("output_index", 0);
        json.writeNumberProperty("content_index", 0);
    }

    private static void noLogprobs(JsonGenerator json) {
        json.writeArrayPropertyStart("logprobs");
        json.writeEndArray();
    }

    private void event(String type, Consumer<JsonGenerator> members) {
        int number = events.size();
        var out = new ByteArrayOutputStream();
        out.writeBytes(("event: " + type + "\ndata: ").getBytes(StandardCharsets.UTF_8));
        out.writeBytes(
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("type", type);
                            json.writeNumberProperty("sequence_number", number);
                            members.accept(json);
                            json.writeEndObject();
                        }));
        out.writeBytes("\n\n".getBytes(StandardCharsets.UTF_8));
        events.add(out.toByteArray());
    }
}
