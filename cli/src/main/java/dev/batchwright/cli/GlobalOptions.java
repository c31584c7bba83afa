package dev.batchwright.cli;

import dev.batchwright.workbench.Workbench;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

import java.time.Clock;
import java.util.Optional;

/** The options that every command takes, and what the command finds around it. */
final class GlobalOptions {
    private final Surroundings surroundings;

    @Spec(Spec.Target.MIXEE)
    CommandSpec command = CommandSpec.create();

    @Option(
            names = "--store",
            paramLabel = "PATH|URL",
            description =
                    "Where jobs are kept: a SQLite file or a PostgreSQL URL (default:"
                            + " $BATCHWRIGHT_STORE, or ~/.batchwright/batchwright.db).")
    @Nullable String store;

    @Option(names = "--debug", description = "Show stack traces of errors.")
    boolean debug;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help and leave.")
    boolean help;

    GlobalOptions(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    Terminal terminal() {
        return surroundings.terminal();
    }

    /** What the command works with; nothing is opened yet. */
    Workbench workbench() {
        return Workbench.open(
                new Workbench.Settings(
                        surroundings.variables(),
                        surroundings.directory(),
                        surroundings.home(),
                        store(),
                        Clock.systemUTC(),
                        surroundings.watch()));
    }

    /** What the command was told, or else what stands before it: {@code --store PATH run ...}. */
    Optional<String> store() {
        return Optional.ofNullable(store)
                .or(
                        () ->
                                Optional.ofNullable(command.parent())
                                        .map(parent -> parent.findOption("--store").getValue()));
    }
}
