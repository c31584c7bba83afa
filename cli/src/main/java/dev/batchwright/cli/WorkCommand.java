package dev.batchwright.cli;

import dev.batchwright.job.Job;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;

/** What {@code --detach} starts in the background. */
@Command(name = "work", hidden = true, description = "Take a job to its end, without output.")
final class WorkCommand implements Callable<Integer> {
    @Mixin final GlobalOptions global;
    @Mixin JobArgument argument = new JobArgument();

    WorkCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var workbench = global.workbench();
                var conductor = new Conductor(workbench, new Display(global.terminal(), false))) {
            Job job = argument.find(workbench.store());
            Job ended = conductor.takeToItsEnd(job);
            return Conductor.exitCode(ended, workbench.store().progress(job.id())).code;
        }
    }
}
