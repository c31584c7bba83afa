package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Cancellation;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "cancel",
        description = {
            "Stop a job, whoever runs it.",
            "Calls under way are finished, batches are cancelled at the provider and what they",
            "have done is fetched; what has a result keeps it. To go on after all,",
            "run the command that began it, or retry."
        })
final class CancelCommand implements Callable<Integer> {
    @Mixin final GlobalOptions global;
    @Mixin JobArgument argument = new JobArgument();

    CancelCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            Optional<String> problem =
                    new Cancellation(workbench, job.id())
                            .cancel(
                                    () ->
                                            terminal.say(
                                                    "Cancelling the batches of job %s at the"
                                                        + " provider, and fetching what they have"
                                                        + " done; that can take minutes (Ctrl-C:"
                                                        + " `batchwright cancel %s` goes on with"
                                                        + " it) ...",
                                                    job.id(), job.id()));
            if (problem.isPresent()) {
                throw new CommandFailure(
                        ExitCode.BLOCKED,
                        "Job %s is cancelled, but batches of it still run at the provider and may cost money: %s. `batchwright cancel %s` tries again."
                                .formatted(job.id(), problem.get(), job.id()));
            }
            if (isOver(job.state())) {
                terminal.say(
                        "Job %s is %s already; there was nothing to cancel.",
                        job.id(), JobView.word(job.state()));
            } else {
                terminal.say(
                        "Job %s is cancelled. Its results so far: batchwright results %s",
                        job.id(), job.id());
            }
        }
        return ExitCode.OK.code;
    }

    private static boolean isOver(JobState state) {
        return state instanceof JobState.Finished || state instanceof JobState.Cancelled;
    }
}
