package dev.batchwright.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.schema.ExampleTypes.Absent;
import dev.batchwright.schema.ExampleTypes.Drawing;
import dev.batchwright.schema.ExampleTypes.Figure;
import dev.batchwright.schema.ExampleTypes.Line;
import dev.batchwright.schema.ExampleTypes.Numbers;
import dev.batchwright.schema.ExampleTypes.Order;
import dev.batchwright.schema.ExampleTypes.Term;
import dev.batchwright.schema.ExampleTypes.Ticket;
import dev.batchwright.schema.ExampleTypes.Times;
import dev.batchwright.schema.ExampleTypes.Tree;
import dev.batchwright.schema.ExampleTypes.Urgency;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.math.BigDecimal;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

class SchemaJsonTest {
    private static final JsonMapper JSON = new JsonMapper();

    @Test
    void a_record_becomes_a_closed_object_with_all_that_openai_knows() {
        assertThat(tree(Schema.of(Ticket.class), Dialect.OPENAI))
                .isEqualTo(
                        json(
                                """
                                {"type":"object","description":"What a customer wants.","properties":{
                                 "title":{"type":"string","description":"One line. From 3 to 80 characters."},
                                 "urgency":{"type":"string","enum":["LOW","very-high"],"description":"LOW: Can wait."},
                                 "confidence":{"type":"number","minimum":0,"maximum":1},
                                 "tags":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"string","description":"At most 20 characters."}},
                                 "due":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}},
                                 "required":["title","urgency","confidence","tags","due"],"additionalProperties":false}
                                """));
    }

    @Test
    void what_anthropic_does_not_know_is_said_in_words() {
        assertThat(tree(Schema.of(Ticket.class), Dialect.ANTHROPIC).path("properties"))
                .isEqualTo(
                        json(
                                """
                                {"title":{"type":"string","description":"One line. From 3 to 80 characters."},
                                 "urgency":{"type":"string","enum":["LOW","very-high"],"description":"LOW: Can wait."},
                                 "confidence":{"type":"number","description":"From 0 to 1."},
                                 "tags":{"type":"array","description":"From 1 to 3 elements.","items":{"type":"string","description":"At most 20 characters."}},
                                 "due":{"anyOf":[{"type":"string","format":"date"},{"type":"null"}]}}
                                """));
    }

    @Test
    void gemini_is_told_the_order_of_the_properties() {
        assertThat(tree(Schema.of(Ticket.class), Dialect.GEMINI).path("propertyOrdering"))
                .isEqualTo(json("[\"title\",\"urgency\",\"confidence\",\"tags\",\"due\"]"));
    }

    @Test
    void a_map_is_an_array_of_keys_and_values_as_strict_schemas_have_no_open_objects() {
        JsonNode extras = tree(Schema.of(Order.class), Dialect.OPENAI).at("/properties/extras");

        assertThat(extras.path("type").asString()).isEqualTo("array");
        assertThat(extras.at("/items/required")).isEqualTo(json("[\"key\",\"value\"]"));
        assertThat(extras.at("/items/properties/value/required"))
                .isEqualTo(json("[\"article\",\"count\",\"price\"]"));
        assertThat(extras.path("description").asString()).isEqualTo("Each key once.");
    }

    @Test
    void names_in_json_can_differ_from_those_in_java() {
        assertThat(tree(Schema.of(Order.class), Dialect.OPENAI).path("required"))
                .isEqualTo(json("[\"order_id\",\"items\",\"extras\"]"));
    }

    @Test
    void types_of_numbers_are_integer_or_number() {
        JsonNode properties = tree(Schema.of(Numbers.class), Dialect.OPENAI).path("properties");

        assertThat(properties.propertyStream().map(it -> it.getValue().path("type").asString()))
                .containsExactly(
                        "integer", "integer", "integer", "integer", "integer", "number", "number",
                        "number", "boolean");
    }

    static Stream<Arguments> formats() {
        return Stream.of(
                arguments(Dialect.OPENAI, "date", "date"),
                arguments(Dialect.OPENAI, "time", ""),
                arguments(Dialect.OPENAI, "local", ""),
                arguments(Dialect.OPENAI, "instant", "date-time"),
                arguments(Dialect.OPENAI, "offset", "date-time"),
                arguments(Dialect.OPENAI, "span", "duration"),
                arguments(Dialect.OPENAI, "id", "uuid"),
                arguments(Dialect.OPENAI, "address", ""),
                arguments(Dialect.ANTHROPIC, "address", "uri"),
                arguments(Dialect.GEMINI, "instant", "date-time"),
                arguments(Dialect.GEMINI, "span", ""));
    }

