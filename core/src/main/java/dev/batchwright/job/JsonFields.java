package dev.batchwright.job;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The fields of a JSON object, in their order, each value as the bytes it came in: one of them can
 * be exchanged and all the others stay as they are. Immutable.
 */
public final class JsonFields {
    /** The object {@code {}}. */
    public static final JsonFields NONE = new JsonFields(new LinkedHashMap<>());

    // How long a value may be is decided by whoever let the object in.
    private static final JsonFactory JSON =
            JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .build())
                    .build();

    private final Map<String, RawJson> values;

    private JsonFields(Map<String, RawJson> values) {
        this.values = values;
    }

    /**
     * Reads an object in one pass; values are found, not built.
     *
     * @param object one JSON object
     * @return its fields
     * @throws IllegalArgumentException if it is not one whole JSON object, or has a field twice
     */
    public static JsonFields of(RawJson object) {
        byte[] bytes = object.toByteArray();
        var values = new LinkedHashMap<String, RawJson>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IllegalArgumentException("this is JSON, but not an object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                int from = (int) parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                int to = (int) parser.currentLocation().getByteOffset();
                if (values.put(name, RawJson.of(bytes, from, to - from)) != null) {
                    throw new IllegalArgumentException("it has `%s` twice".formatted(name));
                }
            }
            if (parser.nextToken() != null) {
                throw new IllegalArgumentException("something follows the JSON object");
            }
        } catch (JacksonException e) {
            // The cause would quote the content.
            throw new IllegalArgumentException(
                    "this is not a JSON object: see line %d, column %d"
                            .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr()));
        }
        return new JsonFields(values);
    }

    /**
     * {@return the value of a field; empty where there is none of this name}
     *
     * @param name of the field
     */
    public Optional<RawJson> find(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /**
     * {@return the object in this field; {@link #NONE} where there is none, or {@code null}}
     *
     * @param name of the field
     * @throws IllegalArgumentException if something else is in it
     */
    public JsonFields object(String name) {
        return find(name).filter(it -> !it.equals(RawJson.NULL)).map(JsonFields::of).orElse(NONE);
    }

    /** {@return the names and values, in their order; it can't be changed} */
    public Map<String, RawJson> values() {
        return Collections.unmodifiableMap(values);
    }

    /**
     * {@return the same with another value, in the place of the old one or at the end}
     *
     * @param name of the field
     * @param value its new value
     */
    public JsonFields with(String name, RawJson value) {
        var changed = new LinkedHashMap<>(values);
        changed.put(name, value);
        return new JsonFields(changed);
    }

    /**
     * {@return the same without a field}
     *
     * @param name of the field, which need not be there
     */
    public JsonFields without(String name) {
        var changed = new LinkedHashMap<>(values);
        changed.remove(name);
        return new JsonFields(changed);
    }

    /** {@return the object, put together at each call} */
    public RawJson json() {
        var bytes = new ByteArrayOutputStream();
        try {
            byte before = '{';
            for (var field : values.entrySet()) {
                bytes.write(before);
                RawJson.quoted(field.getKey()).writeTo(bytes);
                bytes.write(':');
                field.getValue().writeTo(bytes);
                before = ',';
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (values.isEmpty()) {
            bytes.write('{');
        }
        bytes.write('}');
        return RawJson.of(bytes.toByteArray());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonFields fields && values.equals(fields.values);
    }

    @Override
    public int hashCode() {
        return values.hashCode();
    }

    @Override
    public String toString() {
        return json().toString();
    }
}
