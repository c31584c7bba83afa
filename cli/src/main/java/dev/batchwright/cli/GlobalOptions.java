package dev.batchwright.cli;

import picocli.CommandLine.Option;

import java.util.Optional;

/** The options that every command takes. */
final class GlobalOptions {
    @Option(
            names = "--store",
            paramLabel = "PATH|URL",
            description = {
                "Where jobs are kept: a SQLite file, or jdbc:postgresql://... ",
                "(default: $BATCHWRIGHT_STORE, or ~/.batchwright/batchwright.db)"
            })
    @org.jspecify.annotations.Nullable
    String store;

    @Option(names = "--debug", description = "Show stack traces of errors.")
    boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and leave.")
    boolean help;

    Optional<String> store() {
        return Optional.ofNullable(store);
    }
}
