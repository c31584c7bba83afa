package dev.batchwright.simulator.limit;

import dev.batchwright.simulator.wire.Header;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;

/** How a refusal tells the client for how long to wait. */
public enum RetryAfter {
    /** {@code retry-after: 2}, whole seconds, rounded up. */
    SECONDS,
    /** {@code retry-after: Fri, 20 Nov 2026 12:00:00 GMT}, rounded up. */
    DATE,
    /** {@code retry-after-ms: 1730} alone. */
    MS,
    /** {@code retry-after} in seconds and {@code retry-after-ms}, as OpenAI sends them. */
    BOTH,
    /** Not at all. */
    NONE,
    /** Each refusal in one of the other forms, by chance. */
    MIXED;

    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                    .withZone(ZoneOffset.UTC);

    /**
     * Reads a name in any case.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static RetryAfter parse(String text) {
        return Word.parse(RetryAfter.class, "form of Retry-After", text);
    }

    public List<Header> headers(Duration wait, Instant now, SplittableRandom chance) {
        long millis = Math.max(1, (wait.toNanos() + 999_999) / 1_000_000);
        long seconds = (millis + 999) / 1000;
        return switch (this) {
            case SECONDS -> List.of(new Header("retry-after", "" + seconds));
            case DATE -> List.of(new Header("retry-after", date(now.plusMillis(millis))));
            case MS -> List.of(new Header("retry-after-ms", "" + millis));
            case BOTH ->
                    List.of(
                            new Header("retry-after", "" + seconds),
                            new Header("retry-after-ms", "" + millis));
            case NONE -> List.of();
            case MIXED -> values()[chance.nextInt(values().length - 1)].headers(wait, now, chance);
        };
    }

    private static String date(Instant at) {
        return HTTP_DATE.format(at.plusNanos(999_999_999)); // the next whole second
    }
}
