package dev.batchwright.langchain4j;

import dev.batchwright.JsonRequest;

import org.jspecify.annotations.Nullable;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** Fields that are set in the body of every request, in the place of those of their name. */
record Fields(Map<String, @Nullable Object> values) {
    static final Fields NONE = new Fields(Map.of());

    Fields with(String name, @Nullable Object value) {
        var more = new LinkedHashMap<>(values);
        more.put(name, value);
        return new Fields(Collections.unmodifiableMap(more));
    }

    JsonRequest addTo(JsonRequest request) {
        JsonRequest changed = request;
        for (Map.Entry<String, @Nullable Object> field : values.entrySet()) {
            changed = changed.with(field.getKey(), field.getValue());
        }
        return changed;
    }
}