    @ParameterizedTest
    @MethodSource("formats")
    void a_format_is_named_where_it_is_known_and_told_elsewhere(
            Dialect dialect, String component, String format) {
        JsonNode property = tree(Schema.of(Times.class), dialect).at("/properties/" + component);

        assertThat(property.path("type").asString()).isEqualTo("string");
        assertThat(property.path("format").asString("")).isEqualTo(format);
        assertThat(property.has("description")).isEqualTo(format.isEmpty());
    }

    @Test
    void whatever_may_be_absent_is_required_and_nullable() {
        JsonNode schema = tree(Schema.of(Absent.class), Dialect.OPENAI);

        assertThat(schema.path("required").size()).isEqualTo(7);
        assertThat(schema.at("/properties/count"))
                .isEqualTo(json("{\"anyOf\":[{\"type\":\"integer\"},{\"type\":\"null\"}]}"));
        assertThat(schema.at("/properties/note"))
                .isEqualTo(json("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}"));
        assertThat(schema.at("/properties/notes/items"))
                .isEqualTo(json("{\"anyOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]}"));
    }

    @Test
    void a_sealed_interface_is_any_of_its_records_told_apart_by_their_type() {
        assertThat(tree(Schema.of(Drawing.class), Dialect.OPENAI).at("/properties/first"))
                .isEqualTo(
                        json(
                                """
                                {"anyOf":[
                                 {"type":"object","properties":{"type":{"type":"string","enum":["Circle"]},"radius":{"type":"number"}},"required":["type","radius"],"additionalProperties":false},
                                 {"type":"object","properties":{"type":{"type":"string","enum":["box"]},"width":{"type":"number"},"height":{"type":"number"}},"required":["type","width","height"],"additionalProperties":false},
                                 {"type":"object","properties":{"type":{"type":"string","enum":["Nothing"]}},"required":["type"],"additionalProperties":false}]}
                                """));
    }

    @Test
    void a_root_that_is_no_record_is_wrapped_into_one() {
        assertThat(tree(Schema.of(Urgency.class), Dialect.ANTHROPIC))
                .isEqualTo(
                        json(
                                """
                                {"type":"object","properties":{"value":{"type":"string","enum":["LOW","very-high"],"description":"LOW: Can wait."}},"required":["value"],"additionalProperties":false}
                                """));
        assertThat(tree(Schema.of(Figure.class), Dialect.OPENAI).at("/properties/value/anyOf"))
                .hasSize(3);
        assertThat(tree(Schema.listOf(Line.class), Dialect.OPENAI).at("/properties/value/type"))
                .isEqualTo(json("\"array\""));
    }

    @Test
    void a_recursive_type_is_a_definition_and_references_to_it() {
        JsonNode schema = tree(Schema.of(Tree.class), Dialect.OPENAI);

        assertThat(schema.at("/properties/children/items"))
                .isEqualTo(json("{\"$ref\":\"#/$defs/Tree\"}"));
        assertThat(schema.at("/$defs/Tree/properties/twin/anyOf/0"))
                .isEqualTo(json("{\"$ref\":\"#/$defs/Tree\"}"));
        assertThat(schema.at("/$defs/Tree/required"))
                .isEqualTo(json("[\"name\",\"children\",\"twin\"]"));
    }

    @Test
    void gemini_follows_a_cycle_only_through_what_is_not_required() {
        assertThat(tree(Schema.of(Tree.class), Dialect.GEMINI).at("/$defs/Tree/required"))
                .isEqualTo(json("[\"name\"]"));
    }

    @Test
    void nothing_stands_beside_a_reference() {
        assertThat(
                        tree(Schema.of(Term.class), Dialect.OPENAI)
                                .at("/$defs/Term/anyOf/1/properties/right"))
                .isEqualTo(
                        json(
                                "{\"anyOf\":[{\"$ref\":\"#/$defs/Term\"}],\"description\":\"The"
                                        + " second one.\"}"));
    }

