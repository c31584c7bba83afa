package dev.batchwright.server;

import dev.batchwright.job.Mode;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** A server in a process of its own, that can be killed. To start one takes seconds: be sparing. */
public final class ServerProcess implements AutoCloseable {
    private final Process process;
    private final URI origin;

    /**
     * How it serves.
     *
     * @param directory of its store and its configuration
     * @param provider behind it, or {@link Way#COMPATIBLE}
     * @param mode how calls and batches travel
     * @param window how long a queue waits for others
     */
    public record Setting(
            Path directory, String provider, String baseUrl, Mode mode, Duration window) {
        private List<String> words() {
            return List.of(directory.toString(), provider, baseUrl, mode.name(), window.toString());
        }

        private static Setting of(String... words) {
            return new Setting(
                    Path.of(words[0]),
                    words[1],
                    words[2],
                    Mode.valueOf(words[3]),
                    Duration.parse(words[4]));
        }
    }

    private ServerProcess(Process process, URI origin) {
        this.process = process;
        this.origin = origin;
    }

    /** Returns when it listens. */
    public static ServerProcess start(Setting setting) throws IOException {
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:TieredStopAtLevel=1",
                                "-XX:+UseSerialGC",
                                "-Xmx256m",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                ServerProcess.class.getName()));
        command.addAll(setting.words());
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null) {
            throw new IllegalStateException("The server did not start.");
        }
        return new ServerProcess(process, URI.create(line));
    }

    public URI origin() {
        return origin;
    }

    /** As {@code kill -9} does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    public static void main(String... words) throws InterruptedException {
        Setting setting = Setting.of(words);
        Workbench workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of("OPENAI_API_KEY", "sk-test"),
                                setting.directory,
                                setting.directory,
                                Optional.of(setting.directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        Server server =
                Server.start(
                        workbench,
                        ServerOptions.STANDARD
                                .at(new ServerOptions.Listen("127.0.0.1", 0))
                                .before(
                                        new Way.Said(
                                                Optional.of(setting.provider),
                                                Optional.of(setting.baseUrl),
                                                Optional.empty()))
                                .mode(setting.mode)
                                .batching(
                                        new ServerOptions.Batching(
                                                1_000,
                                                setting.window,
                                                Optional.of(Duration.ofMillis(50)),
                                                Optional.empty(),
                                                Map.of(),
                                                true)),
                        new EventLog(
                                Clock.systemUTC(),
                                new PrintStream(
                                        OutputStream.nullOutputStream(),
                                        true,
                                        StandardCharsets.UTF_8)));
        System.out.println(server.origin());
        // Until it is killed.
        new CountDownLatch(1).await();
    }
}
