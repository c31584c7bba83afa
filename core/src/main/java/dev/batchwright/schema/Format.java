package dev.batchwright.schema;

import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/** Java types that are texts in JSON. */
enum Format {
    DATE(LocalDate.class, "date", "a date such as 2026-11-20", LocalDate::parse),
    // JSON schema's `time` has an offset, which this type has not.
    TIME(LocalTime.class, "", "a time of day without zone such as 14:30:00", LocalTime::parse),
    LOCAL_DATE_TIME(
            LocalDateTime.class,
            "",
            "a date and time without zone such as 2026-11-20T14:30:00",
            LocalDateTime::parse),
    INSTANT(
            Instant.class,
            "date-time",
            "a date and time with its offset such as 2026-11-20T14:30:00Z",
            text -> OffsetDateTime.parse(text).toInstant()),
    OFFSET_DATE_TIME(
            OffsetDateTime.class,
            "date-time",
            "a date and time with its offset such as 2026-11-20T14:30:00+01:00",
            OffsetDateTime::parse),
    DURATION(
            Duration.class,
            "duration",
            "an ISO 8601 duration in days, hours, minutes and seconds such as PT1H30M",
            Duration::parse),
    ID(UUID.class, "uuid", "a UUID", Format::uuid),
    ADDRESS(URI.class, "uri", "a URI", URI::create);

    private final Class<?> type;
    private final String jsonName;
    private final String words;

    @SuppressWarnings("ImmutableEnumChecker") // method references
    private final Function<String, Object> parser;

    Format(Class<?> type, String jsonName, String words, Function<String, Object> parser) {
        this.type = type;
        this.jsonName = jsonName;
        this.words = words;
        this.parser = parser;
    }

    static Optional<Format> of(Class<?> type) {
        return Arrays.stream(values()).filter(it -> it.type == type).findFirst();
    }

    /** JSON schema's name of it; empty where it has none. */
    String jsonName() {
        return jsonName;
    }

    /** What it is, with an example. */
    String words() {
        return words;
    }

    /**
     * @throws RuntimeException if the text is not in this format
     */
    Object parse(String text) {
        return parser.apply(text);
    }

    String write(Object value) {
        // Its own form leaves out seconds that are zero, which JSON schema's does not.
        return value instanceof OffsetDateTime time
                ? DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time)
                : value.toString();
    }

    // Java's own takes 1-1-1-1-1, too.
    private static UUID uuid(String text) {
        UUID uuid = UUID.fromString(text);
        if (!uuid.toString().equalsIgnoreCase(text)) {
            throw new IllegalArgumentException();
        }
        return uuid;
    }
}