    @Test
    void anthropic_takes_no_recursive_type() {
        assertThatThrownBy(() -> Schema.of(Tree.class).json(Dialect.ANTHROPIC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("Tree can contain itself");
    }

    record Seventeen(
            Optional<String> a,
            Optional<String> b,
            Optional<String> c,
            Optional<String> d,
            Optional<String> e,
            Optional<String> f,
            Optional<String> g,
            Optional<String> h,
            Optional<String> i,
            Optional<String> j,
            Optional<String> k,
            Optional<String> l,
            Optional<String> m,
            Optional<String> n,
            Optional<String> o,
            Optional<String> p,
            Optional<String> q) {}

    @Test
    void anthropic_takes_sixteen_unions() {
        assertThatThrownBy(() -> Schema.of(Seventeen.class).json(Dialect.ANTHROPIC))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("more than 16 places");
        assertThat(Schema.of(Seventeen.class).json(Dialect.OPENAI).length()).isPositive();
    }

    record One(Two in) {}

    record Two(Three in) {}

    record Three(Four in) {}

    record Four(Five in) {}

    record Five(Six in) {}

    record Six(Seven in) {}

    record Seven(Eight in) {}

    record Eight(Nine in) {}

    record Nine(Ten in) {}

    record Ten(Eleven in) {}

    record Eleven(int it) {}

    @Test
    void openai_takes_ten_levels() {
        assertThat(Schema.of(Two.class).json(Dialect.OPENAI).length()).isPositive();
        assertThatThrownBy(() -> Schema.of(One.class).json(Dialect.OPENAI))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("One has more than 10 levels of objects");
    }

    record Patterns(
            @Pattern("^[A-Z]{3}-[0-9]+$") String common,
            @Pattern("^(?<name>a)") String named,
            @Pattern("a(?=b)") String ahead,
            @Pattern("\\p{Lu}") String property) {}

    @Test
    void a_pattern_travels_if_it_is_not_javas_own() {
        JsonNode properties = tree(Schema.of(Patterns.class), Dialect.OPENAI).path("properties");

        assertThat(properties.at("/common/pattern").asString()).isEqualTo("^[A-Z]{3}-[0-9]+$");
        for (String each : List.of("named", "ahead", "property")) {
            assertThat(properties.path(each).has("pattern")).isFalse();
            assertThat(properties.path(each).path("description").asString())
                    .startsWith("Matches the regular expression ");
        }
        assertThat(tree(Schema.of(Patterns.class), Dialect.GEMINI).at("/properties/common"))
                .isEqualTo(
                        json(
                                "{\"type\":\"string\",\"description\":\"Matches the regular"
                                        + " expression ^[A-Z]{3}-[0-9]+$\"}"));
    }

    @SuppressWarnings("ArrayRecordComponent") // users have them
    record Arrays(@Items(max = 2) String[] texts, int @Items(min = 1) [] counts, int[][] table) {}

    @Test
    void bounds_of_an_array_may_stand_on_either_side() {
        JsonNode properties = tree(Schema.of(Arrays.class), Dialect.OPENAI).path("properties");

        assertThat(properties.path("texts"))
                .isEqualTo(
                        json(
                                "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"maxItems\":2}"));
        assertThat(properties.path("counts"))
                .isEqualTo(
                        json(
                                "{\"type\":\"array\",\"items\":{\"type\":\"integer\"},\"minItems\":1}"));
        assertThat(properties.at("/table/items/items/type").asString()).isEqualTo("integer");
    }

    record Bounded(
            @Range(min = -5, max = 100_000_000) Optional<Long> number,
            @Length(max = 5) @Pattern("a") Optional<String> text,
            @Items(max = 7) Optional<List<String>> list) {}

    @Test
    void bounds_before_an_optional_are_for_what_is_in_it() {
        JsonNode properties = tree(Schema.of(Bounded.class), Dialect.OPENAI).path("properties");

        assertThat(properties.at("/number/anyOf/0"))
                .isEqualTo(json("{\"type\":\"integer\",\"minimum\":-5,\"maximum\":100000000}"));
        assertThat(properties.at("/text/anyOf/0/pattern").asString()).isEqualTo("a");
        assertThat(properties.at("/list/anyOf/0/maxItems").asInt()).isEqualTo(7);
    }

    @ParameterizedTest
    @EnumSource(Dialect.class)
    void every_object_is_closed(Dialect dialect) {
        assertClosed(tree(Schema.of(Drawing.class), dialect));
        assertClosed(tree(Schema.of(Order.class), dialect));
    }

    private static void assertClosed(JsonNode schema) {
        if (schema.path("type").asString("").equals("object")) {
            assertThat(schema.path("additionalProperties")).isEqualTo(json("false"));
            assertThat(schema.path("required")).hasSize(schema.path("properties").size());
        }
        schema.forEach(SchemaJsonTest::assertClosed);
    }

    record WithDate(List<Inner> lines) {
        record Inner(Date at) {}
    }

    record WithRaw(@SuppressWarnings("rawtypes") List list) {}

    record WithWildcard(List<?> list) {}

    record Generic<X>(X value) {}

    record WithGeneric(Generic<String> in) {}

    record WithNumberKeys(Map<Integer, String> map) {}

    record Endless(Endless next) {}

    record MisplacedLength(@Length(max = 3) List<String> tags) {}

    record MisplacedRange(@Range(min = 3) String text) {}

    record EmptyRange(@Range(min = 3, max = 2) int number) {}

    record NegativeLength(@Length(min = -1) String text) {}

    record BadPattern(@Pattern("(") String text) {}

    record TwiceAbsent(Optional<Optional<String>> text) {}

    record SameName(@Name("b") String a, String b) {}

    sealed interface Taken {
        record It(String type) implements Taken {}
    }

    sealed interface NotOnlyRecords {
        record It(String a) implements NotOnlyRecords {}

        final class Other implements NotOnlyRecords {}
    }

    abstract static sealed class SealedClass {
        static final class It extends SealedClass {}
    }

    enum Empty {}

    static Stream<Arguments> refused() {
        return Stream.of(
                arguments(
                        WithDate.class,
                        "WithDate.lines[].at: a schema can't be made of java.util.Date."),
                arguments(
                        WithRaw.class,
                        "WithRaw.list: java.util.List is written without its type argument"),
                arguments(
                        WithWildcard.class,
                        "WithWildcard.list[]: ? is a type variable or wildcard"),
                arguments(Generic.class, "Generic: Generic has type parameters"),
                arguments(WithGeneric.class, "WithGeneric.in: Generic has type parameters"),
                arguments(WithNumberKeys.class, "WithNumberKeys.map: the keys of a map must be"),
                arguments(Endless.class, "Endless: it contains itself in every case"),
                arguments(MisplacedLength.class, "MisplacedLength.tags: @Length is for text"),
                arguments(MisplacedRange.class, "MisplacedRange.text: @Range is for numbers"),
                arguments(
                        EmptyRange.class, "EmptyRange.number: @Range has bounds that nothing fits"),
                arguments(NegativeLength.class, "NegativeLength.text: @Length has bounds"),
                arguments(BadPattern.class, "BadPattern.text: @Pattern is no regular expression"),
                arguments(TwiceAbsent.class, "TwiceAbsent.text: an Optional of something that may"),
                arguments(SameName.class, "SameName: two components are called `b` in JSON"),
                arguments(Taken.class, "Taken: It has a component `type`"),
                arguments(NotOnlyRecords.class, "is no record"),
                arguments(SealedClass.class, "is a sealed class"),
                arguments(Empty.class, "Empty has no constant"),
                arguments(Object.class, "Object: a schema can't be made of java.lang.Object"),
                arguments(char.class, "char: a schema can't be made of char"),
                arguments(Thread.class, "a schema can't be made of java.lang.Thread"));
    }

    @ParameterizedTest
    @MethodSource("refused")
    void what_has_no_schema_is_refused_with_its_place(Class<?> type, String message) {
        assertThatThrownBy(() -> Schema.of(type))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void a_name_is_one_that_openai_takes() {
        assertThat(Schema.of(Ticket.class).name()).isEqualTo("Ticket");
        assertThat(Schema.listOf(Ticket.class).name()).isEqualTo("Ticket_list");
        assertThat(Schema.of(String[].class).name()).isEqualTo("String__");
    }

    @Test
    void a_dialect_is_that_of_the_endpoint_or_of_the_provider() {
        assertThat(Dialect.ofEndpoint("/v1/chat/completions")).isEqualTo(Dialect.OPENAI);
        assertThat(Dialect.ofEndpoint("/v1/messages")).isEqualTo(Dialect.ANTHROPIC);
        assertThat(Dialect.ofEndpoint("/v1beta/models/{model}:generateContent"))
                .isEqualTo(Dialect.GEMINI);
        assertThat(Dialect.ofProvider("anthropic")).isEqualTo(Dialect.ANTHROPIC);
        assertThat(Dialect.ofProvider("mistral")).isEqualTo(Dialect.OPENAI);
    }

    @Test
    void a_sum_names_its_exact_bounds() {
        record Money(@Range(min = 0.05) BigDecimal amount) {}

        assertThat(tree(Schema.of(Money.class), Dialect.OPENAI).at("/properties/amount/minimum"))
                .isEqualTo(json("0.05"));
    }

    private static JsonNode tree(Schema<?> schema, Dialect dialect) {
        return json(schema.json(dialect).toString());
    }

    private static JsonNode json(String json) {
        return JSON.readTree(json);
    }
}
