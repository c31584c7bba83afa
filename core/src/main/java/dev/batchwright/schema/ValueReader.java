package dev.batchwright.schema;

import dev.batchwright.schema.Shape.Absence;
import dev.batchwright.schema.Shape.Choice;
import dev.batchwright.schema.Shape.Component;
import dev.batchwright.schema.Shape.Container;
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
import tools.jackson.databind.node.JsonNodeFactory;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.StringJoiner;

/**
 * Makes a value of JSON, or gathers what is wrong with it: the first {@value #MOST_PROBLEMS}
 * problems, so that they can be mended at once. For one value.
 */
final class ValueReader {
    private static final int MOST_PROBLEMS = 5;
    private static final int MOST_NAMED = 20;
    // 1e400 is beyond a double; a whole number with more digits is an attack.
    private static final int MOST_DIGITS = 400;

    /** What stands for a value that can't be made; why is among the problems. */
    private enum Failure {
        NONE
    }

    private final Model model;
    private final List<String> problems = new ArrayList<>();
    private String firstPath = "$";

    ValueReader(Model model) {
        this.model = model;
    }

    <T> Parsed<T> read(Shape root, JsonNode node, Optional<String> wrapper) {
        @Nullable Object value =
                wrapper.isPresent()
                        ? unwrapped(root, node, wrapper.get())
                        : value(root, node, Path.ROOT);
        if (!problems.isEmpty()) {
            return new Parsed.Invalid<>(String.join("; ", problems), firstPath);
        }
        @SuppressWarnings("unchecked") // the shape was made from the class T
        T typed = (T) Objects.requireNonNull(value);
        return new Parsed.Valid<>(typed);
    }

    /** Models also answer with what should have been wrapped. */
    private @Nullable Object unwrapped(Shape root, JsonNode node, String wrapper) {
        boolean wrapped = node.isObject() && node.size() == 1 && node.has(wrapper);
        boolean bare = node.isArray() || (node.isObject() && root instanceof Named);
        if (!wrapped && bare) {
            return value(root, node, Path.ROOT);
        }
        return node.has(wrapper)
                ? value(root, node.get(wrapper), Path.ROOT.field(wrapper))
                : problem(
                        Path.ROOT.field(wrapper), "missing; expected %s".formatted(expected(root)));
    }

    private Object problem(Path path, String words) {
        if (problems.isEmpty()) {
            firstPath = path.toString();
        }
        if (problems.size() < MOST_PROBLEMS) {
            problems.add("%s: %s".formatted(path, words));
        }
        return Failure.NONE;
    }

    private Object mismatch(Path path, Shape shape, JsonNode node) {
        return problem(path, "expected %s, got %s".formatted(expected(shape), kind(node)));
    }

    private String expected(Shape shape) {
        return switch (shape) {
            case Text it -> "a string";
            case Numeric it -> it.whole() ? "a whole number" : "a number";
            case Truth it -> "true or false";
            case Formatted it -> it.format().words();
            case Choice it -> oneOf(it.constants().keySet());
            case Sequence it -> "an array";
            case Entries it -> "an array of objects with `key` and `value`";
            case Maybe it -> expected(it.inner()) + " or null";
            case Named it ->
                    model.definition(it.type()) instanceof Union union
                            ? "an object with `type` %s".formatted(oneOf(union.variants().keySet()))
                            : "an object";
        };
    }

    private static String oneOf(Collection<String> names) {
        if (names.size() == 1) {
            return "\"%s\"".formatted(names.iterator().next());
        }
        var list = new StringJoiner(", ", "one of ", names.size() > MOST_NAMED ? ", ..." : "");
        names.stream().limit(MOST_NAMED).forEach(it -> list.add("\"%s\"".formatted(it)));
        return list.toString();
    }

    private static String kind(JsonNode node) {
        return switch (node.getNodeType()) {
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "a boolean";
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case NULL -> "null";
            default -> "nothing";
        };
    }

