package dev.batchwright.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.batchwright.schema.ExampleTypes.Absent;
import dev.batchwright.schema.ExampleTypes.Containers;
import dev.batchwright.schema.ExampleTypes.Even;
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
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

class ParseTest {
    private static final String LINE = "{\"article\":\"pen\",\"count\":2,\"price\":1.50}";
    private static final Line PEN = new Line("pen", 2, new BigDecimal("1.50"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                LINE,
                " \n" + LINE + "\n ",
                "```json\n" + LINE + "\n```",
                "```\n" + LINE + "```",
                "Here it is:\n\n```json\n" + LINE + "\n```\nAnything else?",
                "The set {a, b} and f(x) = {x} and {\"a\"} give " + LINE + " (see [1]).",
                LINE + "\n\nOnce more: " + LINE,
                "A first try was {\"article\":\"pen\"}, but in the end: " + LINE,
                "\uFEFF" + LINE,
                "[" + LINE + "]",
                "{\"article\":\"pen\",\"color\":\"blue\",\"count\":2,\"price\":1.50,\"more\":{\"a\":[1]}}",
                "{\"article\":\"pen\",\"count\":2.0,\"price\":1.50}",
                "{\"article\":\"pen\",\"count\":20e-1,\"price\":1.50}"
            })
    void the_one_value_is_found_in_whatever_surrounds_it(String answer) {
        assertThat(Schema.of(Line.class).parse(answer)).isEqualTo(new Parsed.Valid<>(PEN));
    }

