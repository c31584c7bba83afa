package dev.batchwright.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.config.ProviderConfig.Echo;
import dev.batchwright.config.ProviderConfig.Pace;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Mode;
import dev.batchwright.job.Usage;
import dev.batchwright.price.PriceTable;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

class ConfigurationTest {
    static final Set<String> BUILT_IN = Set.of("openai", "groq", "echo");
    static final Path FILE = Path.of("batchwright.yaml");

    @TempDir Path directory;

    static Configuration parse(String yaml) {
        return Configuration.parse(FILE, yaml, BUILT_IN);
    }

    static List<String> problems(String yaml) {
        try {
            parse(yaml);
        } catch (ConfigurationException e) {
            return String.valueOf(e.getMessage()).lines().skip(1).map(String::strip).toList();
        }
        return List.of();
    }

    static ProviderConfig provider(Configuration configuration, String name) {
        return configuration.providers().getOrDefault(name, ProviderConfig.NONE);
    }

    @Test
    void everything_that_can_be_said() {
        var configuration =
                parse(
                        """
                        defaults:
                          store: /data/b.db
                          max_attempts: 7
                          timeout: 10m
                        providers:
                          openai:
                            requests_per_minute: 5000
                            tokens_per_minute: 2000000
                            concurrency: 200
                            headers: {OpenAI-Project: proj_x}
                            models:
                              gpt-5-mini: {requests_per_minute: 10000}
                          lab:
                            type: openai-compatible
                            base_url: http://lab:8000/v1
                            api_key_env: LAB_KEY
                            timeout: 90
                          echo: {latency: 50ms, failure_rate: 0.1, throttle_rate: 0.05, seed: 7}
                        prices:
                          lab:
                            our-model: {input: 0.10, cached_input: 0.05, output: 0.4, batch_input: 0.05, batch_output: 0.2}
                        """);

        assertThat(configuration.defaults())
                .isEqualTo(
                        new Configuration.Defaults(
                                Optional.of("/data/b.db"),
                                OptionalInt.of(7),
                                Optional.of(Duration.ofMinutes(10)),
                                Optional.empty(),
                                Optional.empty()));
        ProviderConfig openai = provider(configuration, "openai");
        assertThat(openai.headers()).isEqualTo(Map.of("OpenAI-Project", "proj_x"));
        assertThat(openai.pace("gpt-5-mini"))
                .isEqualTo(
                        new Pace(
                                OptionalInt.of(200),
                                OptionalLong.of(10_000),
                                OptionalLong.of(2_000_000),
                                OptionalLong.empty()));
        assertThat(openai.pace("gpt-5").requestsPerMinute()).hasValue(5000);
        ProviderConfig lab = provider(configuration, "lab");
        assertThat(lab.compatible()).isTrue();
        assertThat(lab.baseUrl()).hasValue("http://lab:8000/v1");
        assertThat(lab.apiKeyEnv()).hasValue("LAB_KEY");
        assertThat(lab.timeout()).hasValue(Duration.ofSeconds(90));
        assertThat(provider(configuration, "echo").echo())
                .isEqualTo(new Echo(Duration.ofMillis(50), 0.1, 0.05, 7));
        var prices = PriceTable.builtIn().with(configuration.prices());
        assertThat(prices.live("lab", "our-model", new Usage(1_000_000, 500_000, 1_000_000)))
                .hasValue(new Cost(475_000_000_000L));
        assertThat(prices.batch("lab", "our-model", new Usage(1_000_000, 0, 0)))
                .hasValue(new Cost(50_000_000_000L));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "providers:\n", "providers:\n  openai:\n"})
    void saying_nothing_is_fine(String yaml) {
        assertThat(parse(yaml).prices()).isEmpty();
    }

    @Test
    void all_problems_at_once() {
        assertThatThrownBy(
                        () ->
                                parse(
                                        """
                                        defaults: {max_attempts: 0}
                                        providers:
                                          openai: {time_out: 5s}
                                        """))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        """
                        batchwright.yaml has 2 problems:
                          defaults.max_attempts        must be a whole number from 1 to 1,000
                          providers.openai.time_out    unknown key; did you mean `timeout`?\
                        """);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "provider: {}                                  | provider | did you mean"
                        + " `providers`?",
                "zzz: 1                                        | zzz | known here: defaults,"
                        + " prices, providers, serve",
                "defaults: 5                                   | defaults | must be a table",
                "defaults: {store: 5}                          | defaults.store | must be a text",
                "defaults: {timeout: soon}                     | defaults.timeout | must be a time"
                        + " span such as 500ms",
                "defaults: {timeout: 0}                        | defaults.timeout | from 1 ms",
                "defaults: {timeout: 2d}                       | defaults.timeout | to 86,400 s",
                "defaults: {max_attempts: '5'}                 | defaults.max_attempts | must be a"
                        + " whole number",
                "defaults: {max_attempts: 1.5}                 | defaults.max_attempts | must be a"
                        + " whole number",
                "providers: {openai: {concurrency: -1}}        | providers.openai.concurrency |"
                        + " from 1 to 100,000",
                "providers: {openai: {requests_per_minute: 0}} |"
                        + " providers.openai.requests_per_minute | from 1",
                "providers: {openai: {requests_per_minute: 99999999999999999999}} |"
                        + " providers.openai.requests_per_minute | from 1",
                "providers: {openai: {tokens_per_minute: yes}} | providers.openai.tokens_per_minute"
                        + " | must be a whole number",
                "providers: {openai: {models: {m: {rpm: 1}}}}  | providers.openai.models.m.rpm |"
                        + " unknown key",
                "providers: {openai: {models: [m]}}            | providers.openai.models | must be"
                        + " a table",
                "providers: {openai: {base_url: localhost}}    | providers.openai.base_url | must"
                        + " be the address of a server",
                "providers: {openai: {base_url: 'ftp://h'}}    | providers.openai.base_url | must"
                        + " be the address of a server",
                "providers: {openai: {base_url: 'https://u:p@h/v1'}} | providers.openai.base_url |"
                        + " without user or password",
                "providers: {openai: {type: openai-compatible}} | providers.openai.type | openai is"
                        + " built in",
                "providers: {opnai: {}}                        | providers.opnai.type | did you"
                        + " mean `openai`?",
                "providers: {lab: {type: other}}               | providers.lab.type | must be"
                        + " openai-compatible",
                "providers: {lab: {type: openai-compatible}}   | providers.lab.base_url | is"
                        + " missing",
                "providers: {Lab x: {type: openai-compatible, base_url: 'http://h'}} |"
                        + " providers.Lab x.type | small letters",
                "providers: {openai: {api_key: sk-secret1}}    | providers.openai.api_key | keys do"
                        + " not belong into this file",
                "providers: {openai: {token: sk-secret1}}      | providers.openai.token | keys do"
                        + " not belong into this file",
                "providers: {openai: {api_key_env: sk-secret1}} | providers.openai.api_key_env |"
                        + " must be the name of an environment variable",
                "providers: {openai: {headers: {Authorization: sk-secret1}}} |"
                    + " providers.openai.headers.Authorization | keys do not belong into this file",
                "providers: {openai: {headers: {'a b': x}}}    | providers.openai.headers.a b |"
                        + " must be a header name",
                "providers: {openai: {latency: 5ms}}           | providers.openai.latency | unknown"
                        + " key",
                "providers: {echo: {failure_rate: 1.5}}        | providers.echo.failure_rate | must"
                        + " be a number from 0 to 1",
                "providers: {echo: {failure_rate: 0.6, throttle_rate: 0.6}} |"
                        + " providers.echo.throttle_rate | not be more than 1 together",
                "prices: {opnai: {m: {input: 1}}}              | prices.opnai | did you mean"
                        + " `openai`?",
                "prices: {openai: {m: {output: 1}}}            | prices.openai.m.input | is"
                        + " missing",
                "prices: {openai: {m: {input: -1}}}            | prices.openai.m.input | must be a"
                        + " number from 0",
                "prices: {openai: {m: {input: 0.0000001}}}     | prices.openai.m.input | no more"
                        + " than 6 digits",
                "prices: {openai: {m: {inptu: 1, input: 1}}}   | prices.openai.m.inptu | did you"
                        + " mean `input`?",
                "serve: {keyz: {}}                             | serve.keyz | did you mean"
                        + " `keys`?",
                "serve: {keys: {team: {}}}                     | serve.keys.team.env | is missing",
                "serve: {keys: {team: {env: A, sha256: ab}}}   | serve.keys.team.env | excludes"
                        + " `sha256`",
                "serve: {keys: {team: {env: bw-secret1}}}      | serve.keys.team.env | must be the"
                        + " name of a variable, not the key",
                "serve: {keys: {team: {sha256: secret1}}}      | serve.keys.team.sha256 | 64 hex"
                        + " digits",
                "serve: {keys: {team: {env: A, key: secret1}}} | serve.keys.team.key | must not be"
                        + " written here",
                "serve: {keys: {team: {env: A, scopes: [cals]}}} | serve.keys.team.scopes | some of"
                        + " these: admin, batches, calls",
                "serve: {keys: {team: {env: A, rpm: 0}}}       | serve.keys.team.rpm | from 1",
                "serve: {keys: {team: {env: A, budget: -1}}}   | serve.keys.team.budget | from 0",
                "serve: {keys: {team: {env: A, budget_per: day}}} | serve.keys.team.budget_per |"
                        + " needs",
                "serve: {keys: {team: {env: A, budget: 1, budget_per: year}}} |"
                        + " serve.keys.team.budget_per | month",
                "serve: {keys: {'a b': {env: A}}}              | serve.keys.a b | must be named",
                "serve: {models: {m: {mode: fast}}}            | serve.models.m.mode | must be"
                        + " auto, batch or live",
                "- a                                           | line 1 | must be a table",
            })
    void a_problem_has_its_place_and_its_remedy(String yaml, String where, String what) {
        assertThat(problems(yaml))
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem)
                                        .startsWith(where + "    ")
                                        .contains(what)
                                        .doesNotContain("secret1"));
    }

    @Test
    void the_longest_rule_that_fits_a_model_says_how_its_calls_travel() {
        ServeConfig serve =
                parse(
                                """
                                serve:
                                  models:
                                    gpt-5: {mode: auto}
                                    "gpt-5*": {mode: batch}
                                    "gpt-5-mini*": {mode: live}
                                """)
                        .serve();
        assertThat(serve.mode("gpt-5")).hasValue(Mode.AUTO);
        assertThat(serve.mode("gpt-5-nano")).hasValue(Mode.BATCH);
        assertThat(serve.mode("gpt-5-mini-2025-08-07")).hasValue(Mode.LIVE);
        assertThat(serve.mode("gpt-4o")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "defaults:\\n  store: 'a                | line 2 | is not valid YAML",
                "defaults:\\n\\tstore: a                | line 2 | is not valid YAML",
                "defaults:\\n  store: a\\n   timeout: 5  | line 3 | is not valid YAML",
                "defaults: {timeout: 5s, timeout: 6s}    | line 1 | the key `timeout` stands here"
                        + " twice",
                "providers: {openai: {api_key: sk-secret1 | line 1 | is not valid YAML",
            })
    void what_is_no_yaml_is_told_with_its_line(String yaml, String where, String what) {
        assertThat(problems(yaml.replace("\\n", "\n").replace("\\t", "\t")))
                .singleElement()
                .satisfies(
                        problem ->
                                assertThat(problem)
                                        .startsWith(where)
                                        .contains(what)
                                        .doesNotContain("secret1"));
    }

    @Test
    void the_named_file_goes_first_then_this_directory_then_home() throws Exception {
        Path here = Files.createDirectory(directory.resolve("here"));
        Path home = Files.createDirectory(directory.resolve("home"));
        Path inHome =
                Files.createDirectory(home.resolve(".batchwright")).resolve("batchwright.yaml");
        var nothing = Environment.of(Map.of());
        assertThat(Configuration.load(nothing, here, home, BUILT_IN).file()).isEmpty();

        Files.writeString(inHome, "");
        assertThat(Configuration.load(nothing, here, home, BUILT_IN).file()).hasValue(inHome);

        Path inHere = Files.writeString(here.resolve("batchwright.yaml"), "");
        assertThat(Configuration.load(nothing, here, home, BUILT_IN).file()).hasValue(inHere);

        Path named = Files.writeString(here.resolve("other.yaml"), "");
        var naming = Environment.of(Map.of("BATCHWRIGHT_CONFIG", "other.yaml"));
        assertThat(Configuration.load(naming, here, home, BUILT_IN).file()).hasValue(named);

        Files.delete(named);
        assertThatThrownBy(() -> Configuration.load(naming, here, home, BUILT_IN))
                .hasMessageContaining("BATCHWRIGHT_CONFIG")
                .hasMessageContaining("does not exist");
    }

    @Test
    void dot_env_stands_behind_the_real_environment() throws Exception {
        Files.writeString(
                directory.resolve(".env"),
                """
                # keys
                PLAIN = a b  # comment
                export SHARP=a#b
                SINGLE='as $is \\n # this'   # comment
                DOUBLE="tab\\there \\"quoted\\" \\\\ \\d"
                EMPTY=

                REAL=from file
                BLANK=from file
                """);
        var environment = Environment.of(Map.of("REAL", "from process", "BLANK", " "), directory);

        assertThat(environment.get("PLAIN")).hasValue("a b");
        assertThat(environment.get("SHARP")).hasValue("a#b");
        assertThat(environment.get("SINGLE")).hasValue("as $is \\n # this");
        assertThat(environment.get("DOUBLE")).hasValue("tab\there \"quoted\" \\ \\d");
        assertThat(environment.get("EMPTY")).isEmpty();
        assertThat(environment.get("REAL")).hasValue("from process");
        assertThat(environment.get("BLANK")).hasValue("from file");
        assertThat(environment.toString()).doesNotContain("from");
    }

    @Test
    void a_line_of_dot_env_that_is_no_variable_is_told_but_not_shown() throws Exception {
        Files.writeString(directory.resolve(".env"), "A=1\nsk-secret\nB='open\n");
        assertThatThrownBy(() -> Environment.of(Map.of(), directory))
                .hasMessageContaining("2 problems")
                .hasMessageContaining("line 2")
                .hasMessageContaining("line 3")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, PT0.5S",
        "10s, PT10S",
        "5m, PT5M",
        "6h, PT6H",
        "1.5h, PT1H30M",
        "2d, PT48H",
        "90, PT1M30S",
        "0, PT0S",
        "PT1H30M, PT1H30M",
    })
    void time_spans(String text, Duration expected) {
        assertThat(TimeSpan.parse(text)).hasValue(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5s", "5 minutes", "PT-5S", "s"})
    void what_is_no_time_span(String text) {
        assertThat(TimeSpan.parse(text)).isEmpty();
    }
}
