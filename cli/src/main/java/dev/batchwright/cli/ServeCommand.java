package dev.batchwright.cli;

import dev.batchwright.job.Mode;
import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Way;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;

@Command(
        name = "serve",
        description = {
            "Serve an OpenAI-compatible endpoint whose calls are batched behind the scenes,",
            "and a Batch API in front of any backend. Runs until Ctrl-C."
        })
final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "The address to listen on (default: ${DEFAULT-VALUE}).")
    String host = "127.0.0.1";

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "0 for any free port (default: ${DEFAULT-VALUE}).")
    int port;

    @Option(
            names = {"-p", "--provider"},
            paramLabel = "PROVIDER",
            description = {
                "Who gets the requests, whatever the model is called (default: the",
                "provider of the model, where its name leaves no doubt)."
            })
    @Nullable String provider;

    @Option(
            names = "--base-url",
            paramLabel = "URL",
            description = {
                "The server behind, as the provider's own SDK takes it (OpenAI's ends in",
                "/v1)."
            })
    @Nullable String baseUrl;

    @Option(
            names = "--api-key-env",
            paramLabel = "VAR",
            description = "The environment variable that holds the key for it.")
    @Nullable String apiKeyEnv;

    @Option(
            names = "--mode",
            paramLabel = "auto|batch|live",
            description = {
                "How calls travel that say nothing else (default: in batches where the",
                "backend takes them, live elsewhere)."
            })
    @Nullable String mode;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "1000",
            description = "As many calls are sent at once (default: ${DEFAULT-VALUE}).")
    int batchSize;

    @Option(
            names = "--batch-window",
            paramLabel = "DUR",
            defaultValue = "10s",
            converter = Durations.class,
            description = "How long a call waits for others (default: ${DEFAULT-VALUE}).")
    Duration batchWindow = Duration.ofSeconds(10);

    @Option(
            names = "--poll-interval",
            paramLabel = "DUR",
            converter = Durations.class,
            description = "How often to look at a batch (default: adapts itself).")
    @Nullable Duration pollInterval;

    @Option(
            names = "--completion-window",
            paramLabel = "24h",
            converter = Durations.class,
            description = "How long a batch may take (default: what the provider offers).")
    @Nullable Duration completionWindow;

    @Option(
            names = "--batch-metadata",
            paramLabel = "K=V",
            description = "Kept with each batch at the provider; repeatable.")
    Map<String, String> batchMetadata = new LinkedHashMap<>();

    @Option(
            names = "--keep-active-batches-on-close",
            description = {
                "Does nothing here: batches under way always go on when the server stops,",
                "and are found again."
            })
    boolean keepActiveBatches;

    @Mixin final GlobalOptions global;

    ServeCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        ServerOptions options = options();
        var terminal = global.terminal();
        try (var workbench = global.workbench();
                var server =
                        Server.start(
                                workbench,
                                options,
                                new EventLog(
                                        workbench.clock(),
                                        new PrintStream(
                                                terminal.out(), true, StandardCharsets.UTF_8)))) {
            terminal.say(
                    "Serving on %s  (use it: --base-url %s/v1   stop: Ctrl-C)",
                    server.origin(), server.origin());
            new CountDownLatch(1).await();
        }
        return ExitCode.OK.code;
    }

    private ServerOptions options() {
        if (mode != null && Mode.named(mode).isEmpty()) {
            throw CommandFailure.usage("--mode %s is not known. Choose auto, batch or live.", mode);
        }
        RunOptions.notZero("--completion-window", completionWindow);
        RunOptions.notZero("--poll-interval", pollInterval);
        try {
            return new ServerOptions(
                    new ServerOptions.Listen(host, port),
                    new Way.Said(
                            Optional.ofNullable(provider),
                            Optional.ofNullable(baseUrl),
                            Optional.ofNullable(apiKeyEnv)),
                    Optional.ofNullable(mode).flatMap(Mode::named),
                    new ServerOptions.Batching(
                            batchSize,
                            batchWindow,
                            Optional.ofNullable(pollInterval),
                            Optional.ofNullable(completionWindow),
                            batchMetadata,
                            true));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(e);
        }
    }
}
