package dev.batchwright.cli;

import dev.batchwright.cli.log.Logs;
import dev.batchwright.engine.JobRun;
import dev.batchwright.job.Mode;
import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.batches.BatchSettings;
import dev.batchwright.server.edge.Limits;
import dev.batchwright.server.edge.Tls;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.store.HostedBatch;
import dev.batchwright.workbench.Way;

import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

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
            names = "--batch-output",
            paramLabel = "apart|early|merged",
            defaultValue = "apart",
            description = {
                "How the Batch API writes results: good ones and others in two files at",
                "the end, the same files shown while the batch runs, or all in one file",
                "as they come (default: ${DEFAULT-VALUE})."
            })
    String batchOutput = "apart";

    @Option(
            names = "--max-batch-requests",
            paramLabel = "N",
            defaultValue = "50000",
            description = "Most requests of a batch (default: ${DEFAULT-VALUE}).")
    long maxBatchRequests;

    @Option(
            names = "--cancel-active-batches-on-close",
            description = "Cancel batches of calls when the server stops (default: they go on).")
    boolean cancelActiveBatches;

    @Option(
            names = "--keep-active-batches-on-close",
            description = "Let them go on, and find them again: the default.")
    boolean keepActiveBatches;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Serve https: the certificate chain, in PEM; with --tls-key.")
    @Nullable String tlsCertificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, in PEM.")
    @Nullable String tlsKey;

    @Option(
            names = "--max-body",
            paramLabel = "SIZE",
            defaultValue = "64MB",
            converter = Sizes.class,
            description = "The largest body of a call (default: ${DEFAULT-VALUE}).")
    long maxBody;

    @Option(
            names = "--max-file",
            paramLabel = "SIZE",
            defaultValue = "512MB",
            converter = Sizes.class,
            description = "The largest file of a batch (default: ${DEFAULT-VALUE}).")
    long maxFile;

    @Option(
            names = "--max-waiting",
            paramLabel = "N",
            defaultValue = "200000",
            description = "Most requests that wait for an answer (default: ${DEFAULT-VALUE}).")
    int maxWaiting;

    @Option(
            names = "--max-streams",
            paramLabel = "N",
            defaultValue = "1000",
            description = {
                "Most requests at once on an HTTP/2 connection (default:",
                "${DEFAULT-VALUE})."
            })
    long maxStreams;

    @Option(
            names = "--log-level",
            paramLabel = "LEVEL",
            defaultValue = "info",
            description = {
                "What is written to standard error: off, error, warn, info (a line for each",
                "request) or debug (default: ${DEFAULT-VALUE})."
            })
    String logLevel = "info";

    @Mixin final GlobalOptions global;

    ServeCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        ServerOptions options = options();
        Optional<Level> level = level();
        Terminal terminal = global.terminal();
        try (var stopping = new Stopping();
                var workbench = global.workbench()) {
            level.ifPresent(least -> Logs.open(least, terminal.err(), workbench.clock()));
            var lines = new PrintStream(terminal.out(), true, StandardCharsets.UTF_8);
            try (var server =
                    Server.start(workbench, options, new EventLog(workbench.clock(), lines))) {
                HangUp.on(server::reload);
                terminal.say(
                        "Serving on %s  (use it: --base-url %s/v1   stop: Ctrl-C)",
                        server.origin(), server.origin());
                stopping.await();
                terminal.say("Stopping; calls under way get %ds ...", JobRun.GRACE.toSeconds());
            }
            terminal.say("Stopped; nothing is lost. The same command again goes on.");
        } finally {
            Logs.close();
        }
        return ExitCode.INTERRUPTED.code;
    }

    /** From its opening on, a signal to end does not end the process before this is closed. */
    private static final class Stopping implements AutoCloseable {
        private final CountDownLatch asked = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);
        private final Thread onSignal = new Thread(this::signalled, "signal");

        Stopping() {
            Runtime.getRuntime().addShutdownHook(onSignal);
        }

        private void signalled() {
            asked.countDown();
            try {
                over.await();
            } catch (InterruptedException e) {
                // Nobody interrupts it.
            }
        }

        void await() throws InterruptedException {
            asked.await();
        }

        @Override
        public void close() {
            over.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(onSignal);
            } catch (IllegalStateException shuttingDown) {
                // The hook is what runs now.
            }
        }
    }

    private Optional<Level> level() {
        if (logLevel.equals("off")) {
            return Optional.empty();
        }
        return Optional.of(
                switch (logLevel) {
                    case "error" -> Level.ERROR;
                    case "warn" -> Level.WARN;
                    case "info" -> Level.INFO;
                    case "debug" -> Level.DEBUG;
                    default ->
                            throw CommandFailure.usage(
                                    "--log-level %s is not known. Choose off, error, warn, info or"
                                            + " debug.",
                                    logLevel);
                });
    }

    private ServerOptions options() {
        if (mode != null && Mode.named(mode).isEmpty()) {
            throw CommandFailure.usage("--mode %s is not known. Choose auto, batch or live.", mode);
        }
        RunOptions.notZero("--completion-window", completionWindow);
        RunOptions.notZero("--poll-interval", pollInterval);
        RunOptions.checkMetadata("--batch-metadata", batchMetadata);
        if (keepActiveBatches && cancelActiveBatches) {
            throw CommandFailure.usage(
                    "--keep-active-batches-on-close and --cancel-active-batches-on-close exclude"
                            + " each other.");
        }
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
                            !cancelActiveBatches),
                    tls(),
                    new Limits(
                            maxBody,
                            maxFile,
                            maxWaiting,
                            maxStreams,
                            Limits.STANDARD.patience(),
                            Limits.STANDARD.idle()),
                    BatchSettings.STANDARD.with(layout()).holding(maxBatchRequests));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(e);
        }
    }

    private HostedBatch.Layout layout() {
        return HostedBatch.Layout.named(batchOutput)
                .orElseThrow(
                        () ->
                                CommandFailure.usage(
                                        "--batch-output %s is not known. Choose apart, early or"
                                                + " merged.",
                                        batchOutput));
    }

    private Optional<Tls> tls() {
        if (tlsCertificate == null && tlsKey == null) {
            return Optional.empty();
        }
        if (tlsCertificate == null || tlsKey == null) {
            throw CommandFailure.usage(
                    "%s is missing: https needs a certificate and its key.",
                    tlsKey == null ? "--tls-key" : "--tls-cert");
        }
        Surroundings around = global.surroundings();
        return Optional.of(
                new Tls(
                        RunOptions.path(around, "--tls-cert", tlsCertificate),
                        RunOptions.path(around, "--tls-key", tlsKey)));
    }
}
