package dev.batchwright.cli;

import dev.batchwright.input.Endpoint;
import dev.batchwright.input.InputException;
import dev.batchwright.input.RequestOptions;
import dev.batchwright.input.ResponseSchema;
import dev.batchwright.input.Template;
import dev.batchwright.job.Cost;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.Mode;
import dev.batchwright.workbench.Way;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What {@code run} can be told. Options that are not given stay null and say so as Optional. */
final class RunOptions {
    @Parameters(
            index = "0",
            paramLabel = "INPUT",
            description =
                    "OpenAI batch lines, request bodies or rows as JSONL; .csv or .tsv with"
                            + " --prompt; - for standard input.")
    String input = "";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            description =
                    "Where results go: .jsonl, .csv or .tsv (default: JSON lines on standard"
                            + " output).")
    @Nullable String out;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "Where failures go (default: beside the successes).")
    @Nullable String errors;

    @Option(
            names = {"-p", "--provider"},
            paramLabel = "PROVIDER",
            description =
                    "Who gets the requests, whatever the model is called: openai, groq, echo ...")
    @Nullable String provider;

    @Option(
            names = {"-m", "--model"},
            paramLabel = "MODEL",
            description = "The model of rows, and of requests that name none.")
    @Nullable String model;

    @Option(
            names = "--mode",
            paramLabel = "auto|batch|live",
            description = {
                "How requests travel: in the provider's batches at about half the price,",
                "live, or what is cheaper and ends in time (default: auto)."
            })
    @Nullable String mode;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = "The server, as the provider's own SDK takes it (OpenAI's ends in /v1).")
    @Nullable String baseUrl;

    @Option(
            names = "--api-key-env",
            paramLabel = "VAR",
            description = "The environment variable that holds the key.")
    @Nullable String apiKeyEnv;

    @Option(
            names = "--endpoint",
            paramLabel = "/v1/...",
            description = "The endpoint of rows and bare bodies (default: /v1/chat/completions).")
    @Nullable String endpoint;

    @Option(
            names = "--prompt",
            paramLabel = "TEMPLATE",
            description = "How a row becomes a prompt: text with {{column}}.")
    @Nullable String prompt;

    @Option(
            names = "--system",
            paramLabel = "TEMPLATE",
            description = "Instructions before the prompt: text with {{column}}.")
    @Nullable String system;

    @Option(
            names = "--id-column",
            paramLabel = "NAME",
            description = "The column that names a row (default: custom_id, or made from the row).")
    @Nullable String idColumn;

    @Option(
            names = "--schema",
            paramLabel = "FILE.json",
            description = "A JSON schema that answers must keep to.")
    @Nullable String schema;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Most calls at once (default: found by trial).")
    @Nullable Integer concurrency;

    @Option(
            names = "--rpm",
            paramLabel = "N",
            description = "Most requests a minute (default: learned from the provider).")
    @Nullable Long rpm;

    @Option(
            names = "--tpm",
            paramLabel = "N",
            description = "Most tokens a minute (default: learned from the provider).")
    @Nullable Long tpm;

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            description = "Attempts an item; being throttled is none (default: 5).")
    @Nullable Integer maxAttempts;

    @Option(
            names = "--timeout",
            paramLabel = "DUR",
            converter = Durations.class,
            description = "Longest an attempt may take (default: 10m).")
    @Nullable Duration timeout;

    @Option(
            names = "--deadline",
            paramLabel = "DUR",
            converter = Durations.class,
            description = {
                "Be done by then: batches that take too long are cancelled in time and their",
                "rest runs live. Stops then, with what there is (exit code 5)."
            })
    @Nullable Duration deadline;

    @Option(
            names = "--max-cost",
            paramLabel = "USD",
            converter = Costs.class,
            description = "Stop before more than this is spent (exit code 5).")
    @Nullable Cost maxCost;

    @Option(
            names = "--completion-window",
            paramLabel = "24h",
            converter = Durations.class,
            description = "How long a batch may take (default: what the provider offers).")
    @Nullable Duration completionWindow;

    @Option(
            names = "--poll-interval",
            paramLabel = "DUR",
            converter = Durations.class,
            description = "How often to look at a batch (default: adapts itself).")
    @Nullable Duration pollInterval;

    @Option(
            names = "--metadata",
            paramLabel = "K=V",
            description = "A note of your own, kept with the job; repeatable.")
    Map<String, String> metadata = new LinkedHashMap<>();

    @Option(names = "--name", paramLabel = "NAME", description = "What to call the job.")
    @Nullable String name;

    @Option(
            names = "--fresh",
            description = "Start anew, also if this job was run before (everything is paid again).")
    boolean fresh;

    @Option(names = "--detach", description = "Submit, run in the background, and return.")
    boolean detach;

    @Option(
            names = "--dry-run",
            description = "Check the input, count tokens, estimate the cost; send nothing.")
    boolean dryRun;

    @Option(
            names = "--json",
            description = "Print events on standard output, one JSON object a line.")
    boolean json;

    /** Everything that can be wrong without looking at the input. */
    void check() {
        if (mode != null && Mode.named(mode).isEmpty()) {
            throw CommandFailure.usage("--mode %s is not known. Choose auto, batch or live.", mode);
        }
        notZero("--completion-window", completionWindow);
        notZero("--poll-interval", pollInterval);
        atLeastOne("--concurrency", concurrency);
        atLeastOne("--rpm", rpm);
        atLeastOne("--tpm", tpm);
        atLeastOne("--max-attempts", maxAttempts);
        notZero("--timeout", timeout);
        notZero("--deadline", deadline);
        if (maxCost != null && maxCost.equals(Cost.ZERO)) {
            throw CommandFailure.usage(
                    "--max-cost 0 leaves nothing to spend. Use --dry-run to see what it would"
                            + " cost.");
        }
        if (concurrency != null && concurrency > 20_000) {
            throw CommandFailure.usage(
                    "--concurrency %d: more than 20000 calls at once is more than one process can"
                            + " hold.",
                    concurrency);
        }
        checkMetadata("--metadata", metadata);
        if (detach && (out != null || errors != null)) {
            throw CommandFailure.usage(
                    "--detach returns before there are results, so %s can't be written. Leave it"
                            + " out, and fetch them later with `batchwright results JOB -o FILE`.",
                    out != null ? "-o" : "--errors");
        }
        if (detach && dryRun) {
            throw CommandFailure.usage("--detach and --dry-run exclude each other.");
        }
        if (out != null && out.equals(errors)) {
            throw CommandFailure.usage(
                    "-o and --errors name the same file. Leave --errors out to have failures beside"
                            + " the successes.");
        }
    }

    /** Notes that providers would not take are refused before there is something to lose. */
    static void checkMetadata(String option, Map<String, String> metadata) {
        Optional<String> problem = JobSpec.problemOf(metadata);
        if (problem.isPresent()) {
            throw CommandFailure.usage("%s %s", option, problem.get());
        }
    }

    /** The command's word, if it said one. */
    Optional<Mode> lanes() {
        return Optional.ofNullable(mode).flatMap(Mode::named);
    }

    private static void atLeastOne(String option, @Nullable Number value) {
        if (value != null && value.longValue() < 1) {
            throw CommandFailure.usage(
                    "%s %d: at least 1 is needed. Leave it out for the default.", option, value);
        }
    }

    static void notZero(String option, @Nullable Duration value) {
        if (value != null && value.isZero()) {
            throw CommandFailure.usage(
                    "%s 0: a span longer than nothing is needed, such as 10m.", option);
        }
    }

    Way.Said said() {
        return new Way.Said(
                Optional.ofNullable(provider),
                Optional.ofNullable(baseUrl),
                Optional.ofNullable(apiKeyEnv));
    }

    /** What is kept with the job; the input's part comes when it was read. */
    JobSpec spec(Way way, Clock clock, String fingerprint, String source) {
        return new JobSpec(
                jobName(),
                fingerprint,
                source,
                List.of(),
                Map.of(),
                way.mode(lanes()),
                way.live(
                        concurrency == null ? OptionalInt.empty() : OptionalInt.of(concurrency),
                        rpm == null ? OptionalLong.empty() : OptionalLong.of(rpm),
                        tpm == null ? OptionalLong.empty() : OptionalLong.of(tpm),
                        maxAttempts == null ? OptionalInt.empty() : OptionalInt.of(maxAttempts),
                        Optional.ofNullable(timeout)),
                new JobSpec.BatchSettings(
                        Optional.ofNullable(completionWindow), Optional.ofNullable(pollInterval)),
                Optional.ofNullable(deadline).map(clock.instant()::plus),
                Optional.ofNullable(maxCost),
                metadata);
    }

    RequestOptions requestOptions(Surroundings around) {
        return new RequestOptions(
                Optional.ofNullable(provider),
                Optional.ofNullable(baseUrl),
                Optional.ofNullable(model),
                Optional.ofNullable(endpoint).map(Endpoint::parse),
                Optional.ofNullable(prompt).map(text -> Template.parse("--prompt", text)),
                Optional.ofNullable(system).map(text -> Template.parse("--system", text)),
                Optional.ofNullable(idColumn),
                Optional.ofNullable(schema)
                        .map(file -> ResponseSchema.read(path(around, "--schema", file))));
    }

    static Path path(Surroundings around, String option, String typed) {
        try {
            return around.path(typed);
        } catch (InvalidPathException e) {
            throw new InputException("%s %s is not a file name.".formatted(option, typed), e);
        }
    }

    String jobName() {
        if (name != null) {
            return name;
        }
        return input.equals("-") ? "stdin" : String.valueOf(Path.of(input).getFileName());
    }
}
