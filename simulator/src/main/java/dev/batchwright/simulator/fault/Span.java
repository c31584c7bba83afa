package dev.batchwright.simulator.fault;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The text form of a span of time: a number and a unit, like {@code 250ms}, {@code 1.5s}. */
public final class Span {
    private static final Pattern FORM = Pattern.compile("(\\d+(?:\\.\\d+)?)(us|ms|s|m|h)");

    private Span() {}

    /**
     * Reads a span.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static Duration parse(String text) {
        Matcher matcher = FORM.matcher(text.strip());
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "'%s' is not a span of time; write a number and us, ms, s, m or h, like 250ms"
                            .formatted(text));
        }
        long unit =
                switch (matcher.group(2)) {
                    case "us" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    default -> 3_600_000_000_000L;
                };
        return Duration.ofNanos(
                new BigDecimal(matcher.group(1)).multiply(BigDecimal.valueOf(unit)).longValue());
    }
}
