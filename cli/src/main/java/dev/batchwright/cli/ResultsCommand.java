package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Selection;

import org.jspecify.annotations.Nullable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

@Command(
        name = "results",
        description = "Write the results of a job, also while it runs, in input order.")
final class ResultsCommand implements Callable<Integer> {
    @Mixin JobArgument argument = new JobArgument();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            description = "A .jsonl, .csv or .tsv file (default: JSON lines on standard output).")
    @Nullable String out;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description = "Where failures go (default: beside the successes).")
    @Nullable String errors;

    @Option(
            names = "--only",
            paramLabel = "all|ok|failed",
            defaultValue = "all",
            description = "Which items (default: ${DEFAULT-VALUE}).")
    String only = "all";

    @Mixin final GlobalOptions global;

    ResultsCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        Selection selection =
                switch (only) {
                    case "all" -> Selection.ALL;
                    case "ok" -> Selection.SUCCEEDED;
                    case "failed" -> Selection.FAILED;
                    default ->
                            throw CommandFailure.usage(
                                    "--only %s is not known. Choose all, ok or failed.", only);
                };
        var outputs = Outputs.check(global.surroundings(), out, errors, false);
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            outputs.write(store, job, selection, terminal.out());
        }
        return ExitCode.OK.code;
    }
}
