package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.concurrent.Callable;

@Command(
        name = "cancel",
        description = {
            "Stop a job, whoever runs it.",
            "Calls under way are finished; what has a result keeps it. To go on after all,",
            "run the command that began it, or retry."
        })
final class CancelCommand implements Callable<Integer> {
    @Mixin final GlobalOptions global;
    @Mixin JobArgument argument = new JobArgument();

    CancelCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        var terminal = global.terminal();
        try (var workbench = Workbench.open(global)) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            while (!isOver(job.state())) {
                if (store.transition(job.id(), job.state(), new JobState.Cancelled())) {
                    store.addEvent(job.id(), "cancelled", "");
                    terminal.say(
                            "Job %s is cancelled. Its results so far: batchwright results %s",
                            job.id(), job.id());
                    return ExitCode.OK.code;
                }
                job = argument.find(store);
            }
            terminal.say(
                    "Job %s is %s already; there was nothing to cancel.",
                    job.id(), JobView.word(job.state()));
        }
        return ExitCode.OK.code;
    }

    private static boolean isOver(JobState state) {
        return state instanceof JobState.Finished || state instanceof JobState.Cancelled;
    }
}
