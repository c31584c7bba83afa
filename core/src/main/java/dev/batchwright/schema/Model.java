package dev.batchwright.schema;

import dev.batchwright.schema.Shape.Absence;
import dev.batchwright.schema.Shape.Choice;
import dev.batchwright.schema.Shape.Component;
import dev.batchwright.schema.Shape.Container;
import dev.batchwright.schema.Shape.Definition;
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

import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedArrayType;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.AnnotatedParameterizedType;
import java.lang.reflect.AnnotatedType;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;

/**
 * The shapes of a type and of all that it contains, read by reflection once. What can't be given a
 * schema is refused here, with the path to it.
 */
final class Model {
    private static final Map<Class<?>, Class<?>> BOXES =
            Map.of(
                    byte.class, Byte.class,
                    short.class, Short.class,
                    int.class, Integer.class,
                    long.class, Long.class,
                    float.class, Float.class,
                    double.class, Double.class);
    private static final Set<Class<?>> WHOLE =
            Set.of(Byte.class, Short.class, Integer.class, Long.class, BigInteger.class);
    private static final Set<Class<?>> FRACTIONAL =
            Set.of(Float.class, Double.class, BigDecimal.class);
    private static final List<Class<? extends Annotation>> REFINEMENTS =
            List.of(Range.class, Length.class, Items.class, Pattern.class);
    private static final String SUPPORTED =
            "Use a record, a sealed interface of records, an enum, String, a number, boolean, a"
                    + " List, Set, array or Map of these, Optional, or a LocalDate, LocalTime,"
                    + " LocalDateTime, Instant, OffsetDateTime, Duration, UUID or URI.";

    private final Map<Class<?>, Definition> definitions = new HashMap<>();
    private final Map<Class<?>, String> begun = new HashMap<>();
    private final Shape root;

    private Model(Class<?> type) {
        root = shape(type, Optional.empty(), type.getSimpleName());
        resolveVariants();
        checkEnds();
        markWhatLeadsBack();
    }

    /**
     * @throws IllegalArgumentException if there is no schema for the type or something in it
     */
    static Model of(Class<?> type) {
        return new Model(type);
    }

    Shape root() {
        return root;
    }

    Definition definition(Class<?> type) {
        Definition definition = definitions.get(type);
        if (definition == null) {
            throw new IllegalStateException("no definition of " + type);
        }
        return definition;
    }

    /** Whether a value of the type can contain another one of it. */
    boolean recursive(Class<?> type) {
        return reaches(definition(type), type, new HashSet<>());
    }

    // Reading.

    private Shape shape(AnnotatedType annotated, String path) {
        return shape(annotated.getType(), Optional.of(annotated), path);
    }

    private Shape shape(Type type, Optional<AnnotatedType> annotated, String path) {
        Refinements refinements = new Refinements(annotated, path);
        Shape shape = shape(type, annotated, refinements, path);
        refinements.checkUsed();
        return annotated.filter(Model::nullable).isPresent() && !(shape instanceof Maybe)
                ? new Maybe(Absence.NULL, shape)
                : shape;
    }

    private Shape shape(
            Type type, Optional<AnnotatedType> annotated, Refinements refinements, String path) {
        if (type instanceof ParameterizedType parameterized) {
            return parameterized(
                    (Class<?>) parameterized.getRawType(), arguments(annotated), refinements, path);
        }
        if (annotated.orElse(null) instanceof AnnotatedArrayType array) {
            return array(array, refinements, path);
        }
        if (!(type instanceof Class<?> plain)) {
            throw refused(
                    path,
                    "%s is a type variable or wildcard, which is another type each time. Write the type itself."
                            .formatted(type.getTypeName()));
        }
        return plain(plain, refinements, path);
    }

    private static List<AnnotatedType> arguments(Optional<AnnotatedType> annotated) {
        return annotated.orElse(null) instanceof AnnotatedParameterizedType parameterized
                ? List.of(parameterized.getAnnotatedActualTypeArguments())
                : List.of();
    }