    static Stream<Arguments> unfit() {
        return Stream.of(
                arguments(Line.class, "", "$: the answer holds no JSON object."),
                arguments(Line.class, "I can't do that.", "$: the answer holds no JSON object."),
                arguments(Line.class, "\"pen\"", "$: the answer holds no JSON object."),
                arguments(Line.class, "{", "$: the JSON breaks off before its end."),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":2",
                        "$: the JSON breaks off before its end."),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":2,}",
                        "$: the JSON has a mistake in line 1, column 28 of it."),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"article\":\"pen\",\"count\":2,\"price\":1}",
                        "$: an object of the JSON has a key twice."),
                arguments(
                        Line.class,
                        LINE + LINE.replace("pen", "ink"),
                        "$: the answer holds more than one JSON value that fits. Answer with one."),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":\"2\",\"price\":1}",
                        "$.count: expected a whole number, got a string"),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":2.5,\"price\":1}",
                        "$.count: expected a whole number, got a fraction"),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":0,\"price\":1}",
                        "$.count: expected at least 1, got less"),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":2147483648,\"price\":1}",
                        "$.count: expected a whole number from -2147483648 to 2147483647"),
                arguments(
                        Line.class,
                        "{\"article\":\"pen\",\"count\":1e999999999,\"price\":1}",
                        "$.count: the number is too large"),
                arguments(
                        Line.class,
                        "{\"article\":null,\"count\":true,\"price\":[]}",
                        "$.article: expected a string, got null; $.count: expected a whole number,"
                                + " got a boolean; $.price: expected a number, got an array"),
                arguments(
                        Line.class,
                        "{\"count\":1,\"price\":1}",
                        "$.article: missing; expected a string"),
                arguments(
                        Order.class,
                        "{\"order_id\":\"7\",\"items\":["
                                + LINE
                                + ",{\"article\":\"ink\",\"count\":1,\"price\":\"2\"}],\"extras\":[]}",
                        "$.items[1].price: expected a number, got a string"),
                arguments(
                        Order.class,
                        "{\"order_id\":\"7\",\"items\":{},\"extras\":[{\"key\":\"a\"},1,{\"key\":\"b\",\"value\":"
                                + LINE
                                + "},{\"key\":\"b\",\"value\":"
                                + LINE
                                + "}]}",
                        "$.items: expected an array, got an object; $.extras[0]: expected an object"
                            + " with `key` and `value`; $.extras[1]: expected an object with `key`"
                            + " and `value`, got a number; $.extras[3].key: this key is there"
                            + " twice"),
                arguments(
                        Order.class,
                        "{\"order_id\":\"7\",\"items\":[],\"extras\":{\"secret\":1}}",
                        "$.extras.*: expected an object, got a number"),
                arguments(
                        Ticket.class,
                        "{\"title\":\"ab\",\"urgency\":\"HIGH\",\"confidence\":1.01,\"tags\":[],\"due\":\"tomorrow\"}",
                        "$.title: expected 3 to 80 characters, got 2; $.urgency: expected one of"
                            + " \"LOW\", \"very-high\", got another string; $.confidence: expected"
                            + " at most 1, got more; $.tags: expected 1 to 3 elements, got 0;"
                            + " $.due: expected a date such as 2026-11-20, got another string"),
                arguments(
                        Figure.class,
                        "{\"value\":{\"radius\":1}}",
                        "$.value.type: missing; expected one of \"Circle\", \"box\", \"Nothing\""),
                arguments(
                        Figure.class,
                        "{\"type\":\"Rectangle\",\"width\":1,\"height\":2}",
                        "$.type: expected one of \"Circle\", \"box\", \"Nothing\", got another"
                                + " string"),
                arguments(
                        Figure.class,
                        "{\"value\":{\"type\":\"box\",\"width\":1}}",
                        "$.value.height: missing; expected a number"),
                arguments(Even.class, "{\"value\":3}", "$: must be even"),
                arguments(
                        Numbers.class,
                        "{\"small\":128,\"shorter\":-32769,\"count\":1,\"big\":9223372036854775808,\"huge\":1,\"rough\":1e39,\"fine\":1e309,\"exact\":1,\"yes\":\"true\"}",
                        "$.small: expected a whole number from -128 to 127; $.shorter: expected a"
                            + " whole number from -32768 to 32767; $.big: expected a whole number"
                            + " from -9223372036854775808 to 9223372036854775807; $.rough: the"
                            + " number is too large; $.fine: the number is too large"),
                arguments(
                        Times.class,
                        "{\"date\":\"2026-02-30\",\"time\":\"14:30:00Z\",\"local\":\"2026-11-20\",\"instant\":\"2026-11-20T10:00:00\",\"offset\":1,\"span\":\"1h\",\"id\":\"1-1-1-1-1\",\"address\":\"a"
                            + " b\"}",
                        "$.date: expected a date such as 2026-11-20, got another string; $.time:"
                            + " expected a time of day without zone such as 14:30:00, got another"
                            + " string; $.local: expected a date and time without zone such as"
                            + " 2026-11-20T14:30:00, got another string; $.instant: expected a date"
                            + " and time with its offset such as 2026-11-20T14:30:00Z, got another"
                            + " string; $.offset: expected a date and time with its offset such as"
                            + " 2026-11-20T14:30:00+01:00, got a number"));
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void what_does_not_fit_is_told_in_words(Class<?> type, String answer, String reason) {
        Parsed<?> parsed = Schema.of(type).parse(answer);

        assertThat(parsed).isInstanceOf(Parsed.Invalid.class);
        var invalid = (Parsed.Invalid<?>) parsed;
        assertThat(invalid.reason()).isEqualTo(reason.replaceFirst("^\\$: (the|an) ", "$1 "));
        assertThat(invalid.path()).isEqualTo(reason.replaceFirst(": (?s:.*)", ""));
    }

    @Test
    void a_part_of_a_broken_answer_does_not_count_as_an_answer() {
        Schema<Tree> schema = Schema.of(Tree.class);
        String leaf = "{\"name\":\"leaf\",\"children\":[],\"twin\":null}";

        assertThat(schema.parse("{\"name\":\"root\",\"children\":[" + leaf + ",{\"name\":"))
                .isInstanceOf(Parsed.Invalid.class);
        assertThat(schema.parse("{\"name\":\"root\",\"children\":[" + leaf + ",oops]}"))
                .isInstanceOf(Parsed.Invalid.class);
        assertThat(Schema.listOf(Tree.class).parse("[" + leaf + ",{\"name\":"))
                .isInstanceOf(Parsed.Invalid.class);
    }

    record Silent(int value) {
        Silent {
            if (value < 0) {
                throw new IllegalStateException();
            }
        }
    }

    record Broken(int value) {
        Broken {
            if (value == 1) {
                throw new AssertionError("broken");
            }
        }
    }

    @Test
    void a_constructor_that_refuses_without_a_word_is_named() {
        assertThat(Schema.of(Silent.class).parse("{\"value\":-1}"))
                .isEqualTo(
                        new Parsed.Invalid<>(
                                "$: Silent refuses these values (IllegalStateException)", "$"));
    }

    @Test
    void an_error_in_a_constructor_is_no_answer_that_does_not_fit() {
        assertThatThrownBy(() -> Schema.of(Broken.class).parse("{\"value\":1}"))
                .isInstanceOf(AssertionError.class);
    }

    @Test
    void what_may_be_absent_may_be_null_or_missing() {
        Parsed<Absent> missing = Schema.of(Absent.class).parse("{\"notes\":[null]}");
        Parsed<Absent> nulls =
                Schema.of(Absent.class)
                        .parse(
                                "{\"text\":null,\"count\":null,\"big\":null,\"rate\":null,\"note\":null,\"notes\":[null],\"urgencies\":null}");

        assertThat(missing).isInstanceOf(Parsed.Valid.class).isEqualTo(nulls);
    }

    @Test
    void a_component_that_leads_back_may_be_missing() {
        assertThat(Schema.of(Tree.class).parse("{\"name\":\"a\"}"))
                .isEqualTo(
                        new Parsed.Valid<>(new Tree("a", List.of(), java.util.Optional.empty())));
        assertThat(
                        Schema.of(Term.class)
                                .parse(
                                        "{\"type\":\"Sum\",\"left\":{\"type\":\"Constant\",\"value\":1}}"))
                .isInstanceOf(Parsed.Invalid.class);
    }

    @Test
    void a_map_may_also_be_an_object() {
        assertThat(
                        Schema.of(Order.class)
                                .parse(
                                        "{\"order_id\":\"7\",\"items\":[],\"extras\":{\"a\":"
                                                + LINE
                                                + "}}"))
                .isEqualTo(new Parsed.Valid<>(new Order("7", List.of(), Map.of("a", PEN))));
    }

    @Test
    void what_is_equal_is_once_in_a_set() {
        assertThat(
                        Schema.of(Containers.class)
                                .parse(
                                        "{\"urgencies\":[\"LOW\",\"LOW\"],\"byUrgency\":[],\"deep\":[]}"))
                .isEqualTo(
                        new Parsed.Valid<>(
                                new Containers(Set.of(Urgency.LOW), Map.of(), List.of())));
    }

    @Test
    void a_wrapped_root_may_come_without_its_wrapper() {
        var both = new Parsed.Valid<>(List.of(PEN, PEN));
        Schema<List<Line>> schema = Schema.listOf(Line.class);

        assertThat(schema.parse("{\"value\":[" + LINE + "," + LINE + "]}")).isEqualTo(both);
        assertThat(schema.parse("As [1] says: [" + LINE + "," + LINE + "]")).isEqualTo(both);
        assertThat(Schema.of(Urgency.class).parse("{\"value\":\"LOW\"}"))
                .isEqualTo(new Parsed.Valid<>(Urgency.LOW));
        assertThat(Schema.of(Urgency.class).parse("{\"answer\":\"LOW\"}"))
                .isEqualTo(
                        new Parsed.Invalid<>(
                                "$.value: missing; expected one of \"LOW\", \"very-high\"",
                                "$.value"));
    }

    @Test
    void lists_sets_and_maps_can_not_be_changed() {
        var order =
                (Parsed.Valid<Order>)
                        Schema.of(Order.class)
                                .parse("{\"order_id\":\"7\",\"items\":[],\"extras\":[]}");

        assertThatThrownBy(() -> order.value().items().add(PEN))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> order.value().extras().put("a", PEN))
                .isInstanceOf(UnsupportedOperationException.class);
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                arguments("{".repeat(1_000_000)),
                arguments("[".repeat(1_000_000)),
                arguments("{\"a\":".repeat(1_000_000)),
                arguments("[[".repeat(200_000) + "]]".repeat(200_000)),
                arguments("{\"" + "a{\"".repeat(300_000)),
                arguments("{\"value\":" + "[".repeat(100_000)),
                arguments("{\"value\":" + "9".repeat(1_000_000) + "}"),
                arguments("{\"value\":1e" + "9".repeat(500) + "}"),
                arguments("{\"value\":1}".repeat(100_000).replace("1}1", "2}")),
                arguments("x".repeat(17_000_000)),
                arguments("\ud800{\"value\":\"\\ud800\"}"));
    }

    @ParameterizedTest
    @MethodSource("hostile")
    @Timeout(20)
    void a_hostile_answer_is_read_in_time_and_refused(String answer) {
        assertThat(Schema.listOf(Tree.class).parse(answer)).isInstanceOf(Parsed.Invalid.class);
    }
}
