package dev.batchwright.cli;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;
import dev.batchwright.simulator.SimulatorStartException;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

@Command(
        name = "simulate",
        description = {
            "Run a provider to try everything against without spending.",
            "It speaks a provider's API, with files, batches, faults, limits and a bill",
            "(GET /simulator/bill).",
            "Runs until Ctrl-C."
        })
final class SimulateCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "9090",
            description = "0 for any free port (default: ${DEFAULT-VALUE}).")
    int port;

    @Option(
            names = "--provider",
            paramLabel = "NAME",
            defaultValue = "openai",
            description = {
                "Whose API it speaks: openai, azure, groq, together, fireworks, xai, mistral,",
                "doubleword, parasail, anthropic, gemini (default: ${DEFAULT-VALUE})."
            })
    String provider = "openai";

    @Option(
            names = "--latency",
            paramLabel = "SPEC",
            description = "50ms, uniform:10ms..200ms, lognormal:median=50ms,sigma=0.5 ...")
    @Nullable String latency;

    @Option(
            names = "--token-time",
            paramLabel = "DUR",
            description = "More latency for each token of the answer.")
    @Nullable String tokenTime;

    @Option(
            names = "--fault",
            paramLabel = "RULE",
            description = {
                "429:5%%, 503:2%% first=1, reset:3%% when path=/v1/embeddings, stall=30s:1%%,",
                "half:1%%, invalid-json:1%%, quota after=500 ...; repeatable."
            })
    List<String> faults = List.of();

    @Option(names = "--rpm", paramLabel = "N", description = "Requests a minute that are let in.")
    long rpm;

    @Option(names = "--tpm", paramLabel = "N", description = "Tokens a minute that are let in.")
    long tpm;

    @Option(
            names = "--concurrency",
            paramLabel = "N",
            description = "Calls at once that are let in.")
    int concurrency;

    @Option(
            names = "--burst",
            paramLabel = "minute|second",
            description = "How much of a limit may be used at once (default: minute).")
    @Nullable String burst;

    @Option(
            names = "--retry-after",
            paramLabel = "FORM",
            description =
                    "How refusals tell for how long to wait: seconds, date, ms, both, none, mixed.")
    @Nullable String retryAfter;

    @Option(
            names = "--headers",
            paramLabel = "FORM",
            description = "Rate limit headers: openai, groq or none.")
    @Nullable String headers;

    @Option(names = "--key", paramLabel = "KEY", description = "The only key that is accepted.")
    @Nullable String key;

    @Option(
            names = "--models",
            split = ",",
            paramLabel = "NAME",
            description = "The models that exist.")
    List<String> models = List.of();

    @Option(
            names = "--time-scale",
            paramLabel = "N",
            description = "Seconds that pass for batches in a real one (default: 1).")
    double timeScale = 1;

    @Option(
            names = "--batch-time",
            paramLabel = "SPEC",
            description = "How long a batch runs, in its own time; as --latency (default: 1s).")
    @Nullable String batchTime;

    @Option(
            names = "--batch-validation-time",
            paramLabel = "DUR",
            description = "How long a batch is validated, in its own time (default: 200ms).")
    @Nullable String validationTime;

    @Option(
            names = "--enqueued-tokens",
            paramLabel = "N",
            description = "Prompt tokens that a model's unfinished batches may have.")
    long enqueuedTokens;

    @Option(
            names = "--batches-per-hour",
            paramLabel = "N",
            description = "Batches that may be created in an hour of their time.")
    int batchesPerHour;

    @Option(
            names = "--max-batch-requests",
            paramLabel = "N",
            description = "Requests in a batch, where not the provider's own limit.")
    long maxBatchRequests;

    @Option(
            names = "--max-upload-bytes",
            paramLabel = "N",
            description = "Bytes of an input file, where not the provider's own limit.")
    long maxUploadBytes;

    @Option(
            names = "--every-problem",
            description = "Validation reports each bad line, not just the first.")
    boolean everyProblem;

    @Option(
            names = "--quirk",
            paramLabel = "RULE",
            description = {
                "create-lost first=1, poll-500=30s, expire=0.5, row-missing:1%%, redirect,",
                "cut=0.5 first=2 ... (all: docs/simulator.md); repeatable."
            })
    List<String> quirks = List.of();

    @Option(
            names = "--broken-answers",
            paramLabel = "SHARE%%",
            description = {
                "So many answers by a JSON schema do not fit it, as in 15%%: prose around it, a",
                "field missing, a wrong type, or cut off."
            })
    @Nullable String brokenAnswers;

    @Option(
            names = "--price-in",
            paramLabel = "USD",
            description = "For a million tokens read live; batches cost half.")
    double priceIn;

    @Option(
            names = "--price-out",
            paramLabel = "USD",
            description = "For a million tokens written live; batches cost half.")
    double priceOut;

    @Option(names = "--seed", paramLabel = "N", description = "Of everything left to chance.")
    long seed = 1;

    @Mixin final GlobalOptions global;

    SimulateCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = global.terminal();
        try (var simulator = Simulator.start(options())) {
            terminal.say(
                    "Simulator: listening on %s  (use it: --base-url %s   bill: %s/simulator/bill  "
                            + " stop: Ctrl-C)",
                    simulator.baseUrl(), simulator.baseUrl(), simulator.origin());
            new CountDownLatch(1).await();
        } catch (SimulatorStartException e) {
            throw new CommandFailure(ExitCode.USAGE, Failure.text(e));
        }
        return ExitCode.OK.code;
    }

    private SimulatorOptions options() {
        try {
            var options =
                    SimulatorOptions.builder()
                            .host(host)
                            .port(port)
                            .provider(provider)
                            .rpm(rpm)
                            .tpm(tpm)
                            .concurrency(concurrency)
                            .models(models)
                            .timeScale(timeScale)
                            .enqueuedTokens(enqueuedTokens)
                            .batchesPerHour(batchesPerHour)
                            .maxBatchRequests(maxBatchRequests)
                            .maxUploadBytes(maxUploadBytes)
                            .everyProblem(everyProblem)
                            .price(priceIn, priceOut)
                            .seed(seed);
            if (latency != null) {
                options.latency(latency);
            }
            if (tokenTime != null) {
                options.tokenTime(tokenTime);
            }
            if (burst != null) {
                options.burst(burst);
            }
            if (retryAfter != null) {
                options.retryAfter(retryAfter);
            }
            if (headers != null) {
                options.headers(headers);
            }
            if (key != null) {
                options.key(key);
            }
            if (batchTime != null) {
                options.batchTime(batchTime);
            }
            if (validationTime != null) {
                options.validationTime(validationTime);
            }
            if (brokenAnswers != null) {
                options.brokenAnswers(brokenAnswers);
            }
            faults.forEach(options::fault);
            quirks.forEach(options::quirk);
            return options.build();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(e);
        }
    }
}