    private @Nullable Object value(Shape shape, JsonNode node, Path path) {
        return switch (shape) {
            case Text it -> text(it, node, path);
            case Numeric it -> number(it, node, path);
            case Truth it -> node.isBoolean() ? node.booleanValue() : mismatch(path, it, node);
            case Formatted it -> formatted(it, node, path);
            case Choice it -> choice(it, node, path);
            case Sequence it -> sequence(it, node, path);
            case Entries it -> entries(it, node, path);
            case Maybe it -> maybe(it, node, path);
            case Named it ->
                    switch (model.definition(it.type())) {
                        case RecordType type -> record(type, it, node, path);
                        case Union union -> variant(union, it, node, path);
                    };
        };
    }

    private Object text(Text shape, JsonNode node, Path path) {
        if (!node.isString()) {
            return mismatch(path, shape, node);
        }
        String text = node.stringValue();
        int length = text.codePointCount(0, text.length());
        if (length < shape.min() || length > shape.max()) {
            return problem(path, size(shape.min(), shape.max(), length, "character"));
        }
        if (shape.pattern().isPresent() && !shape.pattern().get().matcher(text).find()) {
            return problem(
                    path,
                    "the string does not match the regular expression %s"
                            .formatted(shape.pattern().get().pattern()));
        }
        return text;
    }

    private static String size(int min, int max, int size, String unit) {
        String wanted =
                max == Integer.MAX_VALUE
                        ? "at least %d".formatted(min)
                        : min == 0 ? "at most %d".formatted(max) : "%d to %d".formatted(min, max);
        return "expected %s %ss, got %d".formatted(wanted, unit, size);
    }

    private Object number(Numeric shape, JsonNode node, Path path) {
        if (!node.isNumber()) {
            return mismatch(path, shape, node);
        }
        BigDecimal number = node.decimalValue();
        if ((long) number.precision() - number.scale() > MOST_DIGITS) {
            return problem(path, "the number is too large");
        }
        if (shape.whole() && number.stripTrailingZeros().scale() > 0) {
            return problem(path, "expected a whole number, got a fraction");
        }
        boolean tooSmall =
                Double.isFinite(shape.min())
                        && number.compareTo(BigDecimal.valueOf(shape.min())) < 0;
        boolean tooLarge =
                Double.isFinite(shape.max())
                        && number.compareTo(BigDecimal.valueOf(shape.max())) > 0;
        if (tooSmall) {
            return problem(
                    path,
                    "expected at least %s, got less"
                            .formatted(SchemaWriter.plain(shape.min()).toPlainString()));
        }
        if (tooLarge) {
            return problem(
                    path,
                    "expected at most %s, got more"
                            .formatted(SchemaWriter.plain(shape.max()).toPlainString()));
        }
        return shape.whole() ? whole(shape, number, path) : fractional(shape, number, path);
    }

    private Object whole(Numeric shape, BigDecimal number, Path path) {
        BigInteger whole = number.toBigIntegerExact();
        if (shape.type() == BigInteger.class) {
            return whole;
        }
        int bits =
                shape.type() == Byte.class
                        ? Byte.SIZE
                        : shape.type() == Short.class
                                ? Short.SIZE
                                : shape.type() == Integer.class ? Integer.SIZE : Long.SIZE;
        if (whole.bitLength() >= bits) {
            BigInteger end = BigInteger.ONE.shiftLeft(bits - 1);
            return problem(
                    path,
                    "expected a whole number from %d to %d"
                            .formatted(end.negate(), end.subtract(BigInteger.ONE)));
        }
        return switch (bits) {
            case Byte.SIZE -> whole.byteValueExact();
            case Short.SIZE -> whole.shortValueExact();
            case Integer.SIZE -> whole.intValueExact();
            default -> whole.longValueExact();
        };
    }

