package dev.batchwright.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import dev.batchwright.schema.ExampleTypes.Absent;
import dev.batchwright.schema.ExampleTypes.Containers;
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
import org.junit.jupiter.params.provider.ValueSource;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Random values: what is written fits the schema of every dialect, and reads back. */
class RoundTripTest {
    private static final JsonMapper JSON = new JsonMapper();
    private static final SchemaRegistry SCHEMAS =
            SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private static final int TIMES = 300;

    @ParameterizedTest
    @ValueSource(
            classes = {
                Ticket.class, Order.class, Numbers.class, Times.class, Absent.class,
                Containers.class, Figure.class, Drawing.class, Tree.class, Term.class,
                Urgency.class, String.class, Long.class
            })
    void a_value_fits_its_schema_and_reads_back(Class<?> type) throws ReflectiveOperationException {
        check(type);
    }

    private static <T> void check(Class<T> type) throws ReflectiveOperationException {
        Schema<T> schema = Schema.of(type);
        Map<Dialect, com.networknt.schema.Schema> dialects = dialects(schema);
        var random = new Random(7);
        for (int i = 0; i < TIMES; i++) {
            T value = type.cast(new RandomValues(random).of(type));
            String json = schema.toJson(value).toString();

            assertThat(schema.parse(json)).as(json).isEqualTo(new Parsed.Valid<>(value));
            assertThat(schema.parse("Sure {x}:\n```json\n" + json + "\n```\n{done}"))
                    .isEqualTo(new Parsed.Valid<>(value));
            dialects.forEach(
                    (dialect, validator) ->
                            assertThat(validator.validate(JSON.readTree(json)))
                                    .as("%s: %s", dialect, json)
                                    .isEmpty());
        }
    }

    private static Map<Dialect, com.networknt.schema.Schema> dialects(Schema<?> schema) {
        var dialects = new EnumMap<Dialect, com.networknt.schema.Schema>(Dialect.class);
        for (Dialect dialect : Dialect.values()) {
            boolean recursive = schema.json(Dialect.OPENAI).toString().contains("$defs");
            if (!recursive || dialect != Dialect.ANTHROPIC) {
                dialects.put(
                        dialect, SCHEMAS.getSchema(JSON.readTree(schema.json(dialect).toString())));
            }
        }
        return dialects;
    }

    /** What a strict schema refuses is also refused by reading, unless reading is lenient there. */
    @Test
    void a_damaged_value_never_reads_as_another_one() throws ReflectiveOperationException {
        Schema<Order> schema = Schema.of(Order.class);
        var random = new Random(11);
        int invalid = 0;
        for (int i = 0; i < TIMES; i++) {
            Order value = (Order) new RandomValues(random).of(Order.class);
            JsonNode damaged = JSON.readTree(schema.toJson(value).toString());
            damage(damaged, random);
            if (schema.parse(damaged.toString()) instanceof Parsed.Valid<Order>(var read)) {
                assertThat(schema.toJson(read).toString())
                        .isEqualTo(schema.toJson(value).toString());
            } else {
                invalid++;
            }
        }
        assertThat(invalid).isGreaterThan(TIMES / 2);
    }

    private static void damage(JsonNode root, Random random) {
        List<JsonNode> objects = root.findParents("price");
        var object =
                (ObjectNode)
                        (objects.isEmpty() ? root : objects.get(random.nextInt(objects.size())));
        List<String> names = List.copyOf(object.propertyNames());
        String name = names.get(random.nextInt(names.size()));
        switch (random.nextInt(3)) {
            case 0 -> object.remove(name);
            case 1 -> object.putNull(name);
            default -> object.putObject(name).put("oops", true);
        }
    }

    @Test
    void what_json_has_not_is_not_written() {
        assertThatThrownBy(() -> Schema.of(Double.class).toJson(Double.NaN))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("$ is infinite or no number, which JSON has no form of.");
        assertThatThrownBy(
                        () -> Schema.of(Line.class).toJson(new Line(nothing(), 1, BigDecimal.ONE)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("$.article is null");
    }

    @SuppressWarnings("NullAway") // what a caller without its checks does
    private static String nothing() {
        return null;
    }
}
