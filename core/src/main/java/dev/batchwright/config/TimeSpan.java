package dev.batchwright.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Time spans as people write them, on the command line and in the configuration: {@code 500ms},
 * {@code 10s}, {@code 5m}, {@code 6h}, {@code 1.5h}, ISO-8601 ({@code PT1H30M}), or a bare number
 * of seconds.
 */
public final class TimeSpan {
    public static final String FORMS = "500ms, 10s, 5m, 6h or a number of seconds";

    private static final Pattern SPAN =
            Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)\\s*(ms|s|m|h|d|)");

    private TimeSpan() {}

    /** Empty if the text is none; never negative. */
    public static Optional<Duration> parse(String text) {
        String span = text.strip();
        Matcher simple = SPAN.matcher(span.toLowerCase(Locale.ROOT));
        if (simple.matches()) {
            BigDecimal millis =
                    new BigDecimal(simple.group(1))
                            .multiply(BigDecimal.valueOf(millis(simple.group(2))));
            return Optional.of(Duration.ofNanos(millis.movePointRight(6).longValue()));
        }
        try {
            return Optional.of(Duration.parse(span)).filter(duration -> !duration.isNegative());
        } catch (DateTimeException neither) {
            return Optional.empty();
        }
    }

    private static long millis(String unit) {
        return switch (unit) {
            case "ms" -> 1;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 1_000;
        };
    }
}
