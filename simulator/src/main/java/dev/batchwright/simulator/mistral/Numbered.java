package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.Json;

import tools.jackson.core.JsonGenerator;

import java.util.List;
import java.util.function.BiConsumer;

/** A page of one of Mistral's lists, by its number. */
final class Numbered {
    private static final int USUAL = 100;

    private Numbered() {}

    static <T> BatchReply page(Arrival head, List<T> all, BiConsumer<JsonGenerator, T> writer) {
        int page = number(head, "page", 0);
        int size = number(head, "page_size", USUAL);
        int from = (int) Math.min(all.size(), (long) page * size);
        List<T> shown = all.subList(from, (int) Math.min(all.size(), (long) from + size));
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeArrayPropertyStart("data");
                            shown.forEach(one -> writer.accept(json, one));
                            json.writeEndArray();
                            json.writeStringProperty("object", "list");
                            json.writeNumberProperty("total", all.size());
                            json.writeEndObject();
                        }));
    }

    private static int number(Arrival head, String name, int usual) {
        String given = head.parameter(name);
        return given.matches("\\d{1,6}") ? Integer.parseInt(given) : usual;
    }
}
