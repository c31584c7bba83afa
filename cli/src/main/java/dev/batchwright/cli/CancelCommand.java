package dev.batchwright.cli;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Workbench;

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
            while (!isOver(job.state())) {
                if (store.transition(job.id(), job.state(), new JobState.Cancelled())) {
                    store.addEvent(job.id(), "cancelled", "");
                    recallBatches(workbench, job.id());
                    terminal.say(
                            "Job %s is cancelled. Its results so far: batchwright results %s",
                            job.id(), job.id());
                    return ExitCode.OK.code;
                }
                job = argument.find(store);
            }
            if (job.state() instanceof JobState.Cancelled && hasBatches(store, job.id())) {
                recallBatches(workbench, job.id());
                return ExitCode.OK.code;
            }
            terminal.say(
                    "Job %s is %s already; there was nothing to cancel.",
                    job.id(), JobView.word(job.state()));
        }
        return ExitCode.OK.code;
    }

    /**
     * A process that runs the job cancels its batches by itself; where there is none, this one
     * does.
     */
    private void recallBatches(Workbench workbench, JobId id) throws InterruptedException {
        JobStore store = workbench.store();
        if (!store.workers(id).isEmpty() || !hasBatches(store, id)) {
            return;
        }
        global.terminal()
                .say(
                        "Cancelling the batches of job %s at the provider, and fetching what they"
                                + " have done; that can take minutes (Ctrl-C: `batchwright cancel"
                                + " %s` goes on with it) ...",
                        id, id);
        Job cancelled = store.find(id).orElseThrow();
        workbench.checkReachable(cancelled.spec());
        Optional<String> problem = workbench.newRun(cancelled, word -> {}).recall();
        if (problem.isPresent() || hasBatches(store, id)) {
            throw new CommandFailure(
                    ExitCode.BLOCKED,
                    "Job %s is cancelled, but batches of it still run at the provider and may cost money%s. `batchwright cancel %s` tries again."
                            .formatted(id, problem.map(text -> ": " + text).orElse(""), id));
        }
    }

    private static boolean hasBatches(JobStore store, JobId id) {
        return store.batches(id).stream()
                .filter(batch -> !batch.settled())
                .map(batch -> batch.batch().state())
                .anyMatch(
                        state ->
                                state instanceof BatchState.Creating
                                        || state instanceof BatchState.Running
                                        || state instanceof BatchState.Ended);
    }

    private static boolean isOver(JobState state) {
        return state instanceof JobState.Finished || state instanceof JobState.Cancelled;
    }
}
