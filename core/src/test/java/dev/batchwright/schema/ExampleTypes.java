package dev.batchwright.schema;

import org.jspecify.annotations.Nullable;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/** Types that the tests of this package share. */
final class ExampleTypes {
    private ExampleTypes() {}

    enum Urgency {
        @Description("Can wait.")
        LOW,
        @Name("very-high")
        HIGH
    }

    @Description("What a customer wants.")
    record Ticket(
            @Description("One line.") @Length(min = 3, max = 80) String title,
            Urgency urgency,
            @Range(min = 0, max = 1) double confidence,
            @Items(min = 1, max = 3) List<@Length(max = 20) String> tags,
            Optional<LocalDate> due) {}

    record Line(String article, @Range(min = 1) int count, BigDecimal price) {}

    record Order(@Name("order_id") String id, List<Line> items, Map<String, Line> extras) {}

    record Numbers(
            byte small,
            short shorter,
            int count,
            Long big,
            BigInteger huge,
            float rough,
            Double fine,
            BigDecimal exact,
            boolean yes) {}

    record Times(
            LocalDate date,
            LocalTime time,
            LocalDateTime local,
            Instant instant,
            OffsetDateTime offset,
            Duration span,
            UUID id,
            URI address) {}

    record Absent(
            Optional<String> text,
            OptionalInt count,
            OptionalLong big,
            OptionalDouble rate,
            @Nullable String note,
            List<@Nullable String> notes,
            Optional<List<Urgency>> urgencies) {}

    record Containers(
            Set<Urgency> urgencies,
            Map<Urgency, Set<String>> byUrgency,
            List<Map<String, List<Integer>>> deep) {}

    sealed interface Figure {
        record Circle(double radius) implements Figure {}

        @Name("box")
        record Rectangle(double width, double height) implements Figure {}

        record Nothing() implements Figure {}
    }

    record Drawing(Figure first, List<Figure> others, Map<String, Figure> named) {}

    record Tree(String name, List<Tree> children, Optional<Tree> twin) {}

    sealed interface Term {
        record Constant(long value) implements Term {}

        record Sum(Term left, @Description("The second one.") Term right) implements Term {}
    }

    record Even(int value) {
        Even {
            if (value % 2 != 0) {
                throw new IllegalArgumentException("must be even");
            }
        }
    }
}
