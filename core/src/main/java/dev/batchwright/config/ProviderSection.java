package dev.batchwright.config;

import dev.batchwright.config.ProviderConfig.Echo;
import dev.batchwright.config.ProviderConfig.Pace;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads {@code providers.<name>}. */
final class ProviderSection {
    static final String COMPATIBLE = "openai-compatible";
    static final Duration LONGEST_TIMEOUT = Duration.ofDays(1);

    private static final String ECHO = "echo";
    private static final long MOST_PER_MINUTE = 1_000_000_000_000L;
    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,62}");
    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]+");
    private static final List<String> SECRETS =
            List.of("api_key", "apikey", "key", "token", "secret", "password");
    private static final Set<String> SECRET_HEADERS =
            Set.of("authorization", "proxy-authorization", "api-key", "x-api-key", "cookie");

    private final String name;
    private final Section section;
    private final Set<String> builtIn;

    ProviderSection(String name, Section section, Set<String> builtIn) {
        this.name = name;
        this.section = section;
        this.builtIn = builtIn;
    }

    ProviderConfig read() {
        refuseSecrets();
        boolean compatible = readType();
        if (name.equals(ECHO)) {
            return new ProviderConfig(
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    Map.of(),
                    pace(),
                    timeout(),
                    models(),
                    Optional.empty(),
                    echo());
        }
        Optional<String> baseUrl = section.text("base_url");
        if (baseUrl.isPresent() && ServerAddress.of(baseUrl.get()).isEmpty()) {
            section.problem(
                    "base_url",
                    "must be the address of a server, such as https://host/v1, without user or"
                            + " password");
        }
        // A provider of the wrong type has that to mend first.
        if (compatible
                && baseUrl.isEmpty()
                && section.text("type").filter(COMPATIBLE::equals).isPresent()) {
            section.problem("base_url", "is missing; it says where this server is");
        }
        return new ProviderConfig(
                compatible,
                baseUrl,
                keyVariable(),
                headers(),
                pace(),
                timeout(),
                models(),
                section.duration("batch_lag", Duration.ofMillis(1), LONGEST_TIMEOUT),
                Echo.PLAIN);
    }

    private boolean readType() {
        Optional<String> type = section.text("type");
        if (builtIn.contains(name)) {
            if (type.isPresent()) {
                section.problem(
                        "type", "is only for names of your own; %s is built in".formatted(name));
            }
            return false;
        }
        if (!NAME.matcher(name).matches()) {
            section.problem(
                    "type",
                    "belongs to a name that is none: use small letters, digits, - and _, up to 63");
        } else if (type.isEmpty()) {
            section.problem(
                    "type",
                    "is missing: %s is not built in%s. For a server of your own write `type: %s`"
                            .formatted(
                                    name,
                                    Suggestion.forWord(name, builtIn)
                                            .map(" (did you mean `%s`?)"::formatted)
                                            .orElse(""),
                                    COMPATIBLE));
        } else if (!type.get().equals(COMPATIBLE)) {
            section.problem("type", "must be " + COMPATIBLE);
        }
        return true;
    }

    private void refuseSecrets() {
        for (String key : SECRETS) {
            if (section.has(key)) {
                section.problem(
                        key,
                        "keys do not belong into this file; put it into an environment variable or"
                                + " .env and name that with api_key_env");
            }
        }
    }

    private Optional<String> keyVariable() {
        Optional<String> variable = section.text("api_key_env");
        if (variable.isPresent() && !VARIABLE.matcher(variable.get()).matches()) {
            // The value is not shown: it may be the key itself.
            section.problem(
                    "api_key_env",
                    "must be the name of an environment variable, such as MY_API_KEY, not the key");
            return Optional.empty();
        }
        return variable;
    }

    private Map<String, String> headers() {
        Map<String, String> headers = section.texts("headers");
        headers.forEach(
                (header, value) -> {
                    if (SECRET_HEADERS.contains(header.toLowerCase(Locale.ROOT))) {
                        section.problem(
                                "headers." + header,
                                "keys do not belong into this file; name the variable that holds it"
                                        + " with api_key_env");
                    } else if (!HEADER_NAME.matcher(header).matches()
                            || !value.chars().allMatch(c -> c >= ' ' && c < 127)) {
                        section.problem(
                                "headers." + header,
                                "must be a header name with a value of printable ASCII characters");
                    }
                });
        return headers;
    }

    private Optional<Duration> timeout() {
        return section.duration("timeout", Duration.ofMillis(1), LONGEST_TIMEOUT);
    }

    private Map<String, Pace> models() {
        var models = new HashMap<String, Pace>();
        section.sections(
                "models", (model, limits) -> models.put(model, pace(limits, OptionalInt.empty())));
        return models;
    }

    private Pace pace() {
        return pace(section, section.integer("concurrency", 1, 100_000));
    }

    // Calls at once are counted over all models of a provider: a model has no number of its own.
    private static Pace pace(Section section, OptionalInt concurrency) {
        return new Pace(
                concurrency,
                section.wholeNumber("requests_per_minute", 1, MOST_PER_MINUTE),
                section.wholeNumber("tokens_per_minute", 1, MOST_PER_MINUTE),
                section.wholeNumber("enqueued_tokens", 1, MOST_PER_MINUTE));
    }

    private Echo echo() {
        double failures = rate("failure_rate");
        double throttles = rate("throttle_rate");
        if (failures + throttles > 1) {
            section.problem("throttle_rate", "and failure_rate must not be more than 1 together");
        }
        return new Echo(
                section.duration("latency", Duration.ZERO, Duration.ofHours(1))
                        .orElse(Duration.ZERO),
                failures,
                throttles,
                section.wholeNumber("seed", Long.MIN_VALUE, Long.MAX_VALUE).orElse(0));
    }

    private double rate(String key) {
        return section.decimal(key, 0, 1).orElse(BigDecimal.ZERO).doubleValue();
    }
}