    private Shape plain(Class<?> type, Refinements refinements, String path) {
        Class<?> boxed = BOXES.getOrDefault(type, type);
        if (type == String.class) {
            return text(refinements);
        }
        if (type == boolean.class || type == Boolean.class) {
            return new Truth();
        }
        if (WHOLE.contains(boxed) || FRACTIONAL.contains(boxed)) {
            return number(boxed, refinements);
        }
        if (type == OptionalInt.class) {
            return new Maybe(Absence.OPTIONAL_INT, number(Integer.class, refinements));
        }
        if (type == OptionalLong.class) {
            return new Maybe(Absence.OPTIONAL_LONG, number(Long.class, refinements));
        }
        if (type == OptionalDouble.class) {
            return new Maybe(Absence.OPTIONAL_DOUBLE, number(Double.class, refinements));
        }
        Optional<Format> format = Format.of(type);
        if (format.isPresent()) {
            return new Formatted(format.get());
        }
        if (type.isEnum()) {
            return choice(type, path);
        }
        if (type.isRecord() || type.isSealed()) {
            define(type, path);
            return new Named(type);
        }
        if (type.isArray()) {
            return new Sequence(
                    Container.ARRAY,
                    type.getComponentType(),
                    plain(type.getComponentType(), refinements, path + "[]"),
                    0,
                    Integer.MAX_VALUE);
        }
        throw unknown(type, path);
    }

    private static IllegalArgumentException unknown(Class<?> type, String path) {
        boolean raw = type.getTypeParameters().length > 0;
        return refused(
                path,
                raw
                        ? "%s is written without its type argument. Say of what it is one."
                                .formatted(type.getName())
                        : "a schema can't be made of %s. %s".formatted(type.getName(), SUPPORTED));
    }

    private Shape parameterized(
            Class<?> type, List<AnnotatedType> arguments, Refinements refinements, String path) {
        if (type == Optional.class) {
            Shape inner = shape(arguments.getFirst(), path);
            if (inner instanceof Maybe) {
                throw refused(
                        path,
                        "an Optional of something that may be absent itself says the"
                                + " same twice. Keep one.");
            }
            return new Maybe(Absence.OPTIONAL, refinements.applied(inner));
        }
        if (type == List.class || type == Collection.class || type == Set.class) {
            Size items = refinements.items();
            return new Sequence(
                    type == Set.class ? Container.SET : Container.LIST,
                    Object.class,
                    shape(arguments.getFirst(), path + "[]"),
                    items.min(),
                    items.max());
        }
        if (type == Map.class) {
            Shape key = shape(arguments.get(0), path + ".key");
            if (!(key instanceof Text || key instanceof Choice)) {
                throw refused(path, "the keys of a map must be texts or constants of an enum.");
            }
            Size items = refinements.items();
            return new Entries(
                    key, shape(arguments.get(1), path + ".value"), items.min(), items.max());
        }
        if (type.isRecord() || type.isSealed()) {
            throw refused(
                    path,
                    "%s has type parameters. Write a record without them."
                            .formatted(type.getSimpleName()));
        }
        throw refused(
                path, "a schema can't be made of %s. %s".formatted(type.getName(), SUPPORTED));
    }

    // An annotation before the type of an array belongs, in Java, to what the array holds.
    private Shape array(AnnotatedArrayType array, Refinements refinements, String path) {
        AnnotatedType element = array.getAnnotatedGenericComponentType();
        var inner = new Refinements(Optional.of(element), path + "[]");
        Shape shape = shape(element.getType(), Optional.of(element), inner, path + "[]");
        boolean holdsContainers = shape instanceof Sequence || shape instanceof Entries;
        Size items = holdsContainers ? refinements.items() : inner.items(refinements.items());
        inner.checkUsed();
        boolean absent = nullable(element) && !(shape instanceof Maybe);
        return new Sequence(
                Container.ARRAY,
                raw(element.getType(), path),
                absent ? new Maybe(Absence.NULL, shape) : shape,
                items.min(),
                items.max());
    }

    private static Class<?> raw(Type type, String path) {
        return switch (type) {
            case Class<?> plain -> plain;
            case ParameterizedType parameterized -> (Class<?>) parameterized.getRawType();
            default -> throw refused(path, "this array is too deep. Use lists.");
        };
    }

    private static Shape text(Refinements refinements) {
        Size length = refinements.length();
        return new Text(length.min(), length.max(), refinements.pattern());
    }

