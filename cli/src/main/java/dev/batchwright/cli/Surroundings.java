package dev.batchwright.cli;

import dev.batchwright.store.JobStore;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * What a command finds around it. Passed in; no command asks the system itself.
 *
 * @param variables of the environment
 * @param directory where relative names start; the empty path is the process's own, and leaves
 *     names in messages as they were typed
 * @param watch what a store is put behind when it was opened, by those who look on
 */
record Surroundings(
        Terminal terminal,
        Map<String, String> variables,
        Path directory,
        Path home,
        UnaryOperator<JobStore> watch) {
    /** Where nobody looks on. */
    Surroundings(Terminal terminal, Map<String, String> variables, Path directory, Path home) {
        this(terminal, variables, directory, home, UnaryOperator.identity());
    }

    /** Those of this process. To be asked for once: it takes hold of the standard streams. */
    static Surroundings ofProcess() {
        Map<String, String> variables = System.getenv();
        String term = variables.getOrDefault("TERM", "dumb");
        var terminal =
                new Terminal(
                        new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
                        new FileOutputStream(FileDescriptor.out),
                        new FileOutputStream(FileDescriptor.err),
                        !term.equals("dumb") && ProcessStreams.errIsTerminal());
        return new Surroundings(
                terminal, variables, Path.of(""), Path.of(System.getProperty("user.home")));
    }

    /** A file as the user typed it. */
    Path path(String typed) {
        return directory.resolve(typed);
    }
}
