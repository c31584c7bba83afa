package dev.batchwright.provider.openai;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * An object as an API tells it, read with patience: what is null, empty or of another type is as if
 * it were absent, numbers may stand in strings. For what describes batches and files, which is
 * small; results are never read so.
 */
public record ApiObject(JsonNode node) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Empty if it is not JSON. */
    public static Optional<ApiObject> parse(byte[] body) {
        try {
            JsonNode node = JSON.readTree(body);
            return node.isContainer() ? Optional.of(new ApiObject(node)) : Optional.empty();
        } catch (JacksonException notJson) {
            return Optional.empty();
        }
    }

    /** A value within; an empty object if it is not there. */
    public ApiObject at(String name) {
        JsonNode value = node.get(name);
        return new ApiObject(value == null ? MissingNode.getInstance() : value);
    }

    /** A string that is not empty, or a number as text. */
    public Optional<String> text(String name) {
        return Optional.ofNullable(node.get(name))
                .filter(value -> value.isString() || value.isNumber())
                .map(JsonNode::asString)
                .filter(text -> !text.isEmpty());
    }

    public Optional<Long> number(String name) {
        return text(name)
                .filter(text -> text.matches("-?\\d{1,18}(\\.\\d+)?"))
                .map(text -> Long.parseLong(text.replaceFirst("\\..*", "")));
    }

    /** A count; 0 where it is not told. */
    public long count(String name) {
        return Math.max(0, number(name).orElse(0L));
    }

    /** A time in seconds since 1970, or written out. */
    public Optional<Instant> time(String name) {
        return number(name)
                .map(Instant::ofEpochSecond)
                .or(() -> text(name).flatMap(ApiObject::writtenTime));
    }

    private static Optional<Instant> writtenTime(String text) {
        try {
            return Optional.of(OffsetDateTime.parse(text).toInstant());
        } catch (DateTimeException notATime) {
            return Optional.empty();
        }
    }

    /** The elements, if this is a list. */
    public List<ApiObject> elements() {
        return node.isArray() ? node.valueStream().map(ApiObject::new).toList() : List.of();
    }

    public boolean isTrue(String name) {
        JsonNode value = node.get(name);
        return value != null && value.isBoolean() && value.booleanValue();
    }

    public boolean has(String name) {
        return node.hasNonNull(name);
    }
}
