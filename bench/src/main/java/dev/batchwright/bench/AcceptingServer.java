package dev.batchwright.bench;

import dev.batchwright.job.Mode;
import dev.batchwright.server.Server;
import dev.batchwright.server.ServerOptions;
import dev.batchwright.server.events.EventLog;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The server, taking calls that wait for their batch for as long as it runs: nothing is sent. In
 * its two forms it is the same but for where an accepted call is kept: in the store, or in memory
 * ({@link MemoryCalls}).
 *
 * <p>Arguments: a directory, {@code store} or {@code memory}. Prints its port, and ends when its
 * standard input does.
 */
final class AcceptingServer {
    private static final int MOST_CALLS = 50_000;
    private static final String NOWHERE = "http://127.0.0.1:9/v1";

    private AcceptingServer() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        var directory = Path.of(arguments[0]);
        UnaryOperator<JobStore> kept =
                arguments[1].equals("memory") ? MemoryCalls::over : UnaryOperator.identity();
        var clock = Clock.systemUTC();
        Workbench workbench =
                Workbench.open(
                        new Workbench.Settings(
                                Map.of("OPENAI_API_KEY", "bench"),
                                directory,
                                directory,
                                Optional.of(directory.resolve("accepting.db").toString()),
                                clock,
                                kept));
        var nobody =
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
        Server server = Server.start(workbench, options(), new EventLog(clock, nobody));
        System.out.println(server.port());
        while (System.in.read() >= 0) {}
        // What it took is of no use to anybody.
        Runtime.getRuntime().halt(0);
    }

    private static ServerOptions options() {
        return ServerOptions.STANDARD
                .at(new ServerOptions.Listen("127.0.0.1", 0))
                .before(new Way.Said(Optional.of("openai"), Optional.of(NOWHERE), Optional.empty()))
                .mode(Mode.BATCH)
                .batching(
                        new ServerOptions.Batching(
                                MOST_CALLS,
                                Duration.ofHours(1),
                                Optional.empty(),
                                Optional.empty(),
                                Map.of(),
                                true));
    }
}
