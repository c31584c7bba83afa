package dev.batchwright.schema;

import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Shape.Container;
import dev.batchwright.schema.Shape.Named;
import dev.batchwright.schema.Shape.RecordType;
import dev.batchwright.schema.Shape.Sequence;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A Java type as answers of a model have it: its JSON schema for the request, and the reading of
 * what comes back.
 *
 * <p>The type is a record, or anything that a record may hold:
 *
 * <ul>
 *   <li>{@code String}; {@code boolean}; {@code byte}, {@code short}, {@code int}, {@code long},
 *       {@code BigInteger}, {@code float}, {@code double}, {@code BigDecimal}, boxed or not;
 *   <li>enums, by their names;
 *   <li>{@code LocalDate}, {@code LocalTime}, {@code LocalDateTime}, {@code Instant}, {@code
 *       OffsetDateTime}, {@code Duration}, {@code UUID}, {@code URI}, which are strings in ISO 8601
 *       or their usual form;
 *   <li>{@code List}, {@code Collection}, {@code Set} and arrays;
 *   <li>{@code Map} with keys that are texts or an enum: in JSON an array of objects {@code {"key":
 *       .., "value": ..}}, as strict schemas have no open objects;
 *   <li>{@code Optional}, {@code OptionalInt}, {@code OptionalLong}, {@code OptionalDouble}, and
 *       whatever is annotated {@code @Nullable}: required, but {@code null} in JSON where it is
 *       absent;
 *   <li>records, which may contain themselves by way of an {@code Optional}, a list or a variant;
 *   <li>sealed interfaces of records: one object for each variant, with a property {@code type}
 *       that has the variant's simple name.
 * </ul>
 *
 * <p>{@link Description}, {@link Name}, {@link Range}, {@link Length}, {@link Items} and {@link
 * Pattern} say more. Names in JSON are those in Java.
 *
 * <p>Providers want an object at the top: a type that is no record is wrapped into one, with the
 * single property {@code value}.
 *
 * <p>Making one costs reflection over the type: make it once and keep it. It is immutable and safe
 * for any thread.
 *
 * @param <T> the type of the values
 */
public final class Schema<T> {
    private static final String WRAPPER = "value";
    private static final int LONGEST_NAME = 64;

    private final Class<?> type;
    private final String name;
    private final Model model;
    private final Shape root;
    private final Map<Dialect, RawJson> written = new ConcurrentHashMap<>();

    private Schema(Class<?> type, String name, Model model, Shape root) {
        this.type = type;
        this.name = name;
        this.model = model;
        this.root = root;
    }

    /**
     * The schema of a type.
     *
     * @param <T> the type of the values
     * @param type usually a record
     * @return its schema
     * @throws IllegalArgumentException if the type, or one that it contains, can't be described or
     *     constructed; the message has the path to it, as in {@code Ticket.lines[].price}
     */
    public static <T> Schema<T> of(Class<T> type) {
        Model model = Model.of(type);
        return new Schema<>(type, nameOf(type.getSimpleName()), model, model.root());
    }

    /**
     * The schema of a list of a type, for an answer that holds many.
     *
     * @param <T> the type of the elements
     * @param element usually a record
     * @return the schema of the list
     * @throws IllegalArgumentException as {@link #of}
     */
    public static <T> Schema<List<T>> listOf(Class<T> element) {
        Model model = Model.of(element);
        var list = new Sequence(Container.LIST, Object.class, model.root(), 0, Integer.MAX_VALUE);
        return new Schema<>(element, nameOf(element.getSimpleName() + "_list"), model, list);
    }

    // What a name of a schema may hold at OpenAI.
    private static String nameOf(String typeName) {
        String name = typeName.replaceAll("[^A-Za-z0-9_-]", "_");
        return name.substring(0, Math.min(name.length(), LONGEST_NAME));
    }

    /**
     * {@return what the schema is called in requests: the simple name of the type, up to 64
     * letters}
     */
    public String name() {
        return name;
    }

    /**
     * Gives the JSON schema in a dialect.
     *
     * @param dialect that of the provider which gets it
     * @return a JSON object on one line
     * @throws IllegalArgumentException if the dialect has no form of it, as Anthropic's has none of
     *     recursive types, or its limits are exceeded
     */
    public RawJson json(Dialect dialect) {
        return written.computeIfAbsent(
                dialect, it -> SchemaWriter.write(model, root, WRAPPER, it, type.getSimpleName()));
    }

    /**
     * Reads an answer: finds the one JSON value in it, which prose or a fence may surround, and
     * makes a value of it.
     *
     * <p>Types, missing fields, bounds and patterns are checked, and a record's constructor may
     * refuse what it is given by an exception, the message of which becomes part of the reason.
     * Fields that the type does not have are ignored, whole numbers may be written {@code 3.0}, an
     * absent {@code Optional} may be missing, and a map may also be an object. An answer that
     * breaks off, has a key twice or holds several values that fit is invalid. At most 16 million
     * characters and 200 levels are read, in time proportional to the length.
     *
     * @param answer what the model wrote
     * @return the value, or why there is none
     * @throws Error if a record's constructor throws one
     */
    public Parsed<T> parse(String answer) {
        return new AnswerReader<T>(model, root, wrapped()).read(answer);
    }

    /**
     * Gives a value as an answer would have it, for examples in a prompt or for tests; {@link
     * #parse} gives it back. Bounds are not checked.
     *
     * @param value of the schema's type
     * @return an object on one line
     * @throws IllegalArgumentException if it holds a {@code null} or a number that JSON has not
     */
    public RawJson toJson(T value) {
        return new ValueWriter(model).write(root, value, wrapped());
    }

    private Optional<String> wrapped() {
        boolean record =
                root instanceof Named(var named) && model.definition(named) instanceof RecordType;
        return record ? Optional.empty() : Optional.of(WRAPPER);
    }

    @Override
    public String toString() {
        return "Schema of " + name;
    }
}
