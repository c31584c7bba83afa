package dev.batchwright.config;

import dev.batchwright.job.Mode;
import dev.batchwright.price.ModelPrice;
import dev.batchwright.price.ModelPrice.Rates;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;

/**
 * The file {@code batchwright.yaml}. The first of these counts: the one that {@code
 * BATCHWRIGHT_CONFIG} names, {@code ./batchwright.yaml}, {@code ~/.batchwright/batchwright.yaml};
 * with none of them everything is as built in. Everything wrong with it is reported at once.
 *
 * <pre>{@code
 * defaults:
 *   store: /data/batchwright.db       # or a jdbc:postgresql:// address
 *   max_attempts: 5
 *   timeout: 10m
 * providers:
 *   openai:                           # a built-in one
 *     requests_per_minute: 5000
 *     tokens_per_minute: 2000000
 *     concurrency: 200
 *     headers: {OpenAI-Project: proj_x}
 *     models:
 *       gpt-5-mini: {requests_per_minute: 10000}
 *   lab:                              # a server of your own, used as -p lab
 *     type: openai-compatible
 *     base_url: http://lab:8000/v1
 *     api_key_env: LAB_API_KEY
 *     timeout: 2m
 *   echo: {latency: 50ms, failure_rate: 0.1, throttle_rate: 0.05, seed: 7}
 * prices:                             # USD per million tokens
 *   lab:
 *     our-model: {input: 0.10, cached_input: 0.05, output: 0.40}
 * serve:
 *   keys:
 *     team-a: {env: TEAM_A_KEY, scopes: [calls], rpm: 600, tpm: 200000}
 *   models:
 *     our-model: {mode: live}
 * }</pre>
 *
 * @param file where it was read; empty where there is none
 * @param prices by provider and model
 */
