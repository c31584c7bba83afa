package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;

import tools.jackson.core.JsonGenerator;

import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * A page of one of OpenAI's lists: {@code limit} things, from behind the one named {@code after}.
 */
final class Page {
    private Page() {}

    /** How many things a page has if nothing is asked for, and at most. */
    record Limits(int usual, int most) {}

    static <T> BatchReply of(
            Arrival head,
            List<T> all,
            Function<T, String> id,
            BiConsumer<JsonGenerator, T> writer,
            Limits limits) {
        String asked = head.parameter("limit");
        if (!asked.matches("\\d{0,9}") || outside(asked, limits)) {
            return BatchReply.of(
                    ErrorBody.of(
                            new Refusal(
                                    Reason.BAD_REQUEST,
                                    400,
                                    "Invalid 'limit': expected an integer from 1 to %d."
                                            .formatted(limits.most()),
                                    "limit",
                                    "invalid_value")));
        }
        int size = asked.isEmpty() ? limits.usual() : Integer.parseInt(asked);
        String after = head.parameter("after");
        int from = 0;
        if (!after.isEmpty()) {
            from = all.stream().map(id).toList().indexOf(after) + 1;
            if (from == 0) {
                from = all.size(); // there is nothing behind what isn't there
            }
        }
        List<T> page = all.subList(from, Math.min(all.size(), from + size));
        boolean more = from + size < all.size();
        return BatchReply.json(
                200,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("object", "list");
                            json.writeArrayPropertyStart("data");
                            page.forEach(one -> writer.accept(json, one));
                            json.writeEndArray();
                            if (page.isEmpty()) {
                                json.writeNullProperty("first_id");
                                json.writeNullProperty("last_id");
                            } else {
                                json.writeStringProperty("first_id", id.apply(page.getFirst()));
                                json.writeStringProperty("last_id", id.apply(page.getLast()));
                            }
                            json.writeBooleanProperty("has_more", more);
                            json.writeEndObject();
                        }));
    }

    private static boolean outside(String asked, Limits limits) {
        return !asked.isEmpty()
                && (Integer.parseInt(asked) < 1 || Integer.parseInt(asked) > limits.most());
    }
}
