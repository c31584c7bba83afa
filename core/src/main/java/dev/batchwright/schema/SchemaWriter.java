package dev.batchwright.schema;

import dev.batchwright.job.RawJson;
import dev.batchwright.schema.Shape.Choice;
import dev.batchwright.schema.Shape.Component;
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

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Writes the schema of a model in one dialect. What is recursive becomes a definition and
 * references to it; everything else stands where it is used, as the providers take no description
 * beside a reference. What the dialect does not know is said in descriptions.
 */
final class SchemaWriter {
    private static final JsonMapper JSON = new JsonMapper();

    // OpenAI's, from its guide to structured outputs.
    private static final int MOST_PROPERTIES = 5_000;
    private static final int MOST_LEVELS = 10;
    private static final int MOST_CONSTANTS = 1_000;
    private static final int MOST_CHARACTERS = 120_000;
    // From Anthropic's refusal: "Schemas contains too many parameters with union types".
    private static final int MOST_UNIONS = 16;

    /** What only Java's expressions have: groups that look around or are named, greed, \Q, \p. */
    private static final Pattern JAVAS_OWN =
            Pattern.compile("\\(\\?(?!:)|[*+?}]\\+|\\\\[QEAZzGbBkpPhHvVRX0-9]|&&");

    private final Model model;
    private final Dialect dialect;
    private final String title;
    private final Map<Class<?>, String> names = new LinkedHashMap<>();
    private final ObjectNode definitions = JSON.createObjectNode();
    private int properties;
    private int constants;
    private int characters;
    private int unions;

    private SchemaWriter(Model model, Dialect dialect, String title) {
        this.model = model;
        this.dialect = dialect;
        this.title = title;
    }

    /**
     * @param wrapper the property that holds a root which is no record
     * @throws IllegalArgumentException if the dialect can't say it, or not so much of it
     */
    static RawJson write(Model model, Shape root, String wrapper, Dialect dialect, String title) {
        var writer = new SchemaWriter(model, dialect, title);
        ObjectNode schema = writer.root(root, wrapper);
        if (!writer.definitions.isEmpty()) {
            schema.set("$defs", writer.definitions);
        }
        return RawJson.of(JSON.writeValueAsBytes(schema));
    }

    private ObjectNode root(Shape root, String wrapper) {
        if (root instanceof Named(var type) && model.definition(type) instanceof RecordType it) {
            return object(it, Optional.empty(), Optional.empty(), 1);
        }
        ObjectNode schema = JSON.createObjectNode().put("type", "object");
        count(wrapper);
        schema.putObject("properties").set(wrapper, schema(root, Optional.empty(), 1));
        return closed(schema, List.of(wrapper), List.of(wrapper));
    }

    private ObjectNode schema(Shape shape, Optional<String> description, int level) {
        return switch (shape) {
            case Text it -> text(it, description);
            case Numeric it -> number(it, description);
            case Truth it -> described(type("boolean"), description, List.of());
            case Formatted it -> formatted(it.format(), description);
            case Choice it -> choice(it, description);
            case Sequence it -> {
                ObjectNode schema = type("array");
                schema.set("items", schema(it.element(), Optional.empty(), level));
                yield sized(schema, it.min(), it.max(), description);
            }
            case Entries it -> entries(it, description, level);
            case Maybe it -> maybe(it, description, level);
            case Named it -> named(it, description, level);
        };
    }

    private static ObjectNode type(String name) {
        return JSON.createObjectNode().put("type", name);
    }

    private static ObjectNode described(
            ObjectNode schema, Optional<String> description, List<String> words) {
        var all = new ArrayList<String>();
        description.ifPresent(all::add);
        all.addAll(words);
        if (!all.isEmpty()) {
            schema.put("description", String.join(" ", all));
        }
        return schema;
    }

    private ObjectNode text(Text text, Optional<String> description) {
        var words = new ArrayList<String>();
        // No strict dialect knows lengths of text.
        sizeInWords(text.min(), text.max(), "character").ifPresent(words::add);
        ObjectNode schema = type("string");
        if (text.pattern().isPresent()) {
            String expression = text.pattern().get().pattern();
            boolean common =
                    text.pattern().get().flags() == 0 && !JAVAS_OWN.matcher(expression).find();
            if (dialect.knowsPatterns() && common) {
                schema.put("pattern", expression);
            } else {
                words.add("Matches the regular expression %s".formatted(expression));
            }
        }
        return described(schema, description, words);
    }