public record Configuration(
        Optional<Path> file,
        Defaults defaults,
        Map<String, ProviderConfig> providers,
        Map<String, Map<String, ModelPrice>> prices,
        ServeConfig serve) {

    public static final String FILE_VARIABLE = "BATCHWRIGHT_CONFIG";
    private static final String FILE_NAME = "batchwright.yaml";
    private static final int MOST_USD_PER_MILLION = 1_000_000;

    private static final YAMLMapper YAML =
            YAMLMapper.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                    .build();

    /** What counts where the command line says nothing. */
    public record Defaults(
            Optional<String> store,
            OptionalInt maxAttempts,
            Optional<Duration> timeout,
            Optional<Mode> mode,
            Optional<Duration> shortestBatch) {
        public static final Defaults NONE =
                new Defaults(
                        Optional.empty(),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }

    public Configuration {
        providers = Map.copyOf(providers);
        prices = Map.copyOf(prices);
    }

    /**
     * Finds the file and reads it.
     *
     * @param builtIn the names of the providers that need no description
     * @throws ConfigurationException if there is something wrong with it, or {@code
     *     BATCHWRIGHT_CONFIG} names a file that is not there
     */
    public static Configuration load(
            Environment environment, Path workingDirectory, Path home, Set<String> builtIn) {
        Optional<Path> named =
                environment.get(FILE_VARIABLE).map(name -> workingDirectory.resolve(name));
        if (named.isPresent() && !Files.isRegularFile(named.get())) {
            throw ConfigurationException.missing(named.get(), FILE_VARIABLE);
        }
        return named.or(() -> existing(workingDirectory.resolve(FILE_NAME)))
                .or(() -> existing(home.resolve(".batchwright").resolve(FILE_NAME)))
                .map(file -> read(file, builtIn))
                .orElseGet(
                        () ->
                                new Configuration(
                                        Optional.empty(),
                                        Defaults.NONE,
                                        Map.of(),
                                        Map.of(),
                                        ServeConfig.NONE));
    }

    private static Optional<Path> existing(Path file) {
        return Files.isRegularFile(file) ? Optional.of(file) : Optional.empty();
    }

    private static Configuration read(Path file, Set<String> builtIn) {
        try {
            return parse(file, Files.readString(file), builtIn);
        } catch (IOException e) {
            throw ConfigurationException.unreadable(file, e);
        }
    }

    static Configuration parse(Path file, String text, Set<String> builtIn) {
        var problems = new ArrayList<Problem>();
        Section top = new Section("", tree(file, text), problems);
        Defaults defaults =
                top.section("defaults").map(Configuration::defaults).orElse(Defaults.NONE);
        var providers = new TreeMap<String, ProviderConfig>();
        top.sections(
                "providers",
                (name, section) ->
                        providers.put(name, new ProviderSection(name, section, builtIn).read()));
        var prices = new TreeMap<String, Map<String, ModelPrice>>();
        top.sections(
                "prices",
                (provider, models) -> {
                    if (!builtIn.contains(provider) && !providers.containsKey(provider)) {
                        problems.add(
                                new Problem(
                                        "prices." + provider, unknownProvider(provider, builtIn)));
                    }
                    prices.put(provider, modelPrices(models));
                });
        ServeConfig serve =
                top.section("serve")
                        .map(section -> new ServeSection(section).read())
                        .orElse(ServeConfig.NONE);
        top.end();
        if (!problems.isEmpty()) {
            throw new ConfigurationException(file, problems);
        }
        return new Configuration(Optional.of(file), defaults, providers, prices, serve);
    }

    private static String unknownProvider(String name, Set<String> builtIn) {
        return "is no provider"
                + Suggestion.forWord(name, builtIn)
                        .map("; did you mean `%s`?"::formatted)
                        .orElse(": describe it under `providers` first");
    }

    private static ObjectNode tree(Path file, String text) {
        try {
            JsonNode tree = YAML.readTree(text);
            if (tree == null || tree.isMissingNode() || tree.isNull()) {
                return YAML.createObjectNode();
            }
            if (tree instanceof ObjectNode table) {
                return table;
            }
            throw new ConfigurationException(
                    file,
                    List.of(
                            new Problem(
                                    "line 1",
                                    "must be a table with the keys defaults, providers, prices"
                                            + " and serve")));
        } catch (JacksonException e) {
            throw new ConfigurationException(file, List.of(YamlProblem.of(e)));
        }
    }

    private static Defaults defaults(Section section) {
        var defaults =
                new Defaults(
                        section.text("store"),
                        section.integer("max_attempts", 1, 1000),
                        section.duration(
                                "timeout", Duration.ofMillis(1), ProviderSection.LONGEST_TIMEOUT),
                        mode(section),
                        section.duration("shortest_batch", Duration.ZERO, Duration.ofDays(7)));
        section.end();
        return defaults;
    }

    private static Optional<Mode> mode(Section section) {
        Optional<String> said = section.text("mode");
        Optional<Mode> mode = said.flatMap(Mode::named);
        if (said.isPresent() && mode.isEmpty()) {
            section.problem("mode", "must be auto, batch or live");
        }
        return mode;
    }

    private static Map<String, ModelPrice> modelPrices(Section models) {
        var prices = new HashMap<String, ModelPrice>();
        models.each(
                (model, section) -> {
                    Optional<BigDecimal> input = price(section, "input");
                    Optional<Rates> live =
                            rates(input, price(section, "cached_input"), price(section, "output"));
                    Optional<Rates> batch =
                            rates(
                                    price(section, "batch_input"),
                                    price(section, "batch_cached_input"),
                                    price(section, "batch_output"));
                    if (!section.has("input")) {
                        section.problem(
                                "input", "is missing; the price of a million tokens in USD");
                    }
                    live.ifPresent(rates -> prices.put(model, ModelPrice.of(rates, batch)));
                });
        return prices;
    }

    private static Optional<BigDecimal> price(Section section, String key) {
        Optional<BigDecimal> price = section.decimal(key, 0, MOST_USD_PER_MILLION);
        if (price.isPresent() && price.get().stripTrailingZeros().scale() > 6) {
            section.problem(key, "must have no more than 6 digits behind the point");
            return Optional.empty();
        }
        return price;
    }

    private static Optional<Rates> rates(
            Optional<BigDecimal> input, Optional<BigDecimal> cached, Optional<BigDecimal> output) {
        return input.map(
                in -> Rates.ofUsdPerMillion(in, cached.orElse(in), output.orElse(BigDecimal.ZERO)));
    }
}
