package dev.batchwright.server.batches;

import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * A server in a process of its own, to be killed: {@code <directory> <base URL of the backend>}.
 */
final class ServingProcess {
    private ServingProcess() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        var workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of(),
                                directory,
                                directory,
                                Optional.of(directory.resolve("jobs.db").toString()),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        var quiet = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Server server =
                Server.start(
                        workbench,
                        ServerOptions.STANDARD
                                .at(new ServerOptions.Listen("127.0.0.1", 0))
                                .before(
                                        new Way.Said(
                                                Optional.empty(),
                                                Optional.of(arguments[1]),
                                                Optional.empty())),
                        new EventLog(Clock.systemUTC(), quiet));
        System.out.println(server.origin());
        Thread.currentThread().join();
    }

    static Process start(Path directory, String backend) throws IOException {
        return new ProcessBuilder(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-Xmx128m",
                                "-cp",
                                System.getProperty(
                                        "surefire.test.class.path",
                                        System.getProperty("java.class.path")),
                                ServingProcess.class.getName(),
                                directory.toString(),
                                backend))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
