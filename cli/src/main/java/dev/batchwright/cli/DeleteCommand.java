package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.store.JobStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;

@Command(
        name = "delete",
        description = "Remove a job, its requests and its results from the store, for good.")
final class DeleteCommand implements Callable<Integer> {
    @Mixin final GlobalOptions global;
    @Mixin JobArgument argument = new JobArgument();

    DeleteCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            store.delete(job.id());
            terminal.say("Job %s is deleted.", job.id());
        }
        return ExitCode.OK.code;
    }
}
