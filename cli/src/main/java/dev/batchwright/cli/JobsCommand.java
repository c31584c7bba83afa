package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;

@Command(name = "jobs", description = "List the jobs of the store, the newest first.")
final class JobsCommand implements Callable<Integer> {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm");

    @Option(names = "--json", description = "One JSON object a job, one a line.")
    boolean json;

    @Option(
            names = {"-n", "--limit"},
            paramLabel = "N",
            defaultValue = "50",
            description = "How many at most (default: ${DEFAULT-VALUE}).")
    int limit;

    @Mixin final GlobalOptions global;

    JobsCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() {
        if (limit < 1) {
            throw CommandFailure.usage("-n %d: at least 1 is needed.", limit);
        }
        var terminal = global.terminal();
        try (var workbench = global.workbench()) {
            JobStore store = workbench.store();
            List<Job> jobs = store.jobs(limit);
            if (!json && jobs.isEmpty()) {
                terminal.say("No jobs yet. Start one with `batchwright run`.");
            }
            if (!json && !jobs.isEmpty()) {
                terminal.print(
                        "%-17s %-10s %11s %11s %9s  %-16s  %s"
                                .formatted(
                                        "JOB", "STATE", "DONE", "ITEMS", "FAILED", "CREATED",
                                        "NAME"));
            }
            for (Job job : jobs) {
                Progress progress = store.progress(job.id());
                terminal.print(
                        json ? JobView.json(JobView.fields(job, progress)) : row(job, progress));
            }
        }
        return ExitCode.OK.code;
    }

    private static String row(Job job, Progress progress) {
        return "%-17s %-10s %,11d %,11d %,9d  %-16s  %s"
                .formatted(
                        job.id(),
                        JobView.word(job.state()),
                        progress.done(),
                        progress.items(),
                        progress.failed(),
                        TIME.format(job.createdAt().atZone(ZoneId.systemDefault())),
                        job.spec().name());
    }
}
