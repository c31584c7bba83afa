package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

@Command(
        name = "retry",
        description = {
            "Give the failed items of a job another round.",
            "What was left is gone on with too, and the job taken to its end. What succeeded",
            "stays as it is."
        })
final class RetryCommand implements Callable<Integer> {
    @Mixin JobArgument argument = new JobArgument();

    @Option(names = "--json", description = "Print events, one JSON object a line.")
    boolean json;

    @Option(
            names = "--quarantined",
            description = {
                "Send the items of batches in quarantine again too: if such a batch exists after",
                "all, they are paid twice."
            })
    boolean quarantined;

    @Mixin final GlobalOptions global;

    RetryCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            Job job = argument.find(store);
            var display = new Display(global.terminal(), json);
            workbench.checkReachable(job.spec());
            long again = store.retryFailed(job.id());
            int released = quarantined ? store.releaseQuarantine(job.id()) : 0;
            Progress progress = store.progress(job.id());
            if (progress.pending() == 0) {
                display.say("Job %s has no failed items; there is nothing to retry.", job.id());
                return ExitCode.OK.code;
            }
            if (released > 0) {
                display.say(
                        "%,d batch%s in quarantine %s sent again.",
                        released, released == 1 ? "" : "es", released == 1 ? "is" : "are");
            }
            display.say(
                    "Job %s: %,d failed item%s again, %,d to do in all.",
                    job.id(), again, again == 1 ? "" : "s", progress.pending());
            Job active = workbench.activate(job);
            var phases = new Phases();
            try (var conductor = new Conductor(workbench, display)) {
                Job ended = conductor.takeToItsEnd(active);
                phases.end("run");
                return new Ending(display).tell(ended, store.progress(job.id()), phases).code;
            }
        }
    }
}