    private ObjectNode number(Numeric number, Optional<String> description) {
        ObjectNode schema = type(number.whole() ? "integer" : "number");
        boolean least = number.min() != Double.NEGATIVE_INFINITY;
        boolean most = number.max() != Double.POSITIVE_INFINITY;
        if (!dialect.knowsBounds()) {
            var words = new ArrayList<String>();
            if (least && most) {
                words.add("From %s to %s.".formatted(plain(number.min()), plain(number.max())));
            } else if (least) {
                words.add("At least %s.".formatted(plain(number.min())));
            } else if (most) {
                words.add("At most %s.".formatted(plain(number.max())));
            }
            return described(schema, description, words);
        }
        if (least) {
            schema.put("minimum", plain(number.min()));
        }
        if (most) {
            schema.put("maximum", plain(number.max()));
        }
        return described(schema, description, List.of());
    }

    /** Without the fraction that a whole number does not have. */
    static BigDecimal plain(double value) {
        BigDecimal stripped = BigDecimal.valueOf(value).stripTrailingZeros();
        return stripped.scale() < 0 ? stripped.setScale(0) : stripped;
    }

    private ObjectNode formatted(Format format, Optional<String> description) {
        ObjectNode schema = type("string");
        if (dialect.knowsFormat(format.jsonName())) {
            return described(schema.put("format", format.jsonName()), description, List.of());
        }
        String words = format.words();
        return described(
                schema,
                description,
                List.of(Character.toUpperCase(words.charAt(0)) + words.substring(1) + "."));
    }

    private ObjectNode choice(Choice choice, Optional<String> description) {
        ObjectNode schema = type("string");
        ArrayNode names = schema.putArray("enum");
        for (String name : choice.constants().keySet()) {
            names.add(name);
            characters += name.length();
            constants++;
        }
        check(constants, MOST_CONSTANTS, "constants of enums");
        List<String> words =
                choice.descriptions().entrySet().stream()
                        .map(it -> "%s: %s".formatted(it.getKey(), it.getValue()))
                        .toList();
        return described(schema, description.or(() -> descriptionOf(choice.type())), words);
    }

    private static Optional<String> descriptionOf(Class<?> type) {
        return Optional.ofNullable(type.getAnnotation(Description.class)).map(Description::value);
    }

    private ObjectNode entries(Entries map, Optional<String> description, int level) {
        ObjectNode entry = type("object");
        ObjectNode fields = entry.putObject("properties");
        count("key");
        count("value");
        fields.set("key", schema(map.key(), Optional.empty(), level + 1));
        fields.set("value", schema(map.value(), Optional.empty(), level + 1));
        closed(entry, List.of("key", "value"), List.of("key", "value"));
        ObjectNode schema = type("array");
        schema.set("items", entry);
        return sized(
                schema,
                map.min(),
                map.max(),
                Optional.of(description.map(it -> it + " ").orElse("") + "Each key once."));
    }

    private ObjectNode sized(ObjectNode schema, int min, int max, Optional<String> description) {
        if (!dialect.knowsBounds()) {
            return described(
                    schema, description, sizeInWords(min, max, "element").stream().toList());
        }
        if (min > 0) {
            schema.put("minItems", min);
        }
        if (max < Integer.MAX_VALUE) {
            schema.put("maxItems", max);
        }
        return described(schema, description, List.of());
    }

    /** As in "From 1 to 5 elements."; empty where any size will do. */
    private static Optional<String> sizeInWords(int min, int max, String unit) {
        if (max < Integer.MAX_VALUE) {
            return Optional.of(
                    min > 0
                            ? "From %,d to %,d %ss.".formatted(min, max, unit)
                            : "At most %,d %s%s.".formatted(max, unit, max == 1 ? "" : "s"));
        }
        return min > 0
                ? Optional.of("At least %,d %s%s.".formatted(min, unit, min == 1 ? "" : "s"))
                : Optional.empty();
    }

    private ObjectNode maybe(Maybe maybe, Optional<String> description, int level) {
        ObjectNode schema = JSON.createObjectNode();
        ArrayNode choices = schema.putArray("anyOf");
        countUnion();
        choices.add(schema(maybe.inner(), Optional.empty(), level));
        choices.add(type("null"));
        return described(schema, description, List.of());
    }