    private static Shape number(Class<?> type, Refinements refinements) {
        Optional<Range> range = refinements.take(Range.class);
        double min = range.map(Range::min).orElse(Double.NEGATIVE_INFINITY);
        double max = range.map(Range::max).orElse(Double.POSITIVE_INFINITY);
        refinements.check(Range.class, min, max);
        return new Numeric(type, WHOLE.contains(type), min, max);
    }

    private static Shape choice(Class<?> type, String path) {
        var constants = new LinkedHashMap<String, Enum<?>>();
        var descriptions = new LinkedHashMap<String, String>();
        for (Object each : type.getEnumConstants()) {
            Enum<?> constant = (Enum<?>) each;
            AnnotatedElement field = field(type, constant);
            String name = name(field, constant.name());
            if (constants.put(name, constant) != null) {
                throw refused(path, "two constants are called `%s` in JSON.".formatted(name));
            }
            description(field).ifPresent(it -> descriptions.put(name, it));
        }
        if (constants.isEmpty()) {
            throw refused(path, "%s has no constant.".formatted(type.getSimpleName()));
        }
        return new Choice(type, constants, descriptions);
    }

    private static AnnotatedElement field(Class<?> type, Enum<?> constant) {
        try {
            return type.getField(constant.name());
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("an enum without a field for its constant", e);
        }
    }

    private void define(Class<?> type, String path) {
        if (begun.putIfAbsent(type, path) != null) {
            return;
        }
        if (type.getTypeParameters().length > 0) {
            throw refused(
                    path,
                    "%s has type parameters. Write a record without them."
                            .formatted(type.getSimpleName()));
        }
        definitions.put(type, type.isRecord() ? record(type, path) : union(type, path));
    }

    private RecordType record(Class<?> type, String path) {
        RecordComponent[] recordComponents = type.getRecordComponents();
        var components = new LinkedHashMap<String, Component>();
        for (RecordComponent each : recordComponents) {
            String name = name(each, each.getName());
            Shape shape = component(each, path + "." + each.getName());
            Method accessor = each.getAccessor();
            open(accessor, path);
            var component = new Component(name, shape, description(each), accessor, false);
            if (components.put(name, component) != null) {
                throw refused(path, "two components are called `%s` in JSON.".formatted(name));
            }
        }
        return new RecordType(
                type,
                name(type, type.getSimpleName()),
                description(type),
                List.copyOf(components.values()),
                constructor(type, recordComponents, path));
    }

    private Shape component(RecordComponent component, String path) {
        Shape shape = shape(component.getAnnotatedType(), path);
        boolean declaredNullable =
                Arrays.stream(component.getAnnotations()).anyMatch(Model::isNullable);
        return declaredNullable && !(shape instanceof Maybe)
                ? new Maybe(Absence.NULL, shape)
                : shape;
    }

