package dev.batchwright.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

import java.nio.file.Path;
import java.util.List;

/** What {@code run} promises, against a server that answers. */
class RunTest {
    private static final JsonMapper JSON = new JsonMapper();

    private final User user;
    private final Simulator server =
            Simulator.start(SimulatorOptions.builder().latency("20ms").build());
    private final String url = server.baseUrl();

    RunTest(@TempDir Path temporary) {
        user = new User(temporary).writes("rows.jsonl", User.ROWS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static List<JsonNode> objects(String lines) {
        return lines.lines().map(JSON::readTree).toList();
    }

    @Test
    void results_come_in_input_order_in_the_shape_of_batch_output() {
        User.Answer answer =
                user.types("run", "rows.jsonl", "-m", "m", "--base-url", url, "-o", "out.jsonl");

        assertThat(answer.code()).isZero();
        assertThat(answer.out()).isEmpty();
        assertThat(answer.err()).contains("3 items.").contains("finished: 3 of 3 succeeded");
        assertThat(objects(user.reads("out.jsonl")))
                .allSatisfy(
                        line -> assertThat(line.at("/response/status_code").asInt()).isEqualTo(200))
                .allSatisfy(line -> assertThat(line.at("/error").isNull()).isTrue())
                .extracting(line -> line.at("/response/body/choices/0/message/content").asString())
                .satisfiesExactly(
                        first -> assertThat(first).contains("one"),
                        second -> assertThat(second).contains("two"),
                        third -> assertThat(third).contains("three"));
    }

    @Test
    void the_same_command_again_costs_nothing_and_fresh_pays_anew() {
        String[] command = {"run", "rows.jsonl", "-m", "m", "--base-url", url};
        User.Answer first = user.types(command);
        User.Answer again = user.types(command);

        assertThat(first.outLines()).hasSize(3);
        assertThat(again.out()).isEqualTo(first.out());
        assertThat(again.err()).contains("results come from the store, no call is made");
        assertThat(server.bill().executed()).isEqualTo(3);

        User.Answer fresh =
                user.types("run", "rows.jsonl", "-m", "m", "--base-url", url, "--fresh");

        assertThat(fresh.code()).isZero();
        assertThat(server.bill().executed()).isEqualTo(6);
        assertThat(user.types("jobs").outLines()).hasSize(3);
    }

    @Test
    void a_dry_run_tells_what_would_be_sent_and_sends_nothing() {
        User.Answer answer =
                user.types("run", "rows.jsonl", "-m", "gpt-5-mini", "-p", "openai", "--dry-run");

        assertThat(answer.code()).isZero();
        assertThat(answer.out())
                .contains("3 requests; nothing was sent.")
                .containsPattern("openai +gpt-5-mini +/v1/chat/completions +3 ")
                .containsPattern("Estimated cost: ~\\$0\\.\\d+");
        User.Answer json =
                user.types(
                        "run", "rows.jsonl", "-m", "m", "--base-url", url, "--dry-run", "--json");
        assertThat(objects(json.out()))
                .singleElement()
                .satisfies(it -> assertThat(it.at("/items").asInt()).isEqualTo(3))
                .satisfies(it -> assertThat(it.at("/models/m").asInt()).isEqualTo(3));
        assertThat(server.bill().arrived()).isZero();
        assertThat(user.types("jobs").err()).contains("No jobs yet");
    }

    @Test
    void json_prints_events_alone() {
        User.Answer answer =
                user.types("run", "rows.jsonl", "-m", "m", "--base-url", url, "--json");

        assertThat(answer.err()).isEmpty();
        List<JsonNode> events = objects(answer.out());
        assertThat(events)
                .extracting(event -> event.at("/event").asString())
                .startsWith("created", "progress")
                .endsWith("ended");
        assertThat(events)
                .filteredOn(event -> event.at("/event").asString().equals("happened"))
                .extracting(event -> event.at("/kind").asString())
                .containsExactly("created", "planned", "finished");
        JsonNode ended = events.getLast();
        assertThat(ended.at("/state").asString()).isEqualTo("finished");
        assertThat(ended.at("/succeeded").asInt()).isEqualTo(3);
        assertThat(ended.at("/cost_usd").isNumber()).isTrue();
    }

    @Test
    void standard_input_is_an_input() {
        User.Answer answer = user.pipes(User.ROWS).types("run", "-", "-m", "m", "--base-url", url);

        assertThat(answer.code()).isZero();
        assertThat(answer.outLines()).hasSize(3);
        assertThat(user.types("jobs").out()).contains("stdin");
    }

    @Test
    void a_csv_gets_its_answers_beside_its_columns() {
        user.writes("rows.csv", "\uFEFFkey,text\r\na,\"one, two\"\r\nb,three\r\n");

        User.Answer answer =
                user.types(
                        "run",
                        "rows.csv",
                        "--prompt",
                        "About {{text}}",
                        "--system",
                        "Be {{key}}",
                        "--id-column",
                        "key",
                        "-m",
                        "m",
                        "--base-url",
                        url,
                        "-o",
                        "out.csv");

        assertThat(answer.code()).isZero();
        List<String> lines = user.reads("out.csv").lines().toList();
        assertThat(lines.getFirst()).contains("key,text,");
        assertThat(lines.get(1)).contains("a,\"one, two\",").contains("About one, two");
        assertThat(lines.get(2)).contains("b,three,").contains("About three");
    }

    @Test
    void a_schema_shapes_the_answers() {
        user.writes(
                "mood.json",
                """
                {"type": "object", "properties": {"mood": {"type": "string"}},
                 "required": ["mood"], "additionalProperties": false}
                """);

        User.Answer answer =
                user.types(
                        "run", "rows.jsonl", "--schema", "mood.json", "-m", "m", "--base-url", url);

        assertThat(answer.code()).isZero();
        assertThat(objects(answer.out()))
                .extracting(line -> line.at("/response/body/choices/0/message/content").asString())
                .allSatisfy(text -> assertThat(JSON.readTree(text).has("mood")).isTrue());
    }

    @Test
    void endpoints_models_and_providers_may_be_mixed() {
        user.writes(
                "batchwright.yaml",
                """
                providers:
                  lab: {type: openai-compatible, base_url: "%s"}
                """
                        .formatted(url));
        user.writes(
                "mixed.jsonl",
                """
                {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "lab/big", "messages": [{"role": "user", "content": "x"}]}}
                {"custom_id": "b", "method": "POST", "url": "/v1/embeddings", "body": {"model": "lab/small", "input": "y"}}
                {"custom_id": "c", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "echo", "messages": [{"role": "user", "content": "z"}]}}
                """);

        User.Answer answer = user.types("run", "mixed.jsonl");

        assertThat(answer.code()).isZero();
        assertThat(objects(answer.out()))
                .extracting(line -> line.at("/response/body/model").asString())
                .containsExactly("big", "small", "echo");
        assertThat(server.bill().executed()).isEqualTo(2);
    }

    @Test
    void a_key_goes_to_its_own_provider_alone() {
        try (var guarded = Simulator.start(SimulatorOptions.builder().key("sk-right").build())) {
            user.writes(".env", "OPENAI_API_KEY=sk-right\n");
            String[] withoutProvider = {
                "run", "rows.jsonl", "-m", "m", "--base-url", guarded.baseUrl()
            };

            assertThat(user.types(withoutProvider).code()).isEqualTo(3);
            assertThat(guarded.bill().executed()).isZero();
            assertThat(
                            user.types(
                                            "run",
                                            "rows.jsonl",
                                            "-m",
                                            "m",
                                            "-p",
                                            "openai",
                                            "--base-url",
                                            guarded.baseUrl())
                                    .code())
                    .isZero();
            assertThat(
                            user.types(
                                            "run",
                                            "rows.jsonl",
                                            "-m",
                                            "m",
                                            "--api-key-env",
                                            "OPENAI_API_KEY",
                                            "--fresh",
                                            "--base-url",
                                            guarded.baseUrl())
                                    .code())
                    .isZero();
            assertThat(guarded.bill().executed()).isEqualTo(6);
        }
    }

    @Test
    void limits_of_the_configuration_hold_unless_the_command_says_otherwise() {
        user.writes(
                "batchwright.yaml",
                """
                providers:
                  lab: {type: openai-compatible, base_url: "%s", concurrency: 2}
                """
                        .formatted(url));
        user.writes("many.jsonl", "{\"prompt\": \"x\"}\n".repeat(12));

        assertThat(user.types("run", "many.jsonl", "-m", "m", "-p", "lab").code()).isZero();
        assertThat(server.bill().mostRunning()).isEqualTo(2);

        server.bill().reset();
        user.types("run", "many.jsonl", "-m", "m", "-p", "lab", "--fresh", "--concurrency", "1");
        assertThat(server.bill().mostRunning()).isEqualTo(1);
    }

    @Test
    void parameters_that_a_model_refuses_are_told_of_before_they_are_paid_for() {
        user.writes(
                "warm.jsonl",
                """
                {"model": "gpt-5-mini", "temperature": 0.2, "messages": [{"role": "user", "content": "x"}]}
                """);
        user.sets("OPENAI_API_KEY", "sk-x");

        assertThat(user.types("run", "warm.jsonl", "-p", "openai", "--dry-run").err())
                .contains("Warning: ")
                .contains("gpt-5-mini does not take `temperature` other than 1: leave it out");
        assertThat(user.types("run", "warm.jsonl", "--base-url", url, "--dry-run").err()).isEmpty();
    }

    @Test
    void a_terminal_gets_a_progress_line_and_a_pipe_gets_none() {
        assertThat(user.types("run", "rows.jsonl", "-m", "m", "--base-url", url).err())
                .doesNotContain("\r");
        assertThat(
                        user.sitsAtTerminal()
                                .types("run", "rows.jsonl", "-m", "m", "--base-url", url, "--fresh")
                                .err())
                .contains("\r")
                .contains("3 of 3 done (100 %)");
    }
}
