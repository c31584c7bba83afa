package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.batch.BatchView;
import dev.batchwright.simulator.wire.Arrival;
import dev.batchwright.simulator.wire.Json;

import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A page of the list of batches, newest first.
 *
 * @param more whether there are others behind it, seen in the direction of the walk
 */
record BatchPage(List<BatchView> batches, boolean more) {
    static final int MOST = 1000;
    private static final int USUAL = 20;

    /** The page that is asked for; nothing, if its limit is out of bounds. */
    static Optional<BatchPage> of(Arrival head, List<BatchView> newestFirst) {
        String limit = head.parameter("limit");
        if (!limit.matches("\\d{0,4}")) {
            return Optional.empty();
        }
        int size = limit.isEmpty() ? USUAL : Integer.parseInt(limit);
        if (size < 1 || size > MOST) {
            return Optional.empty();
        }
        List<String> ids = newestFirst.stream().map(BatchView::id).toList();
        String before = head.parameter("before_id");
        if (!before.isEmpty()) {
            int end = Math.max(0, ids.indexOf(before));
            int start = Math.max(0, end - size);
            return Optional.of(new BatchPage(newestFirst.subList(start, end), start > 0));
        }
        String after = head.parameter("after_id");
        int found = ids.indexOf(after);
        int start = after.isEmpty() ? 0 : found < 0 ? ids.size() : found + 1;
        int end = Math.min(ids.size(), start + size);
        return Optional.of(new BatchPage(newestFirst.subList(start, end), end < ids.size()));
    }

    byte[] json(Function<BatchView, MessageBatchJson> shown) {
        return Json.write(
                json -> {
                    json.writeStartObject();
                    json.writeArrayPropertyStart("data");
                    batches.forEach(view -> shown.apply(view).write(json));
                    json.writeEndArray();
                    json.writeBooleanProperty("has_more", more);
                    if (batches.isEmpty()) {
                        json.writeNullProperty("first_id");
                        json.writeNullProperty("last_id");
                    } else {
                        json.writeStringProperty("first_id", batches.getFirst().id());
                        json.writeStringProperty("last_id", batches.getLast().id());
                    }
                    json.writeEndObject();
                });
    }
}
