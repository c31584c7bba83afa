package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What a user is told who typed something wrong or gave a bad file: the whole paragraph. All of it
 * ends with exit code 2, and nothing is sent. {@code SERVER} stands for a server that would answer,
 * {@code DIR} for the user's directory.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WrongInvocationsTest {
    private final Simulator server = Simulator.start(SimulatorOptions.builder().build());

    @AfterAll
    void stop() {
        server.close();
    }

    record Case(List<String> arguments, Consumer<User> before, String message) {
        Case given(Consumer<User> more) {
            return new Case(arguments, before.andThen(more), message);
        }

        Case given(String file, String content) {
            return given(user -> user.writes(file, content));
        }

        Case given(String file, byte[] content) {
            return given(user -> user.writes(file, content));
        }

        Case says(String text) {
            return new Case(arguments, before, text);
        }

        @Override
        public String toString() {
            return String.join(" ", arguments);
        }
    }

    private static Case typed(String... arguments) {
        return new Case(
                Arrays.asList(arguments), user -> user.writes("rows.jsonl", User.ROWS), "");
    }

    /** A run against a server that would take the input's requests, were they right. */
    private static Case ran(String... arguments) {
        var all = new ArrayList<>(List.of("run"));
        all.addAll(List.of(arguments));
        if (!all.contains("-p") && !all.contains("--base-url")) {
            all.addAll(List.of("--base-url", "SERVER"));
        }
        return typed(all.toArray(String[]::new));
    }

    static Stream<Case> wrong() {
        return Stream.concat(Stream.concat(usage(), input()), Stream.concat(ways(), places()));
    }

    private static Stream<Case> usage() {
        return Stream.of(
typed("run").says(""),
typed("rum", "rows.jsonl").says(""),
typed("run", "rows.jsonl", "--promt", "x").says(""),
typed("run", "rows.jsonl", "--bogus").says(""),
typed("run", "rows.jsonl", "more.jsonl").says(""),
typed("run", "rows.jsonl", "-o").says(""),
ran("rows.jsonl", "-m", "m", "--timeout", "soon").says(""),
ran("rows.jsonl", "-m", "m", "--timeout", "0").says(""),
ran("rows.jsonl", "-m", "m", "--deadline", "-1h").says(""),
ran("rows.jsonl", "-m", "m", "--max-cost", "ten").says(""),
ran("rows.jsonl", "-m", "m", "--max-cost", "0").says(""),
ran("rows.jsonl", "-m", "m", "--concurrency", "many").says(""),
ran("rows.jsonl", "-m", "m", "--concurrency", "0").says(""),
ran("rows.jsonl", "-m", "m", "--concurrency", "1000000").says(""),
ran("rows.jsonl", "-m", "m", "--rpm", "0").says(""),
ran("rows.jsonl", "-m", "m", "--rpm", "1.5").says(""),
ran("rows.jsonl", "-m", "m", "--tpm", "-5").says(""),
ran("rows.jsonl", "-m", "m", "--max-attempts", "0").says(""),
ran("rows.jsonl", "-m", "m", "--mode", "batch").says(""),
ran("rows.jsonl", "-m", "m", "--mode", "native").says(""),
ran("rows.jsonl", "-m", "m", "--mode", "fast").says(""),
ran("rows.jsonl", "-m", "m", "--completion-window", "24h").says(""),
ran("rows.jsonl", "-m", "m", "--poll-interval", "5s").says(""),
ran("rows.jsonl", "-m", "m", "--metadata", "team").says(""),
ran("rows.jsonl", "-m", "m", "--metadata", "=x").says(""),
ran("rows.jsonl", "-m", "m", "--prompt", "x {{text").says(""),
ran("rows.jsonl", "-m", "m", "--prompt", "").says(""),
ran("rows.jsonl", "-m", "m", "--endpoint", "/v1/chat").says(""),
ran("rows.jsonl", "-m", "m", "--schema", "none.json").says(""),
ran("rows.jsonl", "-m", "m", "--schema", "s.json").given("s.json", "{\"type\": }").says(""),
ran("rows.jsonl", "-m", "m", "--schema", "s.json").given("s.json", "{\"name\": \"x\", \"schema\": {}}").says(""),
ran("rows.jsonl", "-m", "m", "-o", "out").given(user -> user.writes("out/other.txt", "")).says(""),
ran("rows.jsonl", "-m", "m", "-o", "none/out.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "out.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "./out.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "none/e.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "--json", "-o", "-").says(""),
ran("rows.jsonl", "-m", "m", "--json", "--errors", "e.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "--detach", "-o", "out.jsonl").says(""),
ran("rows.jsonl", "-m", "m", "--detach", "--dry-run").says(""),
typed("results", "last", "--only", "some").says(""),
typed("results").says(""),
typed("jobs", "-n", "0").says(""),
typed("prompts", "-n", "0").says(""),
typed("create", "rows.jsonl").says(""),
typed("create", "none.txt", "-m", "m").says(""),
typed("create", "rows.jsonl", "-m", "m", "-o", "none/batch.jsonl").says(""),
typed("create", "rows.jsonl", "-m", "m", "--embeddings", "--score", "x").says(""),
typed("simulate", "--fault", "sometimes:5%").says(""),
typed("simulate", "--latency", "quick").says(""),
typed("simulate", "--port", "70000").says(""));
    }

    private static Stream<Case> input() {
        return Stream.of(
ran("none.jsonl", "-m", "m").says(""),
ran("folder", "-m", "m").given(user -> user.writes("folder/rows.jsonl", User.ROWS)).says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "\n\r\n\n").says(""),
ran("in.csv", "-m", "m").given("in.csv", "prompt\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"prompt\": \"one\"}\n{\"prompt\": two}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"prompt\": \"one\"}\n[\"two\"]\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"prompt\": \"one\"} {\"prompt\": \"two\"}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"prompt\": \"gr\u00fcn\"}\n".getBytes(StandardCharsets.ISO_8859_1)).says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", User.ROWS.getBytes(StandardCharsets.UTF_16)).says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "PAR1....PAR1".getBytes(StandardCharsets.UTF_8)).says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"custom_id\": \"a\", \"prompt\": \"one\"}\n{\"custom_id\": \"b\", \"prompt\": \"two\"}\n{\"custom_id\": \"a\", \"prompt\": \"three\"}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"custom_id\": \"\", \"prompt\": \"one\"}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/chat\", \"body\": {\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"custom_id\": \"a\", \"method\": \"GET\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\": \"/v1/chat/completions\", \"body\": {\"model\": \"m\"}}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"model\": \"m\", \"stream\": true, \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}\n").says(""),
ran("in.jsonl").given("in.jsonl", "{\"model\": 5, \"messages\": [{\"role\": \"user\", \"content\": \"x\"}]}\n").says(""),
ran("in.jsonl", "-m", "m").given("in.jsonl", "{\"model\": \"m\", \"messages\": \"x\"}\n").says(""),
ran("in.csv", "-m", "m", "--prompt", "About {{txt}}").given("in.csv", "id,text\n1,one\n2,two\n").says(""),
ran("in.jsonl", "-m", "m", "--prompt", "About {{txt}}").given("in.jsonl", "{\"id\": 1, \"text\": \"one\"}\n{\"id\": 2, \"text\": \"two\"}\n").says(""),
ran("in.csv", "-m", "m").given("in.csv", "id,text\n1,one\n").says(""),
ran("in.csv", "-m", "m", "--prompt", "{{text}}", "--id-column", "key").given("in.csv", "id,text\n1,one\n").says(""),
ran("in.csv", "-m", "m", "--prompt", "{{text}}", "--id-column", "id").given("in.csv", "id,text\n1,one\n1,two\n").says(""),
ran("in.csv", "-m", "m", "--prompt", "{{text}}").given("in.csv", "id,text\n1,one,more\n").says(""),
ran("in.csv", "-m", "m", "--prompt", "{{text}}").given("in.csv", "id,text\n1,\"one\n2,two\n").says(""),
ran("-", "-m", "m").given(user -> user.pipes("one\ntwo\n")).says(""));
    }

    private static Stream<Case> ways() {
        return Stream.of(
ran("rows.jsonl").says(""),
typed("run", "rows.jsonl").says(""),
typed("run", "rows.jsonl", "-m", "llama-3.3-70b").given(user -> user.sets("OPENAI_API_KEY", "sk-x")).says(""),
typed("run", "rows.jsonl", "-m", "claude-sonnet-4-5").given(user -> user.sets("OPENAI_API_KEY", "sk-x")).says(""),
typed("run", "rows.jsonl", "-m", "m", "-p", "opnai").says(""),
typed("run", "rows.jsonl", "-m", "gpt-5-mini").says(""),
typed("run", "rows.jsonl", "-m", "m", "-p", "openai", "--base-url", "SERVER").says(""),
typed("run", "rows.jsonl", "-m", "gpt-5-mini").given(user -> user.sets("OPENAI_API_KEY", "   ")).says(""),
typed("run", "rows.jsonl", "-m", "gpt-5-mini").given(user -> user.sets("OPENAI_API_KEY", "sk-se cret")).says(""),
ran("rows.jsonl", "-m", "m", "--api-key-env", "LAB_KEY").says(""),
typed("run", "rows.jsonl", "-m", "gpt-5-mini", "--api-key-env", "LAB_KEY").given(user -> user.sets("LAB_KEY", "k")).says(""),
typed("run", "rows.jsonl", "-m", "m", "--base-url", "not a url").says(""),
typed("run", "rows.jsonl", "-m", "m", "--base-url", "localhost:8000/v1").says(""),
typed("run", "rows.jsonl", "-m", "m", "--base-url", "ftp://localhost/v1").says(""),
typed("run", "rows.jsonl", "-m", "m", "--base-url", "http://localhost:8000/v1/chat/completions").says(""),
ran("rows.jsonl", "-m", "m", "--max-cost", "1").says(""),
typed("run", "rows.jsonl", "-m", "gpt-unheard-of", "-p", "openai", "--base-url", "SERVER", "--max-cost", "1").given(user -> user.sets("OPENAI_API_KEY", "sk-x")).says(""));
    }

    private static Stream<Case> places() {
        return Stream.of(
typed("status").says(""),
typed("status", "last").says(""),
typed("status", "0123456789abcdef").says(""),
typed("status", "nonsense!").says(""),
typed("watch", "job-20260101-0000").says(""),
typed("jobs", "--store", "mysql://localhost/x").says(""),
typed("jobs", "--store", "jdbc:postgresql:").says(""),
typed("jobs", "--store", "DIRSTORE").says(""),
typed("jobs", "--store", "rows.jsonl/s.db").says(""),
typed("jobs", "--store", "rows.jsonl").says(""),
typed("jobs", "--store", "newer.db").given(WrongInvocationsTest::storeOfNewerVersion).says(""),
typed("jobs").given("batchwright.yaml", "defaults:\n  max_attempts: 0\n  time_out: 5m\nproviders:\n  opnai:\n    concurrency: 5\n  lab:\n    type: openai-compatible\n    base_url: nowhere\n").says(""),
typed("jobs").given("batchwright.yaml", "defaults:\n  store: [x\n").says(""),
typed("jobs").given(user -> user.sets("BATCHWRIGHT_CONFIG", "lab.yaml")).says(""),
typed("jobs").given(".env", "OPENAI_API_KEY=sk-x\nwhat is this\n").says(""));
    }


    /** A store as this version makes it, but for the number of its form. */
    private static void storeOfNewerVersion(User user) {
        user.types("jobs", "--store", "newer.db");
        try (var connection =
                        DriverManager.getConnection("jdbc:sqlite:" + user.path("newer.db"));
                var statement = connection.createStatement()) {
            statement.execute("update schema_version set version = 999");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource
    void wrong(Case wrong, @TempDir Path temporary) {
        var user = new User(temporary);
        wrong.before.accept(user);

        User.Answer answer =
                user.types(
                        wrong.arguments.stream()
                                .map(it -> it.replace("SERVER", server.baseUrl()))
                                .toArray(String[]::new));

        assertThat(answer.err().replace(user.directory().toString(), "DIR").strip())
                .isEqualTo(wrong.message);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
        assertThat(server.bill().arrived()).isZero();
    }
}
