package dev.batchwright.config;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * One table of the configuration while it is read. Each reader names a key, checks its value and
 * notes what is wrong; {@link #end} notes the keys that nobody asked for. Values are shown in
 * problems only where they can't be secrets: numbers and words that should have been one of a few.
 */
final class Section {
    private final String path;
    private final ObjectNode node;
    private final List<Problem> problems;
    private final TreeSet<String> known = new TreeSet<>();

    Section(String path, ObjectNode node, List<Problem> problems) {
        this.path = path;
        this.node = node;
        this.problems = problems;
    }

    String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    void problem(String key, String what) {
        problems.add(new Problem(path(key), what));
    }

    boolean has(String key) {
        return value(key).isPresent();
    }

    private Optional<JsonNode> value(String key) {
        known.add(key);
        return Optional.ofNullable(node.get(key)).filter(value -> !value.isNull());
    }

    private <T> Optional<T> read(
            String key, Function<JsonNode, Optional<T>> reader, String expected) {
        Optional<JsonNode> value = value(key);
        if (value.isEmpty()) {
            return Optional.empty();
        }
        Optional<T> read = reader.apply(value.get());
        if (read.isEmpty()) {
            problem(key, expected);
        }
        return read;
    }

    Optional<String> text(String key) {
        return read(
                key,
                value ->
                        value.isString() && !value.asString().isBlank()
                                ? Optional.of(value.asString().strip())
                                : Optional.empty(),
                "must be a text");
    }

    OptionalInt integer(String key, int least, int most) {
        OptionalLong value = wholeNumber(key, least, most);
        return value.isPresent()
                ? OptionalInt.of(Math.toIntExact(value.getAsLong()))
                : OptionalInt.empty();
    }

    OptionalLong wholeNumber(String key, long least, long most) {
        Optional<Long> value =
                read(
                        key,
                        node ->
                                node.isIntegralNumber()
                                                && node.canConvertToLong()
                                                && node.asLong() >= least
                                                && node.asLong() <= most
                                        ? Optional.of(node.asLong())
                                        : Optional.empty(),
                        "must be a whole number from %,d to %,d".formatted(least, most));
        return value.isPresent() ? OptionalLong.of(value.get()) : OptionalLong.empty();
    }

    Optional<BigDecimal> decimal(String key, int least, int most) {
        return read(
                key,
                node ->
                        node.isNumber()
                                        && node.decimalValue().compareTo(BigDecimal.valueOf(least))
                                                >= 0
                                        && node.decimalValue().compareTo(BigDecimal.valueOf(most))
                                                <= 0
                                ? Optional.of(node.decimalValue())
                                : Optional.empty(),
                "must be a number from %,d to %,d".formatted(least, most));
    }

    Optional<Duration> duration(String key, Duration least, Duration most) {
        return read(
                key,
                node ->
                        (node.isString() || node.isNumber()
                                        ? TimeSpan.parse(node.asString())
                                        : Optional.<Duration>empty())
                                .filter(
                                        span ->
                                                span.compareTo(least) >= 0
                                                        && span.compareTo(most) <= 0),
                "must be a time span such as %s, from %s to %s"
                        .formatted(TimeSpan.FORMS, seconds(least), seconds(most)));
    }

    private static String seconds(Duration span) {
        return span.toSeconds() > 0 || span.isZero()
                ? "%,d s".formatted(span.toSeconds())
                : span.toMillis() + " ms";
    }

    /** A list of words, each one of a few. */
    Optional<Set<String>> words(String key, Set<String> choices) {
        return read(
                key,
                node -> {
                    var words = new LinkedHashSet<String>();
                    node.forEach(word -> words.add(word.asString("")));
                    return node.isArray() && !words.isEmpty() && choices.containsAll(words)
                            ? Optional.of(words)
                            : Optional.empty();
                },
                "must be a list of some of these: " + String.join(", ", new TreeSet<>(choices)));
    }

    /** Text by name, such as headers. */
    Map<String, String> texts(String key) {
        var texts = new LinkedHashMap<String, String>();
        section(key)
                .ifPresent(
                        table ->
                                table.node
                                        .propertyNames()
                                        .forEach(
                                                name ->
                                                        table.text(name)
                                                                .ifPresent(
                                                                        text ->
                                                                                texts.put(
                                                                                        name,
                                                                                        text))));
        return texts;
    }

    Optional<Section> section(String key) {
        return read(key, value -> asSection(key, value), "must be a table of keys and values");
    }

    private Optional<Section> asSection(String key, JsonNode value) {
        return value instanceof ObjectNode table
                ? Optional.of(new Section(path(key), table, problems))
                : Optional.empty();
    }

    /** Every table in the table of this key, by its name, each read to its end. */
    void sections(String key, BiConsumer<String, Section> reader) {
        section(key).ifPresent(tables -> tables.each(reader));
    }

    /** Every table in this one, by its name, each read to its end. */
    void each(BiConsumer<String, Section> reader) {
        for (String name : node.propertyNames()) {
            boolean empty = value(name).isEmpty();
            Optional<Section> inner = empty ? asSection(name, node.objectNode()) : section(name);
            inner.ifPresent(
                    section -> {
                        reader.accept(name, section);
                        section.end();
                    });
        }
    }

    /** Notes the keys that are left over. */
    void end() {
        for (String name : node.propertyNames()) {
            if (!known.contains(name)) {
                problem(
                        name,
                        Suggestion.forWord(name, known)
                                .map("unknown key; did you mean `%s`?"::formatted)
                                .orElseGet(
                                        () ->
                                                "unknown key; known here: "
                                                        + String.join(", ", known)));
            }
        }
    }
}
