package dev.batchwright.examples;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A program that runs as a process of its own, as a user starts it: in a directory where its store
 * lies too, with a server in the place of OpenAI where one is given. Closing it kills it.
 */
final class Program implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 120;

    private final Path output;
    private final Process process;

    private Program(Path output, Process process) {
        this.output = output;
        this.process = process;
    }

    /**
     * @param classes where its classes are, before those of the tests
     */
    static Program start(
            Path directory,
            Optional<Path> classes,
            Optional<String> server,
            String mainClass,
            String... arguments)
            throws IOException {
        String path = System.getProperty("java.class.path");
        var command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-Xmx256m",
                                "-Duser.home=" + directory,
                                "-cp",
                                classes.map(it -> it + ":" + path).orElse(path),
                                mainClass));
        command.addAll(List.of(arguments));
        Path output = Files.createTempFile(directory, "said", ".log");
        var builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment().put("BATCHWRIGHT_STORE", directory.resolve("store.db").toString());
        builder.environment().put("OPENAI_API_KEY", "sk-of-nobody");
        server.ifPresent(url -> builder.environment().put("OPENAI_BASE_URL", url));
        return new Program(output, builder.start());
    }

    /** Waits until it ends well; gives the lines that it printed. */
    List<String> lines() throws IOException, InterruptedException {
        boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
        List<String> said = Files.readAllLines(output, UTF_8);
        if (!ended || process.exitValue() != 0) {
            throw new AssertionError(
                    "It %s:%n%s"
                            .formatted(ended ? "failed" : "does not end", String.join("\n", said)));
        }
        return said;
    }

    /** As {@code kill -9}. */
    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
