package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

@Command(
        name = "watch",
        description = {
            "Show the progress of a job that another process runs.",
            "Ctrl-C stops the watching, not the job."
        })
final class WatchCommand implements Callable<Integer> {
    @Mixin JobArgument argument = new JobArgument();

    @Option(names = "--json", description = "Print events, one JSON object a line.")
    boolean json;

    @Mixin final GlobalOptions global;

    WatchCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException {
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            Job job = argument.find(workbench.store());
            var display = new Display(terminal, json);
            var phases = new Phases();
            Job ended = new Watch(workbench.store(), display).untilNobodyWorksOn(job);
            if (ended.state() instanceof JobState.Active) {
                display.say(
                        "Nobody works on job %s. Go on with the command that began it, or with"
                                + " `batchwright retry %s`.",
                        job.id(), job.id());
            }
            phases.end("watch");
            return new Ending(display)
                    .tell(ended, workbench.store().progress(job.id()), phases)
                    .code;
        }
    }
}
