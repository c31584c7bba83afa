package dev.batchwright.schema;

import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Shape.Choice;
import dev.batchwright.schema.Shape.Component;
import dev.batchwright.schema.Shape.Entries;
import dev.batchwright.schema.Shape.Formatted;
import dev.batchwright.schema.Shape.Maybe;
import dev.batchwright.schema.Shape.Named;
import dev.batchwright.schema.Shape.Numeric;
import dev.batchwright.schema.Shape.RecordType;
import dev.batchwright.schema.Shape.Sequence;
import dev.batchwright.schema.Shape.Text;
import dev.batchwright.schema.Shape.Truth;
import dev.batchwright.schema.Shape.Union;

import org.jspecify.annotations.Nullable;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Writes a value as an answer would have it. */
final class ValueWriter {
    private static final JsonMapper JSON = new JsonMapper();
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final Model model;

    ValueWriter(Model model) {
        this.model = model;
    }

    RawJson write(Shape root, @Nullable Object value, Optional<String> wrapper) {
        JsonNode node = node(root, value, Path.ROOT);
        return RawJson.of(
                JSON.writeValueAsBytes(
                        wrapper.isPresent() ? NODES.objectNode().set(wrapper.get(), node) : node));
    }

    private JsonNode node(Shape shape, @Nullable Object value, Path path) {
        if (shape instanceof Maybe maybe) {
            @Nullable Object present = present(maybe, value);
            return present == null ? NODES.nullNode() : node(maybe.inner(), present, path);
        }
        if (value == null) {
            throw new IllegalArgumentException(
                    "%s is null, which its type does not allow. Annotate it @Nullable, or make it an Optional."
                            .formatted(path));
        }
        return switch (shape) {
            case Text it -> NODES.stringNode((String) value);
            case Numeric it -> number(value, path);
            case Truth it -> NODES.booleanNode((Boolean) value);
            case Formatted it -> NODES.stringNode(it.format().write(value));
            case Choice it -> NODES.stringNode(name(it, value));
            case Sequence it -> sequence(it, value, path);
            case Entries it -> entries(it, (Map<?, ?>) value, path);
            case Maybe it -> throw new IllegalStateException("was handled");
            case Named it ->
                    switch (model.definition(it.type())) {
                        case RecordType type -> record(type, value, NODES.objectNode(), path);
                        case Union union -> variant(union, value, path);
                    };
        };
    }

    private static @Nullable Object present(Maybe maybe, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        return switch (maybe.absence()) {
            case NULL -> value;
            case OPTIONAL -> ((Optional<?>) value).orElse(null);
            case OPTIONAL_INT ->
                    ((OptionalInt) value).isPresent() ? ((OptionalInt) value).getAsInt() : null;
            case OPTIONAL_LONG ->
                    ((OptionalLong) value).isPresent() ? ((OptionalLong) value).getAsLong() : null;
            case OPTIONAL_DOUBLE ->
                    ((OptionalDouble) value).isPresent()
                            ? ((OptionalDouble) value).getAsDouble()
                            : null;
        };
    }

    private static JsonNode number(Object value, Path path) {
        return switch (value) {
            case BigDecimal it -> NODES.numberNode(it);
            case BigInteger it -> NODES.numberNode(it);
            case Float it when Float.isFinite(it) -> NODES.numberNode(it);
            case Double it when Double.isFinite(it) -> NODES.numberNode(it);
            case Float it -> throw notFinite(path);
            case Double it -> throw notFinite(path);
            case Number it -> NODES.numberNode(it.longValue());
            default -> throw new IllegalStateException("no number: " + value.getClass());
        };
    }

    private static IllegalArgumentException notFinite(Path path) {
        return new IllegalArgumentException(
                "%s is infinite or no number, which JSON has no form of.".formatted(path));
    }

    private static String name(Choice choice, Object value) {
        for (var constant : choice.constants().entrySet()) {
            if (constant.getValue() == value) {
                return constant.getKey();
            }
        }
        throw new IllegalStateException("a constant that its enum does not have");
    }

    private JsonNode sequence(Sequence shape, Object value, Path path) {
        ArrayNode array = NODES.arrayNode();
        if (value instanceof Collection<?> values) {
            for (Object each : values) {
                array.add(node(shape.element(), each, path.element(array.size())));
            }
            return array;
        }
        for (int i = 0; i < Array.getLength(value); i++) {
            array.add(node(shape.element(), Array.get(value, i), path.element(i)));
        }
        return array;
    }

    private JsonNode entries(Entries shape, Map<?, ?> map, Path path) {
        ArrayNode array = NODES.arrayNode();
        for (Map.Entry<?, ?> each : map.entrySet()) {
            Path place = path.element(array.size());
            ObjectNode entry = array.addObject();
            entry.set("key", node(shape.key(), each.getKey(), place.field("key")));
            entry.set("value", node(shape.value(), each.getValue(), place.field("value")));
        }
        return array;
    }

    private JsonNode variant(Union union, Object value, Path path) {
        ObjectNode object = NODES.objectNode();
        for (var variant : union.variants().entrySet()) {
            if (variant.getValue().type() == value.getClass()) {
                object.put(Union.DISCRIMINATOR, variant.getKey());
                return record(variant.getValue(), value, object, path);
            }
        }
        throw new IllegalStateException("a variant that its interface does not permit");
    }

    private JsonNode record(RecordType type, Object value, ObjectNode object, Path path) {
        for (Component each : type.components()) {
            object.set(
                    each.name(),
                    node(each.shape(), component(each, value), path.field(each.name())));
        }
        return object;
    }

    private static @Nullable Object component(Component component, Object value) {
        try {
            return component.accessor().invoke(value);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    "the accessor of `%s` threw an exception.".formatted(component.name()), e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("a record that could be read no longer can", e);
        }
    }
}
