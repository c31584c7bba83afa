package dev.batchwright.simulator.openai;

import tools.jackson.databind.JsonNode;

import java.time.Duration;
import java.util.Optional;

/** How long a file is to stay, as OpenAI's calls say it: an anchor and seconds, always both. */
final class Lifetime {
    private static final long LEAST = 3_600;
    private static final long MOST = 2_592_000;

    private Lifetime() {}

    static void check(Checks checks, JsonNode given, String name) {
        if (given.isMissingNode() || given.isNull()) {
            return;
        }
        check(checks, given.path("anchor").asString(""), given.path("seconds").asString(""), name);
    }

    /** Checks the two texts of a form; neither needs to be there. */
    static void check(Checks checks, String anchor, String seconds, String name) {
        if (!anchor.equals("created_at")) {
            checks.fail(
                    anchor.isEmpty()
                            ? "Missing required parameter: '%s.anchor'.".formatted(name)
                            : "Invalid value: '%s'. Supported values are: 'created_at'."
                                    .formatted(anchor),
                    name + ".anchor",
                    anchor.isEmpty() ? "missing_required_parameter" : "invalid_value");
        } else if (!seconds.matches("\\d{1,9}")
                || Long.parseLong(seconds) < LEAST
                || Long.parseLong(seconds) > MOST) {
            checks.fail(
                    "Invalid '%s.seconds': expected an integer from %d to %d."
                            .formatted(name, LEAST, MOST),
                    name + ".seconds",
                    "invalid_value");
        }
    }

    static Optional<Duration> of(JsonNode given) {
        return given.isObject()
                ? Optional.of(Duration.ofSeconds(given.path("seconds").asLong()))
                : Optional.empty();
    }
}
