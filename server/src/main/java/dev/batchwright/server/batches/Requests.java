package dev.batchwright.server.batches;

import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Exchange;
import dev.batchwright.store.HostedBatch.Layout;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What the requests of these APIs have in common, and how they are refused. */
final class Requests {
    private static final long SHORTEST_LIFE = 3_600;
    private static final long LONGEST_LIFE = 2_592_000;
    private static final int SHOWN = 100;

    private Requests() {}

    static ApiError missing(String param) {
        return ApiError.invalid(param, "Missing required parameter: '%s'.".formatted(param))
                .code("missing_required_parameter");
    }

    static ApiError invalidType(String param, String expected) {
        return ApiError.invalid(
                        param, "Invalid type for '%s': expected %s.".formatted(param, expected))
                .code("invalid_type");
    }

    static ApiError invalidValue(String param, String value, String supported) {
        return ApiError.invalid(param, "Invalid value: '%s'. %s".formatted(shown(value), supported))
                .code("invalid_value");
    }

    static ApiError unknownCursor(String param) {
        return ApiError.invalid(
                        param,
                        "Invalid value for '%s': there is nothing of yours with this id."
                                .formatted(param))
                .code("invalid_value");
    }

    /** What a client wrote, not longer than an error should be. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
    }

    /** The page size that a request asks for. */
    static int limit(Exchange exchange, int usual, int most) {
        Optional<String> text = exchange.query("limit").filter(it -> !it.isEmpty());
        if (text.isEmpty()) {
            return usual;
        }
        long limit = count("limit", text.get());
        if (limit < 1 || limit > most) {
            throw ApiError.invalid(
                            "limit",
                            "Invalid 'limit': expected a value from 1 to %d.".formatted(most))
                    .code("invalid_value");
        }
        return (int) limit;
    }

    static long count(String param, String text) {
        if (!text.matches("\\d{1,18}")) {
            throw invalidType(param, "an integer, not negative");
        }
        return Long.parseLong(text);
    }

    /** How long something is to stay; empty where nothing was said. */
    static Optional<Duration> lifetime(
            String param, Optional<String> anchor, Optional<String> seconds) {
        if (anchor.isEmpty() && seconds.isEmpty()) {
            return Optional.empty();
        }
        if (anchor.isEmpty()) {
            throw missing(param + ".anchor");
        }
        if (!anchor.get().equals("created_at")) {
            throw invalidValue(
                    param + ".anchor", anchor.get(), "Supported values are: created_at.");
        }
        long life =
                count(param + ".seconds", seconds.orElseThrow(() -> missing(param + ".seconds")));
        if (life < SHORTEST_LIFE || life > LONGEST_LIFE) {
            throw ApiError.invalid(
                            param + ".seconds",
                            "Invalid '%s.seconds': expected a value from %d to %d."
                                    .formatted(param, SHORTEST_LIFE, LONGEST_LIFE))
                    .code("invalid_value");
        }
        return Optional.of(Duration.ofSeconds(life));
    }

    /** Whether an SDK says that it sends this not for the first time. */
    static boolean isRetry(Exchange exchange) {
        return exchange.header("x-stainless-retry-count")
                .filter(count -> count.matches("[1-9]\\d{0,8}"))
                .isPresent();
    }

    static Optional<String> key(Exchange exchange) {
        Optional<String> key = exchange.header("idempotency-key").filter(it -> !it.isBlank());
        if (key.isPresent() && key.get().length() > 255) {
            throw ApiError.invalid("The header Idempotency-Key is longer than 255 characters.");
        }
        return key;
    }

    /** How results are to be written, where the request says so. */
    static Optional<Layout> layout(Exchange exchange) {
        return exchange.header("batchwright-output")
                .map(
                        word ->
                                Layout.named(word.strip().toLowerCase(Locale.ROOT))
                                        .orElseThrow(
                                                () ->
                                                        ApiError.invalid(
                                                                "The header Batchwright-Output is"
                                                                    + " apart, early or merged.")));
    }
}