    private ObjectNode named(Named named, Optional<String> description, int level) {
        Definition definition = model.definition(named.type());
        if (!model.recursive(named.type())) {
            return definition(definition, description, level + 1);
        }
        if (!dialect.knowsRecursion()) {
            throw new IllegalArgumentException(
                    "%s: %s can contain itself, and the structured output of Anthropic takes no recursive schema. Write out as many levels as you need, or use another provider."
                            .formatted(title, named.type().getSimpleName()));
        }
        ObjectNode reference =
                JSON.createObjectNode().put("$ref", "#/$defs/" + define(named.type(), definition));
        if (description.isEmpty()) {
            return reference;
        }
        // Beside a reference nothing else may stand.
        ObjectNode around = JSON.createObjectNode();
        around.putArray("anyOf").add(reference);
        return described(around, description, List.of());
    }

    private String define(Class<?> type, Definition definition) {
        String known = names.get(type);
        if (known != null) {
            return known;
        }
        String name = definition.name().replaceAll("[^A-Za-z0-9_]", "_");
        String free = name;
        for (int i = 2; names.containsValue(free); i++) {
            free = name + "_" + i;
        }
        names.put(type, free);
        characters += free.length();
        // Its place is taken first: in its own body stands the next reference to it.
        definitions.putNull(free);
        definitions.set(free, definition(definition, Optional.empty(), 1));
        return free;
    }

    private ObjectNode definition(Definition definition, Optional<String> description, int level) {
        return switch (definition) {
            case RecordType it -> object(it, Optional.empty(), description, level);
            case Union it -> {
                ObjectNode schema = JSON.createObjectNode();
                ArrayNode variants = schema.putArray("anyOf");
                countUnion();
                it.variants()
                        .forEach(
                                (name, variant) ->
                                        variants.add(
                                                object(
                                                        variant,
                                                        Optional.of(name),
                                                        Optional.empty(),
                                                        level)));
                yield described(schema, description.or(it::description), List.of());
            }
        };
    }

    /**
     * @param variant the value of the discriminator, where one is needed
     */
    private ObjectNode object(
            RecordType type, Optional<String> variant, Optional<String> description, int level) {
        check(level, MOST_LEVELS, "levels of objects");
        ObjectNode schema = type("object");
        ObjectNode fields = schema.putObject("properties");
        var all = new ArrayList<String>();
        var required = new ArrayList<String>();
        if (variant.isPresent()) {
            count(Union.DISCRIMINATOR);
            ObjectNode constant = type("string");
            constant.putArray("enum").add(variant.get());
            fields.set(Union.DISCRIMINATOR, constant);
            all.add(Union.DISCRIMINATOR);
            required.add(Union.DISCRIMINATOR);
        }
        for (Component each : type.components()) {
            count(each.name());
            fields.set(each.name(), schema(each.shape(), each.description(), level));
            all.add(each.name());
            // Gemini follows a cycle only through what is not required.
            if (dialect != Dialect.GEMINI || !each.leadsBack()) {
                required.add(each.name());
            }
        }
        return described(
                closed(schema, all, required), description.or(type::description), List.of());
    }

    private ObjectNode closed(ObjectNode schema, List<String> all, List<String> required) {
        ArrayNode names = schema.putArray("required");
        required.forEach(names::add);
        schema.put("additionalProperties", false);
        if (dialect == Dialect.GEMINI) {
            ArrayNode order = schema.putArray("propertyOrdering");
            all.forEach(order::add);
        }
        return schema;
    }

    private void count(String property) {
        characters += property.length();
        check(++properties, MOST_PROPERTIES, "properties");
        check(characters, MOST_CHARACTERS, "characters in names");
    }

    private void countUnion() {
        if (++unions > MOST_UNIONS && dialect == Dialect.ANTHROPIC) {
            throw new IllegalArgumentException(
                    "%s has more than %d places where one of several things can stand (Optional, nullable, sealed), which is the most that the structured output of Anthropic takes. Let an empty text or list stand for nothing, or split the type."
                            .formatted(title, MOST_UNIONS));
        }
    }

    // OpenAI's limits; of the others' nothing is published, and no smaller ones are needed.
    private void check(int number, int most, String what) {
        if (number > most) {
            throw new IllegalArgumentException(
                    "%s has more than %,d %s, which is the most that structured output takes. Split the type."
                            .formatted(title, most, what));
        }
    }
}
