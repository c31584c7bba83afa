package dev.batchwright.cli;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A span of time as people type it: {@code 500ms}, {@code 10s}, {@code 5m}, {@code 6h}, {@code 2d},
 * {@code 1h30m}, ISO-8601 ({@code PT5M}), or a bare number of seconds. Never negative.
 */
final class Durations implements ITypeConverter<Duration> {
    private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|s|m|h|d)");

    @Override
    public Duration convert(String text) {
        String typed = text.strip().toLowerCase(Locale.ROOT);
        try {
            if (typed.matches("\\d+(\\.\\d+)?")) {
                return ofSeconds(Double.parseDouble(typed));
            }
            if (typed.startsWith("p")) {
                Duration iso = Duration.parse(typed.toUpperCase(Locale.ROOT));
                if (!iso.isNegative()) {
                    return iso;
                }
            }
            if (typed.matches("(" + PART.pattern() + ")+")) {
                return sumOfParts(typed);
            }
        } catch (DateTimeParseException | ArithmeticException notASpan) {
            // Said below, with what is accepted.
        }
        throw new TypeConversionException(
                "`%s` is not a span of time. Write it like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as a number of seconds"
                        .formatted(text));
    }

    private static Duration sumOfParts(String typed) {
        Duration sum = Duration.ZERO;
        Matcher part = PART.matcher(typed);
        while (part.find()) {
            double amount = Double.parseDouble(part.group(1));
            double seconds =
                    switch (part.group(2)) {
                        case "ms" -> 0.001;
                        case "s" -> 1;
                        case "m" -> 60;
                        case "h" -> 3600;
                        default -> 86400;
                    };
            sum = sum.plus(ofSeconds(amount * seconds));
        }
        return sum;
    }

    private static Duration ofSeconds(double seconds) {
        if (seconds > 1e9) {
            throw new ArithmeticException("too long");
        }
        return Duration.ofMillis(Math.round(seconds * 1000));
    }

    /** For people: {@code 1h 02m}, {@code 3m 05s}, {@code 12s}. */
    static String show(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds >= 86400) {
            return "%dd %02dh".formatted(seconds / 86400, seconds / 3600 % 24);
        }
        if (seconds >= 3600) {
            return "%dh %02dm".formatted(seconds / 3600, seconds / 60 % 60);
        }
        if (seconds >= 60) {
            return "%dm %02ds".formatted(seconds / 60, seconds % 60);
        }
        return seconds + "s";
    }
}
