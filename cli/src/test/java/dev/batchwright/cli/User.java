package dev.batchwright.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Somebody with a directory, a home and a store of their own, who types commands in this JVM. */
final class User {
    static final String ROWS =
            """
            {"prompt": "one"}
            {"prompt": "two"}
            {"prompt": "three"}
            """;

    private final Path directory;
    private final Path home;
    private final Map<String, String> variables = new TreeMap<>();
    private String standardInput = "";
    private boolean atTerminal;

    /** What came of a command. */
    record Answer(int code, String out, String err) {
        List<String> outLines() {
            return out.lines().toList();
        }
    }

    User(Path temporary) {
        try {
            directory = Files.createDirectory(temporary.resolve("work"));
            home = Files.createDirectory(temporary.resolve("home"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        variables.put("PATH", "/usr/bin:/bin");
    }

    Path directory() {
        return directory;
    }

    Path home() {
        return home;
    }

    User sets(String variable, String value) {
        variables.put(variable, value);
        return this;
    }

    /** What the next commands find on standard input. */
    User pipes(String text) {
        standardInput = text;
        return this;
    }

    User sitsAtTerminal() {
        atTerminal = true;
        return this;
    }

    User writes(String file, String content) {
        return writes(file, content.getBytes(StandardCharsets.UTF_8));
    }

    User writes(String file, byte[] content) {
        try {
            Files.createDirectories(path(file).getParent());
            Files.write(path(file), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    Path path(String file) {
        return directory.resolve(file);
    }

    String reads(String file) {
        try {
            return Files.readString(path(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Answer types(String... arguments) {
        var out = new ByteArrayOutputStream();
        var err = new ByteArrayOutputStream();
        var in = new ByteArrayInputStream(standardInput.getBytes(StandardCharsets.UTF_8));
        var surroundings =
                new Surroundings(
                        new Terminal(in, out, err, atTerminal), variables, directory, home);
        int code = Main.run(surroundings, arguments);
        return new Answer(
                code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }
}
