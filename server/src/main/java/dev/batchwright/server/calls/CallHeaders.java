package dev.batchwright.server.calls;

import dev.batchwright.collect.Call;
import dev.batchwright.config.TimeSpan;
import dev.batchwright.job.Mode;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * What the headers of a call say of it.
 *
 * @param mode which lanes it may take
 * @param deadline how long its caller waits
 * @param idempotencyKey by which its caller knows it; one that an SDK makes up for each try is none
 * @param repeat tells deliberate repeats apart; empty: the first
 * @param async whether the caller does not wait but asks later
 * @param keepAlive whether a caller that waits for JSON wants to get blanks meanwhile
 */
record CallHeaders(
        Optional<Mode> mode,
        Optional<Duration> deadline,
        Optional<String> idempotencyKey,
        String repeat,
        boolean async,
        boolean keepAlive) {
    static final String MODE = "Batchwright-Mode";
    static final String DEADLINE = "Batchwright-Deadline";
    static final String REPEAT = "Batchwright-Repeat";
    static final String KEEP_ALIVE = "Batchwright-Keep-Alive";
    static final String IDEMPOTENCY_KEY = "Idempotency-Key";

    private static final int LONGEST_NAME = 255;
    private static final String MADE_UP = "stainless-";

    /**
     * @throws ApiError if one makes no sense
     */
    static CallHeaders of(Exchange exchange) {
        return new CallHeaders(
                exchange.header(MODE).map(CallHeaders::mode),
                exchange.header(DEADLINE)
                        .or(() -> exchange.header(Call.DEADLINE_HEADER))
                        .map(CallHeaders::span),
                exchange.header(IDEMPOTENCY_KEY)
                        .filter(key -> !key.startsWith(MADE_UP))
                        .map(key -> name(IDEMPOTENCY_KEY, key)),
                exchange.header(REPEAT)
                        .map(label -> name(REPEAT, label))
                        .filter(label -> !label.equals("1"))
                        .orElse(""),
                exchange.header("Prefer").filter(CallHeaders::wantsAsync).isPresent(),
                exchange.header(KEEP_ALIVE).filter(CallHeaders::isYes).isPresent());
    }

    private static Mode mode(String word) {
        return Mode.named(word.strip().toLowerCase(Locale.ROOT))
                .orElseThrow(
                        () ->
                                ApiError.invalid(
                                        "The header %s is auto, batch or live.".formatted(MODE)));
    }

    private static Duration span(String text) {
        return TimeSpan.parse(text)
                .filter(Duration::isPositive)
                .orElseThrow(
                        () ->
                                ApiError.invalid(
                                        "%s is no span of time. Write it like %s."
                                                .formatted(DEADLINE, TimeSpan.FORMS)));
    }

    private static String name(String header, String text) {
        if (text.isBlank() || text.length() > LONGEST_NAME) {
            throw ApiError.invalid(
                    "%s is a name of 1 to %d characters.".formatted(header, LONGEST_NAME));
        }
        return text;
    }

    private static boolean wantsAsync(String prefer) {
        return Arrays.stream(prefer.split(",", -1))
                .anyMatch(word -> word.strip().equalsIgnoreCase("respond-async"));
    }

    private static boolean isYes(String text) {
        return switch (text.strip().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default -> throw ApiError.invalid("%s is true or false.".formatted(KEEP_ALIVE));
        };
    }

    /** Who waits only for so long wants his call live when the time comes, unless he says. */
    Optional<Mode> effectiveMode() {
        return mode.or(() -> deadline.map(span -> Mode.AUTO));
    }
}