    private Object fractional(Numeric shape, BigDecimal number, Path path) {
        if (shape.type() == BigDecimal.class) {
            return number;
        }
        boolean narrow = shape.type() == Float.class;
        double value = narrow ? number.floatValue() : number.doubleValue();
        if (Double.isInfinite(value)) {
            return problem(path, "the number is too large");
        }
        if (narrow) {
            return (float) value;
        }
        return value;
    }

    private Object formatted(Formatted shape, JsonNode node, Path path) {
        if (!node.isString()) {
            return mismatch(path, shape, node);
        }
        try {
            return shape.format().parse(node.stringValue());
        } catch (RuntimeException e) {
            // Whatever a parser of the platform throws; its message would quote the answer.
            return problem(
                    path, "expected %s, got another string".formatted(shape.format().words()));
        }
    }

    private Object choice(Choice shape, JsonNode node, Path path) {
        if (!node.isString()) {
            return mismatch(path, shape, node);
        }
        @Nullable Enum<?> constant = shape.constants().get(node.stringValue());
        return constant != null
                ? constant
                : problem(path, "expected %s, got another string".formatted(expected(shape)));
    }

    private Object sequence(Sequence shape, JsonNode node, Path path) {
        if (!node.isArray()) {
            return mismatch(path, shape, node);
        }
        Collection<@Nullable Object> values =
                shape.container() == Container.SET
                        ? new LinkedHashSet<>()
                        : new ArrayList<>(node.size());
        boolean whole = true;
        for (int i = 0; i < node.size(); i++) {
            @Nullable Object value = value(shape.element(), node.get(i), path.element(i));
            whole &= !(value instanceof Failure);
            values.add(value);
        }
        if (!whole) {
            return Failure.NONE;
        }
        if (values.size() < shape.min() || values.size() > shape.max()) {
            return problem(path, size(shape.min(), shape.max(), values.size(), "element"));
        }
        return collected(shape, values);
    }

    private static Object collected(Sequence shape, Collection<@Nullable Object> values) {
        return switch (shape.container()) {
            case LIST -> Collections.unmodifiableList((List<@Nullable Object>) values);
            case SET -> Collections.unmodifiableSet((LinkedHashSet<@Nullable Object>) values);
            case ARRAY -> {
                Object array = Array.newInstance(shape.elementType(), values.size());
                int i = 0;
                for (@Nullable Object each : values) {
                    Array.set(array, i++, each);
                }
                yield array;
            }
        };
    }

