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
        return new Case(Arrays.asList(arguments), user -> user.writes("rows.jsonl", User.ROWS), "");
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
        return Stream.of(usage(), attaching(), input(), ways(), places()).flatMap(each -> each);
    }

    private static Stream<Case> attaching() {
        return Stream.of(
                typed("attach")
                        .says(
                                "batchwright attach: No batch is named: its id, as its provider"
                                        + " shows it. Run `batchwright attach --help` for what it"
                                        + " takes."),
                typed("attach", "batch_1", "batch_2")
                        .says(
                                "batchwright attach: `batch_2` is one argument too many; put what"
                                    + " holds blanks in quotes. Run `batchwright attach --help` for"
                                    + " what it takes."),
                typed("attach", "batch_1")
                        .says(
                                "batchwright attach: No key of a provider with a batch API is set,"
                                    + " so nobody can be asked for batch batch_1. Set one, and name"
                                    + " the provider with -p."),
                typed("attach", "batch_1", "-p", "nobody")
                        .says(
                                "batchwright attach: There is no provider `nobody`. Choose one of"
                                    + " anthropic, azure, compatible, deepseek, doubleword, echo,"
                                    + " fireworks, gemini, groq, mistral, ollama, openai,"
                                    + " openrouter, parasail, together, vllm, xai, or describe it"
                                    + " under `providers` in batchwright.yaml."),
                typed("attach", "batch_1", "-p", "echo")
                        .says("batchwright attach: echo has no batch API."),
                typed("attach", "batch_1", "-p", "openai")
                        .says(
                                "batchwright attach: No key for openai: the variable OPENAI_API_KEY"
                                    + " is not set. Set it (export OPENAI_API_KEY=...), or write"
                                    + " OPENAI_API_KEY=... into a file .env in this directory."
                                    + " Nothing was sent."),
                typed("attach", "batch_1", "--poll-interval", "often")
                        .says(
                                "batchwright attach: --poll-interval: `often` is not a span of"
                                    + " time. Write it like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as"
                                    + " a number of seconds. Run `batchwright attach --help` for"
                                    + " what it takes."),
                typed("attach", "batch_1", "--poll-interval", "0", "-p", "openai")
                        .says(
                                "batchwright attach: --poll-interval 0: a span longer than nothing"
                                        + " is needed, such as 10m."),
                typed("attach", "batch_1", "-p", "openai", "-o", "no/such/dir.jsonl")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-x"))
                        .says(
                                "batchwright attach: DIR/no/such/dir.jsonl can't be written: there"
                                        + " is no directory DIR/no/such. Create it, or name another"
                                        + " file."),
                typed("attach", "batch_1", "-p", "openai", "-o", "a.jsonl", "--errors", "a.jsonl")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-x"))
                        .says(
                                "batchwright attach: Results and errors would both go to"
                                    + " DIR/a.jsonl. Name another file for --errors, or leave it"
                                    + " out: failures then stand among the results."),
                typed("attach", "batch_1", "--job", "last")
                        .says(
                                "batchwright attach: There is no job in this store yet. Start one"
                                        + " with `batchwright run`."),
                typed("attach", "batch_1", "--job", "job_none")
                        .says(
                                "batchwright attach: There is no job job_none in this store."
                                        + " `batchwright jobs` lists those that there are; --store"
                                        + " names another store."),
                typed("attach", "batch_1", "--job", "last", "-o", "a.jsonl")
                        .says(
                                "batchwright attach: --job takes the batch into a job, which knows"
                                        + " its provider and keeps the results: leave -p, -o and"
                                        + " --errors out, and fetch them later with `batchwright"
                                        + " results last`."),
                typed("attach", "batch_1", "--job", "last", "--shard", "x")
                        .says(
                                "batchwright attach: --shard: `x` is not a whole number. Run"
                                        + " `batchwright attach --help` for what it takes."),
                typed("attach", "batch_1", "--shard", "3", "-p", "openai")
                        .says(
                                "batchwright attach: --shard 3: it says which batch of a job is"
                                        + " meant. Name the job with --job, or leave it out."));
    }

    private static Stream<Case> usage() {
        return Stream.of(
                typed("run")
                        .says(
                                "batchwright run: No input is named: a file, or - for standard"
                                    + " input. Run `batchwright run --help` for what it takes."),
                typed("rum", "rows.jsonl")
                        .says(
                                "batchwright: `rum` is not known here; did you mean `run`? Run"
                                        + " `batchwright --help` for what it takes."),
                typed("run", "rows.jsonl", "--promt", "x")
                        .says(
                                "batchwright run: `--promt` is not known here; did you mean"
                                        + " `--prompt`? Run `batchwright run --help` for what it"
                                        + " takes."),
                typed("run", "rows.jsonl", "--bogus")
                        .says(
                                "batchwright run: `--bogus` is not known here. Run `batchwright run"
                                        + " --help` for what it takes."),
                typed("run", "rows.jsonl", "more.jsonl")
                        .says(
                                "batchwright run: `more.jsonl` is one argument too many; put what"
                                    + " holds blanks in quotes. Run `batchwright run --help` for"
                                    + " what it takes."),
                typed("run", "rows.jsonl", "-o")
                        .says(
                                "batchwright run: `--output` needs a value: OUT. Run `batchwright"
                                        + " run --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--timeout", "soon")
                        .says(
                                "batchwright run: --timeout: `soon` is not a span of time. Write it"
                                    + " like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as a number of"
                                    + " seconds. Run `batchwright run --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--timeout", "0")
                        .says(
                                "batchwright run: --timeout 0: a span longer than nothing is"
                                        + " needed, such as 10m."),
                ran("rows.jsonl", "-m", "m", "--deadline", "-1h")
                        .says(
                                "batchwright run: --deadline: `-1h` is not a span of time. Write it"
                                    + " like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as a number of"
                                    + " seconds. Run `batchwright run --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--max-cost", "ten")
                        .says(
                                "batchwright run: --max-cost: `ten` is not an amount of US dollars."
                                    + " Write it like 20, 0.50 or \"20 USD\". Run `batchwright run"
                                    + " --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--max-cost", "0")
                        .says(
                                "batchwright run: --max-cost 0 leaves nothing to spend. Use"
                                        + " --dry-run to see what it would cost."),
                ran("rows.jsonl", "-m", "m", "--concurrency", "many")
                        .says(
                                "batchwright run: --concurrency: `many` is not a whole number. Run"
                                        + " `batchwright run --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--concurrency", "0")
                        .says(
                                "batchwright run: --concurrency 0: at least 1 is needed. Leave it"
                                        + " out for the default."),
                ran("rows.jsonl", "-m", "m", "--concurrency", "1000000")
                        .says(
                                "batchwright run: --concurrency 1000000: more than 20000 calls at"
                                        + " once is more than one process can hold."),
                ran("rows.jsonl", "-m", "m", "--rpm", "0")
                        .says(
                                "batchwright run: --rpm 0: at least 1 is needed. Leave it out for"
                                        + " the default."),
                ran("rows.jsonl", "-m", "m", "--rpm", "1.5")
                        .says(
                                "batchwright run: --rpm: `1.5` is not a whole number. Run"
                                        + " `batchwright run --help` for what it takes."),
                ran("rows.jsonl", "-m", "m", "--tpm", "-5")
                        .says(
                                "batchwright run: --tpm -5: at least 1 is needed. Leave it out for"
                                        + " the default."),
                ran("rows.jsonl", "-m", "m", "--max-attempts", "0")
                        .says(
                                "batchwright run: --max-attempts 0: at least 1 is needed. Leave it"
                                        + " out for the default."),
                ran("rows.jsonl", "-m", "m", "-p", "echo", "--mode", "batch")
                        .says(
                                "batchwright run: Batches alone were asked for, and echo has no"
                                        + " batch API. Leave the mode out, or use live."),
                ran("rows.jsonl", "-m", "m", "--mode", "fast")
                        .says(
                                "batchwright run: --mode fast is not known. Choose auto, batch or"
                                        + " live."),
                ran("rows.jsonl", "-m", "m", "--completion-window", "0")
                        .says(
                                "batchwright run: --completion-window 0: a span longer than nothing"
                                        + " is needed, such as 10m."),
                ran("rows.jsonl", "-m", "m", "--completion-window", "1 day")
                        .says(
                                "batchwright run: --completion-window: `1 day` is not a span of"
                                    + " time. Write it like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as"
                                    + " a number of seconds. Run `batchwright run --help` for what"
                                    + " it takes."),
                ran("rows.jsonl", "-m", "m", "--poll-interval", "0")
                        .says(
                                "batchwright run: --poll-interval 0: a span longer than nothing is"
                                        + " needed, such as 10m."),
                ran("rows.jsonl", "-m", "m", "--poll-interval", "often")
                        .says(
                                "batchwright run: --poll-interval: `often` is not a span of time."
                                    + " Write it like 500ms, 10s, 5m, 6h, 1h30m, PT5M, or as a"
                                    + " number of seconds. Run `batchwright run --help` for what it"
                                    + " takes."),
                ran("rows.jsonl", "-m", "m", "--metadata", "team")
                        .says(
                                "batchwright run: --metadata: `team` has no `=`; write it as"
                                        + " KEY=VALUE. Run `batchwright run --help` for what it"
                                        + " takes."),
                ran("rows.jsonl", "-m", "m", "--metadata", "=x")
                        .says(
                                "batchwright run: --metadata ``: a key has 1 to 64 characters and a"
                                        + " value at most 512, as providers take them."),
                ran("rows.jsonl", "-m", "m", "--prompt", "x {{text")
                        .says(
                                "batchwright run: --prompt has `{{` at character 3 without `}}`."
                                        + " Close it, or write `\\{{` for two braces."),
                ran("rows.jsonl", "-m", "m", "--prompt", "")
                        .says(
                                "batchwright run: --prompt is empty. Give it a text with the"
                                        + " input's columns, as in 'Classify: {{text}}'."),
                ran("rows.jsonl", "-m", "m", "--endpoint", "/v1/chat")
                        .says(
                                "batchwright run: --endpoint `/v1/chat` is not an endpoint that can"
                                    + " be called. The endpoints: /v1/chat/completions,"
                                    + " /v1/responses, /v1/messages,"
                                    + " /v1beta/models/{model}:generateContent,"
                                    + " /v1beta/models/{model}:embedContent, /v1/embeddings,"
                                    + " /v1/completions, /v1/moderations, /v1/score, /v1/rerank,"
                                    + " /v1/images/generations, /v1/images/edits."),
                ran("rows.jsonl", "-m", "m", "--schema", "none.json")
                        .says(
                                "batchwright run: --schema DIR/none.json can't be read. Does the"
                                        + " file exist, and may you read it?"),
                ran("rows.jsonl", "-m", "m", "--schema", "s.json")
                        .given("s.json", "{\"type\": }")
                        .says(
                                "batchwright run: --schema DIR/s.json is not JSON: see line 1,"
                                        + " column 10."),
                ran("rows.jsonl", "-m", "m", "--schema", "s.json")
                        .given("s.json", "{\"name\": \"x\", \"schema\": {}}")
                        .says(
                                "batchwright run: --schema DIR/s.json holds a response format"
                                        + " around a schema. Give the schema alone, the object with"
                                        + " `type` and `properties`."),
                ran("rows.jsonl", "-m", "m", "-o", "out")
                        .given(user -> user.writes("out/other.txt", ""))
                        .says("batchwright run: DIR/out is a directory. Name a file in it."),
                ran("rows.jsonl", "-m", "m", "-o", "none/out.jsonl")
                        .says(
                                "batchwright run: DIR/none/out.jsonl can't be written: there is no"
                                        + " directory DIR/none. Create it, or name another file."),
                ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "out.jsonl")
                        .says(
                                "batchwright run: -o and --errors name the same file. Leave"
                                        + " --errors out to have failures beside the successes."),
                ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "./out.jsonl")
                        .says(
                                "batchwright run: Results and errors would both go to"
                                    + " DIR/out.jsonl. Name another file for --errors, or leave it"
                                    + " out: failures then stand among the results."),
                ran("rows.jsonl", "-m", "m", "-o", "out.jsonl", "--errors", "none/e.jsonl")
                        .says(
                                "batchwright run: DIR/none/e.jsonl can't be written: there is no"
                                        + " directory DIR/none. Create it, or name another file."),
                ran("rows.jsonl", "-m", "m", "--json", "-o", "-")
                        .says(
                                "batchwright run: -o - and --json both want standard output. Name a"
                                        + " file with -o."),
                ran("rows.jsonl", "-m", "m", "--json", "--errors", "e.jsonl")
                        .says(
                                "batchwright run: --errors with --json needs -o too: standard"
                                        + " output has the events."),
                ran("rows.jsonl", "-m", "m", "--detach", "-o", "out.jsonl")
                        .says(
                                "batchwright run: --detach returns before there are results, so -o"
                                    + " can't be written. Leave it out, and fetch them later with"
                                    + " `batchwright results JOB -o FILE`."),
                ran("rows.jsonl", "-m", "m", "--detach", "--dry-run")
                        .says("batchwright run: --detach and --dry-run exclude each other."),
                typed("results", "last", "--only", "some")
                        .says(
                                "batchwright results: --only some is not known. Choose all, ok or"
                                        + " failed."),
                typed("results")
                        .says(
                                "batchwright results: No job is named: its id, as `batchwright"
                                    + " jobs` shows it, or `last`. Run `batchwright results --help`"
                                    + " for what it takes."),
                typed("jobs", "-n", "0").says("batchwright jobs: -n 0: at least 1 is needed."),
                typed("prompts", "-n", "0")
                        .says("batchwright prompts: -n 0: at least 1 is needed."),
                typed("create", "rows.jsonl")
                        .says(
                                "batchwright create: `-m MODEL` is missing. Run `batchwright create"
                                        + " --help` for what it takes."),
                typed("create", "none.txt", "-m", "m")
                        .says(
                                "batchwright create: none.txt is not a file that can be read. Name"
                                    + " a file with one prompt a line, or - for standard input."),
                typed("create", "rows.jsonl", "-m", "m", "-o", "none/batch.jsonl")
                        .says(
                                "batchwright create: DIR/none/batch.jsonl can't be written: there"
                                        + " is no directory DIR/none. Create it, or name another"
                                        + " file."),
                typed("create", "rows.jsonl", "-m", "m", "--embeddings", "--score", "x")
                        .says(
                                "batchwright create: --embeddings, --score and --rerank exclude"
                                        + " each other."),
                typed("simulate", "--fault", "sometimes:5%")
                        .says(
                                "batchwright simulate: fault rule 'sometimes:5%': the faults are"
                                        + " 400 to 599, wrong-key, quota, html, reset, stall[=30s],"
                                        + " lost-answer, hang, half, invalid-json, empty,"
                                        + " slow-body[=5s]; example: 429:5% wait=2s first=1 when"
                                        + " model=gpt-4o."),
                typed("simulate", "--latency", "quick")
                        .says(
                                "batchwright simulate: 'quick' is not a span of time; write a"
                                        + " number and us, ms, s, m or h, like 250ms."),
                typed("simulate", "--port", "70000")
                        .says(
                                "batchwright simulate: a port is 0 (any free one) to 65535, not"
                                        + " 70000."),
                typed("serve", "--port", "70000")
                        .says("batchwright serve: A port is 0 to 65535, not 70000."),
                typed("serve", "--mode", "fast")
                        .says(
                                "batchwright serve: --mode fast is not known. Choose auto, batch or"
                                        + " live."),
                typed("serve", "--batch-size", "0")
                        .says("batchwright serve: A batch size is 1 to 50,000, not 0."),
                typed("serve", "--log-level", "loud")
                        .says(
                                "batchwright serve: --log-level loud is not known. Choose off,"
                                        + " error, warn, info or debug."),
                typed("serve", "--tls-cert", "cert.pem")
                        .says(
                                "batchwright serve: --tls-key is missing: https needs a certificate"
                                        + " and its key."),
                typed("serve", "--tls-cert", "cert.pem", "--tls-key", "key.pem")
                        .says(
                                "batchwright serve: The file DIR/cert.pem, which TLS needs, can't"
                                        + " be read. Name a PEM file that this user may read."),
                typed("serve", "--host", "0.0.0.0")
                        .says(
                                "batchwright serve: Serving on 0.0.0.0 without keys would let"
                                    + " everybody who reaches that address spend your money. Set up"
                                    + " keys under `serve.keys` in batchwright.yaml, or listen on"
                                    + " 127.0.0.1."),
                typed("serve")
                        .given("batchwright.yaml", "serve: {keys: {team: {env: NO_KEY}}}")
                        .says(
                                "batchwright serve: serve.keys.team: the variable NO_KEY, which"
                                        + " holds the key, is not set. Set it, or give the key's"
                                        + " `sha256`."),
                typed("serve", "--keep-active-batches-on-close", "--cancel-active-batches-on-close")
                        .says(
                                "batchwright serve: --keep-active-batches-on-close and"
                                        + " --cancel-active-batches-on-close exclude each other."));
    }

    private static Stream<Case> input() {
        return Stream.of(
                ran("none.jsonl", "-m", "m")
                        .says("batchwright run: DIR/none.jsonl does not exist. Check the name."),
                ran("folder", "-m", "m")
                        .given(user -> user.writes("folder/rows.jsonl", User.ROWS))
                        .says(
                                "batchwright run: DIR/folder is a directory. Name a file in it, or"
                                        + " `-` for standard input."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "")
                        .says("batchwright run: DIR/in.jsonl holds no request: it is empty."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "\n\r\n\n")
                        .says("batchwright run: DIR/in.jsonl holds no request: it is empty."),
                ran("in.csv", "-m", "m")
                        .given("in.csv", "prompt\n")
                        .says("batchwright run: DIR/in.csv holds no request, only a header."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "{\"prompt\": \"one\"}\n{\"prompt\": two}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:2: the line is not JSON: see column"
                                        + " 12.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "{\"prompt\": \"one\"}\n[\"two\"]\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:2: the line is JSON, but not an"
                                    + " object. Each line holds one, as in {\"prompt\": \"...\"}.\n"
                                    + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "{\"prompt\": \"one\"} {\"prompt\": \"two\"}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: the line goes on after its"
                                        + " object, at column 19. Each line holds one.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                "{\"prompt\": \"gr\u00fcn\"}\n"
                                        .getBytes(StandardCharsets.ISO_8859_1))
                        .says(
                                "batchwright run: DIR/in.jsonl:1: byte 15 of the line (15 of the"
                                        + " file) is not UTF-8. Save the file as UTF-8.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", User.ROWS.getBytes(StandardCharsets.UTF_16))
                        .says(
                                "batchwright run: DIR/in.jsonl is UTF-16. Save it as UTF-8 (`iconv"
                                        + " -f UTF-16 -t UTF-8`)."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "PAR1....PAR1".getBytes(StandardCharsets.UTF_8))
                        .says(
                                "batchwright run: DIR/in.jsonl is a Parquet file, which this"
                                        + " version can't read. Convert it to CSV or JSON lines."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                """
                                {"custom_id": "a", "prompt": "one"}
                                {"custom_id": "b", "prompt": "two"}
                                {"custom_id": "a", "prompt": "three"}
                                """)
                        .says(
                                "batchwright run: DIR/in.jsonl:3: its id is the same as that of"
                                    + " line 1. Make ids differ, or remove them: then they are made"
                                    + " from the content.\n"
                                    + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "{\"custom_id\": \"\", \"prompt\": \"one\"}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: the id is empty. Give every"
                                    + " request one, or none at all: then they are made from the"
                                    + " content.\n"
                                    + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\":"
                                    + " \"/v1/chat\", \"body\": {\"model\": \"m\", \"messages\":"
                                    + " [{\"role\": \"user\", \"content\": \"x\"}]}}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: `url` is not an endpoint that can"
                                    + " be called. The endpoints: /v1/chat/completions,"
                                    + " /v1/responses, /v1/messages,"
                                    + " /v1beta/models/{model}:generateContent,"
                                    + " /v1beta/models/{model}:embedContent, /v1/embeddings,"
                                    + " /v1/completions, /v1/moderations, /v1/score, /v1/rerank,"
                                    + " /v1/images/generations, /v1/images/edits.\n"
                                    + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                "{\"custom_id\": \"a\", \"method\": \"GET\", \"url\":"
                                        + " \"/v1/chat/completions\", \"body\": {\"model\": \"m\","
                                        + " \"messages\": [{\"role\": \"user\", \"content\":"
                                        + " \"x\"}]}}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: `method` is not POST. Nothing"
                                        + " else can be called.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                "{\"custom_id\": \"a\", \"method\": \"POST\", \"url\":"
                                    + " \"/v1/chat/completions\", \"body\": {\"model\": \"m\"}}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: a request for"
                                        + " /v1/chat/completions needs `messages`, which this one"
                                        + " lacks.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given(
                                "in.jsonl",
                                "{\"model\": \"m\", \"stream\": true, \"messages\": [{\"role\":"
                                        + " \"user\", \"content\": \"x\"}]}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: `stream` is true, and a job has"
                                        + " nobody to stream to. Remove `stream`.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl")
                        .given(
                                "in.jsonl",
                                "{\"model\": 5, \"messages\": [{\"role\": \"user\", \"content\":"
                                        + " \"x\"}]}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: `model` is not a string. Write it"
                                        + " in quotes.\n"
                                        + "Nothing was sent."),
                ran("in.jsonl", "-m", "m")
                        .given("in.jsonl", "{\"model\": \"m\", \"messages\": \"x\"}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: `messages` is not a list of"
                                        + " messages. Write [{\"role\": \"user\", \"content\":"
                                        + " \"...\"}].\n"
                                        + "Nothing was sent."),
                ran("in.csv", "-m", "m", "--prompt", "About {{txt}}")
                        .given("in.csv", "id,text\n1,one\n2,two\n")
                        .says(
                                "batchwright run: DIR/in.csv:1: there is no column `txt`, which"
                                        + " --prompt names. Did you mean `text`? The columns: `id`,"
                                        + " `text`."),
                ran("in.jsonl", "-m", "m", "--prompt", "About {{txt}}")
                        .given(
                                "in.jsonl",
                                "{\"id\": 1, \"text\": \"one\"}\n{\"id\": 2, \"text\": \"two\"}\n")
                        .says(
                                "batchwright run: DIR/in.jsonl:1: it has no `txt`, which --prompt"
                                    + " names. Did you mean `text`? It has `id`, `text`.\n"
                                    + "DIR/in.jsonl:2: it has no `txt`, which --prompt names. Did"
                                    + " you mean `text`? It has `id`, `text`.\n"
                                    + "Nothing was sent."),
                ran("in.csv", "-m", "m")
                        .given("in.csv", "id,text\n1,one\n")
                        .says(
                                "batchwright run: DIR/in.csv:1: there is no column `prompt`. Say"
                                    + " with --prompt how a prompt is made of a row, as in --prompt"
                                    + " '... {{text}}'. The columns: `id`, `text`."),
                ran("in.csv", "-m", "m", "--prompt", "{{text}}", "--id-column", "key")
                        .given("in.csv", "id,text\n1,one\n")
                        .says(
                                "batchwright run: DIR/in.csv:1: there is no column `key`, which"
                                        + " --id-column names. The columns: `id`, `text`."),
                ran("in.csv", "-m", "m", "--prompt", "{{text}}", "--id-column", "id")
                        .given("in.csv", "id,text\n1,one\n1,two\n")
                        .says(
                                "batchwright run: DIR/in.csv:3: its id is the same as that of line"
                                    + " 2. Make ids differ, or remove them: then they are made from"
                                    + " the content.\n"
                                    + "Nothing was sent."),
                ran("in.csv", "-m", "m", "--prompt", "{{text}}")
                        .given("in.csv", "id,text\n1,one,more\n")
                        .says(
                                "batchwright run: DIR/in.csv:2: the row has 3 fields, the header"
                                        + " has 2. Put fields that hold delimiters or line ends in"
                                        + " quotes.\n"
                                        + "Nothing was sent."),
                ran("in.csv", "-m", "m", "--prompt", "{{text}}")
                        .given("in.csv", "id,text\n1,\"one\n2,two\n")
                        .says(
                                "batchwright run: DIR/in.csv:2: a quoted field in the record that"
                                    + " starts here is never closed. Close it with `\"`; a quote"
                                    + " within a quoted field is written twice.\n"
                                    + "Nothing was sent."),
                ran("-", "-m", "m")
                        .given(user -> user.pipes("one\ntwo\n"))
                        .says(
                                "batchwright run: standard input is neither JSON lines nor a table"
                                        + " with a column `prompt`. If it holds one prompt a line,"
                                        + " `batchwright create - -m MODEL -o batch.jsonl` makes a"
                                        + " batch file of it."));
    }

    private static Stream<Case> ways() {
        return Stream.of(
                typed("run", "rows.jsonl")
                        .says(
                                "batchwright run: DIR/rows.jsonl:1: The request names no model, so"
                                    + " no provider can be told from it. Name the model with -m, or"
                                    + " choose a provider with -p (anthropic, azure, compatible,"
                                    + " deepseek, doubleword, echo, fireworks, gemini, groq,"
                                    + " mistral, ollama, openai, openrouter, parasail, together,"
                                    + " vllm, xai). (the same in 2 more requests)\n"
                                    + "Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "llama-3.3-70b")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-x"))
                        .says(
                                "batchwright run: DIR/rows.jsonl:1: Which provider serves the model"
                                    + " `llama-3.3-70b` is not certain from its name. Choose one"
                                    + " with -p (anthropic, azure, compatible, deepseek,"
                                    + " doubleword, echo, fireworks, gemini, groq, mistral, ollama,"
                                    + " openai, openrouter, parasail, together, vllm, xai), write"
                                    + " it before the model (groq/llama-3.3-70b), or give"
                                    + " --base-url for a server of your own. (the same in 2 more"
                                    + " requests)\n"
                                    + "Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "claude-sonnet-4-5")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-x"))
                        .says(
                                "batchwright run: No key for anthropic: the variable"
                                    + " ANTHROPIC_API_KEY is not set. Set it (export"
                                    + " ANTHROPIC_API_KEY=...), or write ANTHROPIC_API_KEY=... into"
                                    + " a file .env in this directory. Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "m", "-p", "opnai")
                        .says(
                                "batchwright run: There is no provider `opnai`. Did you mean"
                                    + " `openai`? Choose one of anthropic, azure, compatible,"
                                    + " deepseek, doubleword, echo, fireworks, gemini, groq,"
                                    + " mistral, ollama, openai, openrouter, parasail, together,"
                                    + " vllm, xai, or describe it under `providers` in"
                                    + " batchwright.yaml."),
                typed("run", "rows.jsonl", "-m", "gpt-5-mini")
                        .says(
                                "batchwright run: No key for openai: the variable OPENAI_API_KEY is"
                                        + " not set. Set it (export OPENAI_API_KEY=...), or write"
                                        + " OPENAI_API_KEY=... into a file .env in this directory."
                                        + " Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "m", "-p", "openai", "--base-url", "SERVER")
                        .says(
                                "batchwright run: No key for openai: the variable OPENAI_API_KEY is"
                                        + " not set. Set it (export OPENAI_API_KEY=...), or write"
                                        + " OPENAI_API_KEY=... into a file .env in this directory."
                                        + " Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "gpt-5-mini")
                        .given(user -> user.sets("OPENAI_API_KEY", "   "))
                        .says(
                                "batchwright run: No key for openai: the variable OPENAI_API_KEY is"
                                        + " not set. Set it (export OPENAI_API_KEY=...), or write"
                                        + " OPENAI_API_KEY=... into a file .env in this directory."
                                        + " Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "gpt-5-mini")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-se cret"))
                        .says(
                                "batchwright run: The variable OPENAI_API_KEY does not hold a key:"
                                    + " there are blanks or characters in it that no key has. Set"
                                    + " it again, to the key alone."),
                ran("rows.jsonl", "-m", "m", "--api-key-env", "LAB_KEY")
                        .says(
                                "batchwright run: No key for compatible: the variable LAB_KEY is"
                                    + " not set. Set it (export LAB_KEY=...), or write LAB_KEY=..."
                                    + " into a file .env in this directory. Nothing was sent."),
                typed("run", "rows.jsonl", "-m", "gpt-5-mini", "--api-key-env", "LAB_KEY")
                        .given(user -> user.sets("LAB_KEY", "k"))
                        .says(
                                "batchwright run: The key variable LAB_KEY: whose key this is must"
                                    + " be certain. Name the provider, or the server by its base"
                                    + " URL."),
                typed("run", "rows.jsonl", "-m", "m", "--base-url", "not a url")
                        .says(
                                "batchwright run: The base URL of compatible (--base-url) is not"
                                        + " the address of a server; write it as https://host/v1,"
                                        + " without user or password."),
                typed("run", "rows.jsonl", "-m", "m", "--base-url", "localhost:8000/v1")
                        .says(
                                "batchwright run: The base URL of compatible (--base-url) is not"
                                        + " the address of a server; write it as https://host/v1,"
                                        + " without user or password."),
                typed("run", "rows.jsonl", "-m", "m", "--base-url", "ftp://localhost/v1")
                        .says(
                                "batchwright run: The base URL of compatible (--base-url) is not"
                                        + " the address of a server; write it as https://host/v1,"
                                        + " without user or password."),
                ran("rows.jsonl", "-m", "m", "--max-cost", "1")
                        .says(
                                "batchwright run: A cap on the cost can't be kept: the price of m"
                                        + " at compatible is not known. Add it under `prices` in"
                                        + " batchwright.yaml, or leave the cap out."),
                typed(
                                "run",
                                "rows.jsonl",
                                "-m",
                                "gpt-unheard-of",
                                "-p",
                                "openai",
                                "--base-url",
                                "SERVER",
                                "--max-cost",
                                "1")
                        .given(user -> user.sets("OPENAI_API_KEY", "sk-x"))
                        .says(
                                "batchwright run: A cap on the cost can't be kept: the price of"
                                        + " gpt-unheard-of at openai is not known. Add it under"
                                        + " `prices` in batchwright.yaml, or leave the cap out."));
    }

    private static Stream<Case> places() {
        return Stream.of(
                typed("status")
                        .says(
                                "batchwright status: No job is named: its id, as `batchwright jobs`"
                                    + " shows it, or `last`. Run `batchwright status --help` for"
                                    + " what it takes."),
                typed("status", "last")
                        .says(
                                "batchwright status: There is no job in this store yet. Start one"
                                        + " with `batchwright run`."),
                typed("status", "0123456789abcdef")
                        .says(
                                "batchwright status: There is no job job_0123456789abcdef in this"
                                        + " store. `batchwright jobs` lists those that there are;"
                                        + " --store names another store."),
                typed("status", "nonsense!")
                        .says(
                                "batchwright status: `nonsense!` is not a job's id. `batchwright"
                                        + " jobs` shows the ids; `last` is the newest job."),
                typed("watch", "job-20260101-0000")
                        .says(
                                "batchwright watch: `job-20260101-0000` is not a job's id."
                                        + " `batchwright jobs` shows the ids; `last` is the newest"
                                        + " job."),
                typed("jobs", "--store", "mysql://localhost/x")
                        .says(
                                "batchwright jobs: The store is neither a path nor a PostgreSQL"
                                        + " URL. Give a path such as `jobs.db`, or"
                                        + " `jdbc:postgresql://host/database?user=name`."),
                typed("jobs", "--store", "jdbc:postgresql:")
                        .says(
                                "batchwright jobs: The store's PostgreSQL URL can't be read. Write"
                                    + " it as"
                                    + " `jdbc:postgresql://host:5432/database?user=name&password=...`,"
                                    + " with special characters in the password percent-encoded."),
                typed("jobs", "--store", "folder")
                        .given(user -> user.writes("folder/x", ""))
                        .says(
                                "batchwright jobs: The store DIR/folder can't be opened. Check that"
                                    + " the path names a file and that this user may read and write"
                                    + " it."),
                typed("jobs", "--store", "rows.jsonl/s.db")
                        .says(
                                "batchwright jobs: The store DIR/rows.jsonl/s.db can't be created"
                                    + " (DIR/rows.jsonl is not a directory). Check the directory"
                                    + " and its permissions, or name another place with --store."),
                typed("jobs", "--store", "rows.jsonl")
                        .says(
                                "batchwright jobs: The store DIR/rows.jsonl is damaged or not a"
                                        + " Batchwright store. Restore it from a backup, or name"
                                        + " another store with --store."),
                typed("jobs", "--store", "newer.db")
                        .given(WrongInvocationsTest::storeOfNewerVersion)
                        .says(
                                "batchwright jobs: The store DIR/newer.db has schema version 999;"
                                    + " this Batchwright knows versions up to N. A newer"
                                    + " Batchwright has written it: use that one, or name another"
                                    + " store with --store."),
                typed("jobs")
                        .given(
                                "batchwright.yaml",
                                """
                                defaults:
                                  max_attempts: 0
                                  time_out: 5m
                                providers:
                                  opnai:
                                    concurrency: 5
                                  lab:
                                    type: openai-compatible
                                    base_url: nowhere
                                """)
                        .says(
                                "batchwright jobs: DIR/batchwright.yaml has 4 problems:\n"
                                    + "  defaults.max_attempts     must be a whole number from 1 to"
                                    + " 1,000\n"
                                    + "  defaults.time_out         unknown key; did you mean"
                                    + " `timeout`?\n"
                                    + "  providers.opnai.type      is missing: opnai is not built"
                                    + " in (did you mean `openai`?). For a server of your own write"
                                    + " `type: openai-compatible`\n"
                                    + "  providers.lab.base_url    must be the address of a server,"
                                    + " such as https://host/v1, without user or password."),
                typed("jobs")
                        .given("batchwright.yaml", "defaults:\n  store: [x\n")
                        .says(
                                "batchwright jobs: DIR/batchwright.yaml has 1 problem:\n"
                                    + "  line 3    is not valid YAML; check the indentation, the"
                                    + " colons and the quotes around it."),
                typed("jobs")
                        .given(user -> user.sets("BATCHWRIGHT_CONFIG", "lab.yaml"))
                        .says(
                                "batchwright jobs: The variable BATCHWRIGHT_CONFIG names the file"
                                    + " DIR/lab.yaml, which does not exist. Create it, or unset the"
                                    + " variable."),
                typed("jobs")
                        .given(".env", "OPENAI_API_KEY=sk-x\nwhat is this\n")
                        .says(
                                "batchwright jobs: DIR/.env has 1 problem:\n"
                                        + "  line 2    is not of the form NAME=value; quote a value"
                                        + " that holds quotes, and write a comment after #."));
    }

    /** A store as this version makes it, but for the number of its form. */
    private static void storeOfNewerVersion(User user) {
        user.types("jobs", "--store", "newer.db");
        try (var connection = DriverManager.getConnection("jdbc:sqlite:" + user.path("newer.db"));
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

        assertThat(
                        answer.err()
                                .replace(user.directory().toString(), "DIR")
                                .replaceAll("(?<=versions up to )\\d+", "N")
                                .strip())
                .isEqualTo(wrong.message);
        assertThat(answer.code()).isEqualTo(2);
        assertThat(answer.out()).isEmpty();
        assertThat(server.bill().arrived()).isZero();
    }
}
