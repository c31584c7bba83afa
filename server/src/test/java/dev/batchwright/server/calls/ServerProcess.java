package dev.batchwright.server.calls;

import dev.batchwright.job.Mode;
import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** A server in a process of its own, that can be killed. */
final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final URI origin;

    /**
     * @param window how long a queue waits for others
     * @param mode how calls travel
     */
    ServerProcess(Path directory, String baseUrl, Duration window, Mode mode) {
        try {
            this.process =
                    new ProcessBuilder(
                                    List.of(
                                            Path.of(System.getProperty("java.home"), "bin", "java")
                                                    .toString(),
                                            "-Xmx256m",
                                            "-cp",
                                            System.getProperty("java.class.path"),
                                            ServerProcess.class.getName(),
                                            directory.toString(),
                                            baseUrl,
                                            window.toString(),
                                            mode.name()))
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            var out =
                    new BufferedReader(
                            new InputStreamReader(
                                    process.getInputStream(), StandardCharsets.UTF_8));
            String line = out.readLine();
            while (line != null && !line.startsWith("http")) {
                line = out.readLine();
            }
            if (line == null) {
                throw new IllegalStateException("The server did not start.");
            }
            this.origin = URI.create(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    URI origin() {
        return origin;
    }

    /** As {@code kill -9} does. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    public static void main(String... args) throws InterruptedException {
        Path directory = Path.of(args[0]);
        Workbench workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of("OPENAI_API_KEY", "sk-test"),
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        Server server =
                Server.start(
                        workbench,
                        ServerOptions.STANDARD
                                .at(new ServerOptions.Listen("127.0.0.1", 0))
                                .before(
                                        new Way.Said(
                                                Optional.of("openai"),
                                                Optional.of(args[1]),
                                                Optional.empty()))
                                .mode(Mode.valueOf(args[3]))
                                .batching(
                                        new ServerOptions.Batching(
                                                1_000,
                                                Duration.parse(args[2]),
                                                Optional.of(Duration.ofMillis(50)),
                                                Optional.empty(),
                                                Map.of(),
                                                true)),
                        new EventLog(Clock.systemUTC(), System.err));
        System.out.println(server.origin());
        // Until it is killed.
        new CountDownLatch(1).await();
    }
}