    private Object entries(Entries shape, JsonNode node, Path path) {
        var values = new LinkedHashMap<Object, @Nullable Object>();
        int before = problems.size();
        if (node.isObject()) {
            for (Map.Entry<String, JsonNode> each : node.properties()) {
                Path place = path.anyKey();
                JsonNode key = JsonNodeFactory.instance.stringNode(each.getKey());
                entry(shape, key, each.getValue(), values, place, place);
            }
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                Path place = path.element(i);
                JsonNode entry = node.get(i);
                if (entry.has("key") && entry.has("value")) {
                    entry(
                            shape,
                            entry.get("key"),
                            entry.get("value"),
                            values,
                            place.field("key"),
                            place.field("value"));
                } else {
                    problem(
                            place,
                            entry.isObject()
                                    ? "expected an object with `key` and `value`"
                                    : "expected an object with `key` and `value`, got "
                                            + kind(entry));
                }
            }
        } else {
            return mismatch(path, shape, node);
        }
        if (problems.size() > before) {
            return Failure.NONE;
        }
        if (values.size() < shape.min() || values.size() > shape.max()) {
            return problem(path, size(shape.min(), shape.max(), values.size(), "element"));
        }
        return Collections.unmodifiableMap(values);
    }

    private void entry(
            Entries shape,
            JsonNode keyNode,
            JsonNode valueNode,
            Map<Object, @Nullable Object> values,
            Path keyPath,
            Path valuePath) {
        @Nullable Object key = value(shape.key(), keyNode, keyPath);
        @Nullable Object value = value(shape.value(), valueNode, valuePath);
        if (key == null || key instanceof Failure) {
            return;
        }
        if (values.containsKey(key)) {
            problem(keyPath, "this key is there twice");
        }
        values.put(key, value);
    }

    private @Nullable Object maybe(Maybe shape, JsonNode node, Path path) {
        if (node.isNull()) {
            return absent(shape.absence());
        }
        @Nullable Object value = value(shape.inner(), node, path);
        if (value == null || value instanceof Failure) {
            return value;
        }
        return switch (shape.absence()) {
            case NULL -> value;
            case OPTIONAL -> Optional.of(value);
            case OPTIONAL_INT -> OptionalInt.of((Integer) value);
            case OPTIONAL_LONG -> OptionalLong.of((Long) value);
            case OPTIONAL_DOUBLE -> OptionalDouble.of((Double) value);
        };
    }

    private static @Nullable Object absent(Absence absence) {
        return switch (absence) {
            case NULL -> null;
            case OPTIONAL -> Optional.empty();
            case OPTIONAL_INT -> OptionalInt.empty();
            case OPTIONAL_LONG -> OptionalLong.empty();
            case OPTIONAL_DOUBLE -> OptionalDouble.empty();
        };
    }

    private @Nullable Object variant(Union union, Named shape, JsonNode node, Path path) {
        if (!node.isObject()) {
            return mismatch(path, shape, node);
        }
        Path place = path.field(Union.DISCRIMINATOR);
        String wanted = oneOf(union.variants().keySet());
        if (!node.has(Union.DISCRIMINATOR)) {
            return problem(place, "missing; expected %s".formatted(wanted));
        }
        JsonNode discriminator = node.get(Union.DISCRIMINATOR);
        @Nullable RecordType type = union.variants().get(discriminator.asString(""));
        return type == null
                ? problem(
                        place,
                        "expected %s, got %s"
                                .formatted(
                                        wanted,
                                        discriminator.isString()
                                                ? "another string"
                                                : kind(discriminator)))
                : record(type, shape, node, path);
    }

    private @Nullable Object record(RecordType type, Named shape, JsonNode node, Path path) {
        if (!node.isObject()) {
            return mismatch(path, shape, node);
        }
        @Nullable Object[] values = new @Nullable Object[type.components().size()];
        boolean whole = true;
        for (int i = 0; i < values.length; i++) {
            Component component = type.components().get(i);
            Path place = path.field(component.name());
            @Nullable JsonNode field = node.get(component.name());
            values[i] =
                    field == null
                            ? missing(component, place)
                            : value(component.shape(), field, place);
            whole &= !(values[i] instanceof Failure);
        }
        return whole ? construct(type, values, path) : Failure.NONE;
    }

    private @Nullable Object missing(Component component, Path path) {
        if (!component.omissible()) {
            return problem(path, "missing; expected %s".formatted(expected(component.shape())));
        }
        return switch (component.shape()) {
            case Maybe it -> absent(it.absence());
            case Sequence it when it.min() == 0 -> collected(it, emptyOf(it));
            case Entries it when it.min() == 0 -> Map.of();
            default -> problem(path, "missing; expected %s".formatted(expected(component.shape())));
        };
    }

    private static Collection<@Nullable Object> emptyOf(Sequence shape) {
        return shape.container() == Container.SET ? new LinkedHashSet<>() : new ArrayList<>();
    }

    private Object construct(RecordType type, @Nullable Object[] values, Path path) {
        try {
            return type.constructor().newInstance(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException refusal) {
                return problem(path, words(refusal, type));
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("the constructor of a record threw", e);
        } catch (InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException("a record that could be constructed no longer can", e);
        }
    }

    private static String words(RuntimeException refusal, RecordType type) {
        @Nullable String message = refusal.getMessage();
        return message == null || message.isBlank()
                ? "%s refuses these values (%s)"
                        .formatted(type.name(), refusal.getClass().getSimpleName())
                : message;
    }
}
