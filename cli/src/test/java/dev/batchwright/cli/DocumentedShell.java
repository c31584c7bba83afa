package dev.batchwright.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A shell in a directory like a checkout, with a home of its own, where {@code ./batchwright} runs
 * the classes under test. Blocks share the directory and the store. Closing it ends the simulators
 * that were started.
 */
final class DocumentedShell implements AutoCloseable {
    private static final String DOCUMENTED_SERVER = "127.0.0.1:9090";
    private static final long PATIENCE_SECONDS = 240;

    private final Path directory;
    private final Path home;
    private final List<Process> simulators = new ArrayList<>();
    private String server = "";

    /** What a block came to. */
    record Ending(int code, String said) {}

    DocumentedShell(QuickStart java, Path temporary, Path examples) throws IOException {
        directory = Files.createDirectory(temporary.resolve("checkout"));
        home = Files.createDirectory(temporary.resolve("home"));
        copy(examples, Files.createDirectory(directory.resolve("examples")));
        Path launcher = Files.writeString(directory.resolve("batchwright"), launcher(java));
        Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(
                        file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private String launcher(QuickStart java) {
        String command =
                java.command().stream().map("'%s'"::formatted).collect(Collectors.joining(" "));
        return """
        #!/bin/sh
        exec %s '-Duser.home=%s' dev.batchwright.cli.Main "$@"
        """
                .formatted(command, home);
    }

    /** Runs a block to its end; one that starts a simulator is left running. */
    Ending run(DocumentationTest.ShellBlock block) throws IOException, InterruptedException {
        if (block.startsSimulator()) {
            return startSimulator(block.script());
        }
        if (block.script().contains(DOCUMENTED_SERVER) && server.isEmpty()) {
            Ending started = startSimulator("./batchwright simulate --port 9090");
            if (started.code() != 0) {
                return started;
            }
        }
        return run("sh", "-euc", block.script().replace(DOCUMENTED_SERVER, server));
    }

    /** What a command prints. */
    String prints(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("./batchwright"));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new)).said();
    }

    private Ending run(String... command) throws IOException, InterruptedException {
        Path said = directory.resolveSibling("said.txt");
        Process process = builder(command).redirectOutput(said.toFile()).start();
        try {
            boolean over = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
            return new Ending(over ? process.exitValue() : -1, Files.readString(said));
        } finally {
            end(process);
        }
    }

    private Ending startSimulator(String script) throws IOException {
        Process simulator =
                builder("sh", "-euc", "exec " + script.replace("--port 9090", "--port 0")).start();
        simulators.add(simulator);
        BufferedReader said = simulator.inputReader(UTF_8);
        // The Java runtime may have a warning to give before.
        String line = said.readLine();
        while (line != null && !line.contains("listening on http://")) {
            line = said.readLine();
        }
        if (line == null) {
            return new Ending(-1, "The simulator ended before it listened.");
        }
        server = line.replaceFirst(".*listening on http://", "").replaceFirst("/v1.*", "");
        return new Ending(0, line);
    }

    private ProcessBuilder builder(String... command) {
        var builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().keySet().removeIf(DocumentedShell::wouldMatter);
        return builder.redirectErrorStream(true);
    }

    /** What a developer may have set: keys, proxies, another store. */
    private static boolean wouldMatter(String variable) {
        return variable.startsWith("BATCHWRIGHT_")
                || variable.endsWith("_API_KEY")
                || variable.endsWith("_BASE_URL")
                || variable.toUpperCase(Locale.ROOT).endsWith("_PROXY");
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() {
        simulators.forEach(DocumentedShell::end);
    }
}
