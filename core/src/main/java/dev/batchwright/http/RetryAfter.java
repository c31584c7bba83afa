package dev.batchwright.http;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/**
 * How long the server asks us to wait: {@code retry-after-ms} in milliseconds, else {@code
 * retry-after} in seconds (whole or not), as a duration ({@code 1.5s}) or as an HTTP date.
 *
 * <p>A date counts from the answer's own {@code Date} where it has one, so that a wrong clock here
 * does no harm. A date in the past and a negative number mean now; nothing means longer than a day:
 * by then it is worth asking again. What can't be read is as if it were not there.
 */
public final class RetryAfter {
    public static final Duration LONGEST = Duration.ofDays(1);

    private RetryAfter() {}

    public static Optional<Duration> parse(Headers headers, Instant now) {
        return headers.first("retry-after-ms")
                .flatMap(value -> number(value, 3))
                .or(() -> headers.first("retry-after").flatMap(value -> wait(value, headers, now)))
                .map(RetryAfter::sensible);
    }

    private static Optional<Duration> wait(String value, Headers headers, Instant now) {
        return number(value, 0)
                .or(() -> GoDuration.parse(value))
                .or(
                        () ->
                                date(value)
                                        .map(
                                                then ->
                                                        Duration.between(
                                                                headers.first("date")
                                                                        .flatMap(RetryAfter::date)
                                                                        .orElse(now),
                                                                then)));
    }

    private static Optional<Duration> number(String value, int digitsBelowSeconds) {
        try {
            // Longer numbers are no waiting time, and costly to compute with.
            if (value.length() > 40) {
                return Optional.empty();
            }
            double seconds =
                    new BigDecimal(value).scaleByPowerOfTen(-digitsBelowSeconds).doubleValue();
            double clamped = Math.clamp(seconds, 0.0, (double) LONGEST.toSeconds());
            return Optional.of(Duration.ofNanos((long) Math.ceil(clamped * 1e9)));
        } catch (NumberFormatException notANumber) {
            return Optional.empty();
        }
    }

    /** A time as HTTP's own headers have it. */
    static Optional<Instant> date(String value) {
        try {
            return Optional.of(
                    ZonedDateTime.parse(
                                    value,
                                    DateTimeFormatter.RFC_1123_DATE_TIME.localizedBy(Locale.ROOT))
                            .toInstant());
        } catch (DateTimeException notADate) {
            return Optional.empty();
        }
    }

    private static Duration sensible(Duration wait) {
        if (wait.isNegative()) {
            return Duration.ZERO;
        }
        return wait.compareTo(LONGEST) > 0 ? LONGEST : wait;
    }
}
