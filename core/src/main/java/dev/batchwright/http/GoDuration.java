package dev.batchwright.http;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as Go prints them and rate limit headers carry them: {@code 12ms}, {@code 8.64s},
 * {@code 6m0s}, {@code 1h2m3s}. A number without a unit is seconds.
 */
public final class GoDuration {
    private static final Pattern PART =
            Pattern.compile("(\\d{1,18}(?:\\.\\d{1,18})?)(ms|us|µs|μs|ns|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}(?:\\.\\d{1,18})?");

    private GoDuration() {}

    /** Empty unless the whole text is a duration. */
    public static Optional<Duration> parse(String text) {
        if (NUMBER.matcher(text).matches()) {
            return nanos(new BigDecimal(text).movePointRight(9));
        }
        BigDecimal sum = BigDecimal.ZERO;
        Matcher part = PART.matcher(text);
        int end = 0;
        while (part.find() && part.start() == end) {
            sum = sum.add(new BigDecimal(part.group(1)).multiply(unit(part.group(2))));
            end = part.end();
        }
        return end == text.length() && end > 0 ? nanos(sum) : Optional.empty();
    }

    private static BigDecimal unit(String name) {
        return BigDecimal.valueOf(
                switch (name) {
                    case "ns" -> 1L;
                    case "us", "µs", "μs" -> 1_000L;
                    case "ms" -> 1_000_000L;
                    case "s" -> 1_000_000_000L;
                    case "m" -> 60_000_000_000L;
                    default -> 3_600_000_000_000L;
                });
    }

    private static Optional<Duration> nanos(BigDecimal nanos) {
        BigDecimal whole = nanos.setScale(0, RoundingMode.CEILING);
        BigDecimal[] parts = whole.divideAndRemainder(BigDecimal.valueOf(1_000_000_000L));
        try {
            return Optional.of(
                    Duration.ofSeconds(parts[0].longValueExact(), parts[1].longValueExact()));
        } catch (ArithmeticException | DateTimeException beyondAnyCalendar) {
            return Optional.empty();
        }
    }
}