    private static Constructor<?> constructor(
            Class<?> type, RecordComponent[] components, String path) {
        Class<?>[] types =
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            open(constructor, path);
            return constructor;
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("a record without its canonical constructor", e);
        }
    }

    private static void open(java.lang.reflect.AccessibleObject member, String path) {
        try {
            member.setAccessible(true);
        } catch (InaccessibleObjectException e) {
            throw new IllegalArgumentException(
                    "%s: its module does not let it be read. Open its package to dev.batchwright, or make it public and export it."
                            .formatted(path),
                    e);
        }
    }

    /** Without its variants, one of which may be just being read. */
    private Union union(Class<?> type, String path) {
        records(type, path).forEach(each -> define(each, path + "(" + each.getSimpleName() + ")"));
        return new Union(
                type, name(type, type.getSimpleName()), description(type), new LinkedHashMap<>());
    }

    private void resolveVariants() {
        for (Definition each : definitions.values()) {
            if (each instanceof Union union) {
                String path = begun.getOrDefault(union.type(), union.name());
                records(union.type(), path)
                        .distinct()
                        .forEach(
                                type ->
                                        addVariant(
                                                (RecordType) definition(type),
                                                union.variants(),
                                                path));
            }
        }
    }

    private static void addVariant(
            RecordType variant, Map<String, RecordType> variants, String path) {
        boolean taken =
                variant.components().stream().anyMatch(it -> it.name().equals(Union.DISCRIMINATOR));
        if (taken) {
            throw refused(
                    path,
                    "%s has a component `%s`, by which the variants are told apart in JSON. Give it another name, or one in JSON by @Name."
                            .formatted(variant.type().getSimpleName(), Union.DISCRIMINATOR));
        }
        if (variants.put(variant.name(), variant) != null) {
            throw refused(
                    path,
                    "two variants are called `%s`. Give one of them a @Name."
                            .formatted(variant.name()));
        }
    }

    private static Stream<Class<?>> records(Class<?> sealed, String path) {
        if (!sealed.isInterface()) {
            throw refused(
                    path,
                    "%s is a sealed class. Make it a sealed interface of records."
                            .formatted(sealed.getName()));
        }
        return Arrays.stream(sealed.getPermittedSubclasses())
                .flatMap(
                        each -> {
                            if (each.isRecord()) {
                                return Stream.of(each);
                            }
                            if (each.isSealed()) {
                                return records(each, path);
                            }
                            throw refused(
                                    path, "the variant %s is no record.".formatted(each.getName()));
                        });
    }

    private static String name(AnnotatedElement element, String otherwise) {
        Name name = element.getAnnotation(Name.class);
        return name == null ? otherwise : name.value();
    }

    private static Optional<String> description(AnnotatedElement element) {
        return Optional.ofNullable(element.getAnnotation(Description.class))
                .map(Description::value);
    }

    private static boolean nullable(AnnotatedType type) {
        return Arrays.stream(type.getAnnotations()).anyMatch(Model::isNullable);
    }

    // Whose annotation it is does not matter: JSpecify's, Jakarta's, anybody's.
    private static boolean isNullable(Annotation annotation) {
        return annotation.annotationType().getSimpleName().equals("Nullable");
    }

    private static IllegalArgumentException refused(String path, String reason) {
        return new IllegalArgumentException("%s: %s".formatted(path, reason));
    }

    // What is wrong with the whole.

    /** A record that always contains another one of itself has no instance, and no answer fits. */
    private void checkEnds() {
        var ending = new HashSet<Class<?>>();
        boolean more = true;
        while (more) {
            more = false;
            for (var each : definitions.entrySet()) {
                if (!ending.contains(each.getKey()) && ends(each.getValue(), ending)) {
                    more = ending.add(each.getKey());
                }
            }
        }
        for (Class<?> type : definitions.keySet()) {
            if (!ending.contains(type)) {
                throw refused(
                        type.getSimpleName(),
                        "it contains itself in every case, so that it has no end. Make the"
                                + " component that leads back an Optional or a List.");
            }
        }
    }

    private static boolean ends(Definition definition, Set<Class<?>> ending) {
        return switch (definition) {
            case RecordType it ->
                    it.components().stream().allMatch(each -> ends(each.shape(), ending));
            case Union it ->
                    it.variants().values().stream().anyMatch(each -> ending.contains(each.type()));
        };
    }

    private static boolean ends(Shape shape, Set<Class<?>> ending) {
        return switch (shape) {
            case Named(var type) -> ending.contains(type);
            case Sequence it -> it.min() == 0 || ends(it.element(), ending);
            case Entries it -> it.min() == 0 || ends(it.value(), ending);
            case Maybe it -> true;
            case Text it -> true;
            case Numeric it -> true;
            case Truth it -> true;
            case Formatted it -> true;
            case Choice it -> true;
        };
    }

    private void markWhatLeadsBack() {
        for (var each : definitions.entrySet()) {
            if (each.getValue() instanceof RecordType it) {
                each.setValue(marked(it));
            }
        }
        for (var each : definitions.entrySet()) {
            if (each.getValue() instanceof Union it) {
                var variants = new LinkedHashMap<String, RecordType>();
                it.variants()
                        .forEach(
                                (name, variant) ->
                                        variants.put(
                                                name, (RecordType) definition(variant.type())));
                each.setValue(new Union(it.type(), it.name(), it.description(), variants));
            }
        }
    }

    private RecordType marked(RecordType type) {
        List<Component> components =
                type.components().stream()
                        .map(
                                it ->
                                        new Component(
                                                it.name(),
                                                it.shape(),
                                                it.description(),
                                                it.accessor(),
                                                reaches(it.shape(), type.type(), new HashSet<>())))
                        .toList();
        return new RecordType(
                type.type(), type.name(), type.description(), components, type.constructor());
    }

    private boolean reaches(Definition from, Class<?> goal, Set<Class<?>> seen) {
        return switch (from) {
            case RecordType it ->
                    it.components().stream().anyMatch(each -> reaches(each.shape(), goal, seen));
            case Union it ->
                    it.variants().values().stream()
                            .anyMatch(each -> reaches(new Named(each.type()), goal, seen));
        };
    }

    private boolean reaches(Shape from, Class<?> goal, Set<Class<?>> seen) {
        return switch (from) {
            case Named(var type) ->
                    type == goal || (seen.add(type) && reaches(definition(type), goal, seen));
            case Sequence it -> reaches(it.element(), goal, seen);
            case Entries it -> reaches(it.value(), goal, seen);
            case Maybe it -> reaches(it.inner(), goal, seen);
            case Text it -> false;
            case Numeric it -> false;
            case Truth it -> false;
            case Formatted it -> false;
            case Choice it -> false;
        };
    }

    private record Size(int min, int max) {
        static final Size ANY = new Size(0, Integer.MAX_VALUE);
    }

    /** The annotations at one place: which there are, and which of them were used. */
    private static final class Refinements {
        private final Optional<AnnotatedType> annotated;
        private final String path;
        private final Set<Class<?>> used = new HashSet<>();

        Refinements(Optional<AnnotatedType> annotated, String path) {
            this.annotated = annotated;
            this.path = path;
        }

        <A extends Annotation> Optional<A> take(Class<A> type) {
            @Nullable A annotation =
                    annotated.isPresent() ? annotated.get().getAnnotation(type) : null;
            used.add(type);
            return Optional.ofNullable(annotation);
        }

        Size length() {
            Size size = take(Length.class).map(it -> new Size(it.min(), it.max())).orElse(Size.ANY);
            check(Length.class, size.min(), size.max());
            return size;
        }

        Size items() {
            return items(Size.ANY);
        }

        Size items(Size otherwise) {
            Size size = take(Items.class).map(it -> new Size(it.min(), it.max())).orElse(otherwise);
            check(Items.class, size.min(), size.max());
            return size;
        }

        /** What stands before an Optional is meant for what is in it. */
        Shape applied(Shape inner) {
            return switch (inner) {
                case Text it when any(Length.class) || any(Pattern.class) -> {
                    Size length = any(Length.class) ? length() : new Size(it.min(), it.max());
                    yield new Text(length.min(), length.max(), pattern().or(it::pattern));
                }
                case Numeric it when any(Range.class) -> number(it.type(), this);
                case Sequence it when any(Items.class) -> {
                    Size items = items();
                    yield new Sequence(
                            it.container(),
                            it.elementType(),
                            it.element(),
                            items.min(),
                            items.max());
                }
                case Entries it when any(Items.class) -> {
                    Size items = items();
                    yield new Entries(it.key(), it.value(), items.min(), items.max());
                }
                default -> inner;
            };
        }

        private boolean any(Class<? extends Annotation> type) {
            return annotated.isPresent() && annotated.get().isAnnotationPresent(type);
        }

        void check(Class<?> annotation, double min, double max) {
            boolean sized = annotation != Range.class;
            if (!(min <= max) || (sized && min < 0)) {
                throw refused(
                        path,
                        "@%s has bounds that nothing fits between."
                                .formatted(annotation.getSimpleName()));
            }
        }

        Optional<java.util.regex.Pattern> pattern() {
            return take(Pattern.class).map(it -> compiled(it.value()));
        }

        private java.util.regex.Pattern compiled(String expression) {
            try {
                return java.util.regex.Pattern.compile(expression);
            } catch (PatternSyntaxException e) {
                throw new IllegalArgumentException(
                        "%s: @Pattern is no regular expression: %s"
                                .formatted(path, e.getDescription()),
                        e);
            }
        }

        void checkUsed() {
            for (Class<? extends Annotation> each : REFINEMENTS) {
                if (!used.contains(each) && any(each)) {
                    throw refused(path, misplaced(each));
                }
            }
        }

        private static String misplaced(Class<?> annotation) {
            String place =
                    annotation == Range.class
                            ? "numbers"
                            : annotation == Items.class ? "lists, sets, arrays and maps" : "text";
            return "@%s is for %s. Write it where one stands, as in List<@Length(max = 20) String>."
                    .formatted(annotation.getSimpleName(), place);
        }
    }
}
