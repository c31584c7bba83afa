package dev.batchwright.schema;

import org.jspecify.annotations.Nullable;

import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.UUID;

/** Random values of a type, within the bounds of its annotations. */
final class RandomValues {
    private static final String[] CHARACTERS = {
        "a", "B", "7", " ", "\"", "\\", "\n", "\t", "\u0001", "{", "}", "[", ",", "é", "日", "😀",
        "```", "/"
    };

    private final Random random;
    private int depth;

    RandomValues(Random random) {
        this.random = random;
    }

    Object of(Class<?> type) throws ReflectiveOperationException {
        if (type.isRecord()) {
            return record(type);
        }
        if (type.isSealed()) {
            Class<?>[] variants = type.getPermittedSubclasses();
            // Deep down, the first one, which is chosen to contain no other.
            return of(variants[depth > 5 ? 0 : random.nextInt(variants.length)]);
        }
        if (type.isEnum()) {
            Object[] constants = type.getEnumConstants();
            return constants[random.nextInt(constants.length)];
        }
        return plain(type);
    }

    private Object record(Class<?> type) throws ReflectiveOperationException {
        depth++;
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] values = new @Nullable Object[components.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = of(components[i].getAnnotatedType());
        }
        depth--;
        var constructor =
                type.getDeclaredConstructor(
                        Arrays.stream(components)
                                .map(RecordComponent::getType)
                                .toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private @Nullable Object of(AnnotatedType annotated) throws ReflectiveOperationException {
        if (annotated.isAnnotationPresent(Nullable.class) && random.nextInt(3) == 0) {
            return null;
        }
        if (annotated instanceof AnnotatedParameterizedType parameterized) {
            var raw = (Class<?>) ((ParameterizedType) annotated.getType()).getRawType();
            return generic(raw, annotated, parameterized.getAnnotatedActualTypeArguments());
        }
        Class<?> type = (Class<?>) annotated.getType();
        Range range = annotated.getAnnotation(Range.class);
        if (range != null) {
            double max = Double.isInfinite(range.max()) ? 1000 : range.max();
            double value = range.min() + random.nextDouble() * (max - range.min());
            return type == int.class ? (Object) (int) value : (Object) value;
        }
        Length length = annotated.getAnnotation(Length.class);
        return length == null ? of(type) : text(length.min(), length.max());
    }

    private Object generic(Class<?> raw, AnnotatedType annotated, AnnotatedType[] arguments)
            throws ReflectiveOperationException {
        if (raw == Optional.class) {
            boolean absent = depth > 5 || random.nextInt(3) == 0;
            return absent ? Optional.empty() : Optional.ofNullable(of(arguments[0]));
        }
        Items items = annotated.getAnnotation(Items.class);
        int min = items == null ? 0 : items.min();
        int max = items == null ? 3 : items.max();
        int size = depth > 5 ? min : min + random.nextInt(max - min + 1);
        var values = new ArrayList<@Nullable Object>();
        for (int i = 0; i < size; i++) {
            values.add(of(arguments[0]));
        }
        if (raw == List.class) {
            return Collections.unmodifiableList(values);
        }
        if (raw == Set.class) {
            return new LinkedHashSet<>(values);
        }
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        for (Object each : values) {
            map.put(each, of(arguments[1]));
        }
        return map;
    }

    private String text(int min, int max) {
        int size = min + random.nextInt(Math.min(max, 12) - min + 1);
        var text = new StringBuilder();
        for (int i = 0; i < size; i++) {
            String next = CHARACTERS[random.nextInt(CHARACTERS.length)];
            text.append(next.length() > 2 ? "`" : next);
        }
        return text.toString();
    }

    private Object plain(Class<?> type) {
        if (type == String.class) {
            return text(0, 12);
        }
        if (type == boolean.class) {
            return random.nextBoolean();
        }
        if (type == byte.class) {
            return (byte) random.nextInt();
        }
        if (type == short.class) {
            return (short) random.nextInt();
        }
        if (type == int.class || type == Integer.class) {
            return random.nextInt();
        }
        if (type == long.class || type == Long.class) {
            return random.nextLong();
        }
        if (type == float.class) {
            return random.nextFloat() * 1e10f;
        }
        if (type == double.class || type == Double.class) {
            return (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(600) - 300);
        }
        if (type == BigInteger.class) {
            return new BigInteger(random.nextInt(300), random);
        }
        if (type == BigDecimal.class) {
            return new BigDecimal(new BigInteger(80, random), random.nextInt(60) - 20);
        }
        if (type == OptionalInt.class) {
            return random.nextBoolean() ? OptionalInt.empty() : OptionalInt.of(random.nextInt());
        }
        if (type == OptionalLong.class) {
            return random.nextBoolean() ? OptionalLong.empty() : OptionalLong.of(random.nextLong());
        }
        if (type == OptionalDouble.class) {
            return random.nextBoolean()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(random.nextDouble());
        }
        return time(type);
    }

    private Object time(Class<?> type) {
        LocalDate date = LocalDate.ofEpochDay(random.nextInt(40_000));
        LocalTime time = LocalTime.ofSecondOfDay(random.nextInt(1_440) * 60L);
        if (type == LocalDate.class) {
            return date;
        }
        if (type == LocalTime.class) {
            return random.nextBoolean() ? time : time.plusNanos(random.nextInt(1_000_000_000));
        }
        if (type == LocalDateTime.class) {
            return date.atTime(time);
        }
        if (type == Instant.class) {
            return date.atTime(time).toInstant(ZoneOffset.UTC).plusNanos(random.nextInt());
        }
        if (type == OffsetDateTime.class) {
            return date.atTime(time)
                    .atOffset(ZoneOffset.ofTotalSeconds((random.nextInt(1000) - 500) * 60));
        }
        if (type == Duration.class) {
            return Duration.ofSeconds(random.nextInt(10_000_000));
        }
        if (type == UUID.class) {
            return new UUID(random.nextLong(), random.nextLong());
        }
        if (type == URI.class) {
            return URI.create("https://example.org/" + random.nextInt());
        }
        throw new IllegalArgumentException("no random " + type);
    }
}
