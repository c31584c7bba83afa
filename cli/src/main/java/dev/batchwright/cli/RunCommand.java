package dev.batchwright.cli;

import dev.batchwright.input.Fingerprint;
import dev.batchwright.input.InputLoader;
import dev.batchwright.input.InputSource;
import dev.batchwright.input.RequestOptions;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Selection;
import dev.batchwright.workbench.Way;
import dev.batchwright.workbench.Workbench;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

@Command(
        name = "run",
        description = {
            "Run a file of requests to its end and write the results.",
            "The same command again resumes an unfinished job, and answers a finished one",
            "from the store without a call. Spans of time (DUR) are written like 500ms,",
            "10s, 5m, 6h, PT5M, or as a number of seconds."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin RunOptions options = new RunOptions();
    @Mixin final GlobalOptions global;

    RunCommand(Surroundings surroundings) {
        global = new GlobalOptions(surroundings);
    }

    @Override
    public Integer call() throws InterruptedException, IOException {
        options.check();
        var terminal = global.terminal();
        try (var workbench = global.workbench();
                InputSource source = source(workbench)) {
            RequestOptions requests = options.requestOptions(global.surroundings());
            var way = new Way(workbench, options.said());
            var loader =
                    new InputLoader(
                            source, requests, way.router(), way.check(), workbench.scratch());
            if (options.dryRun) {
                JobSpec spec = options.spec(way, workbench.clock(), "", source.name());
                return new DryRun(workbench, terminal, options.json, spec, way).show(loader).code;
            }
            return run(workbench, source, requests, way, loader).code;
        }
    }

    private ExitCode run(
            Workbench workbench,
            InputSource source,
            RequestOptions requests,
            Way way,
            InputLoader loader)
            throws InterruptedException, IOException {
        var terminal = global.terminal();
        var display = new Display(terminal, options.json);
        try (var conductor = new Conductor(workbench, display)) {
            var outputs =
                    Outputs.check(global.surroundings(), options.out, options.errors, options.json);
            var phases = new Phases();
            Job job = jobFor(workbench, source, requests, way, loader, display);
            phases.end("load");
            if (options.detach) {
                return detach(workbench, job, terminal);
            }
            Job ended = conductor.takeToItsEnd(job);
            phases.end("run");
            Progress progress = workbench.store().progress(job.id());
            if (isOver(ended.state())) {
                outputs.write(workbench.store(), ended, Selection.ALL, terminal.out());
                phases.end("export");
            }
            return new Ending(display).tell(ended, progress, phases);
        }
    }

    /**
     * Whether the results are as complete as they will be; a blocked or interrupted job goes on.
     */
    private static boolean isOver(JobState state) {
        return state instanceof JobState.Finished
                || state instanceof JobState.Stopped
                || state instanceof JobState.Cancelled;
    }

    /** The job that this command is about: one that is there already, or a new one. */
    private Job jobFor(
            Workbench workbench,
            InputSource source,
            RequestOptions requests,
            Way way,
            InputLoader loader,
            Display display) {
        JobStore store = workbench.store();
        String fingerprint = Fingerprint.of(source, requests);
        JobSpec spec = options.spec(way, workbench.clock(), fingerprint, source.name());
        Optional<Job> before =
                options.fresh ? Optional.empty() : store.findByFingerprint(fingerprint);
        if (before.isPresent()) {
            return resume(workbench, before.get(), spec, display);
        }
        return submit(workbench, spec, way, loader, display);
    }

    private static Job resume(Workbench workbench, Job job, JobSpec spec, Display display) {
        JobStore store = workbench.store();
        Progress progress = store.progress(job.id());
        display.event("resumed", JobView.fields(job, progress));
        if (job.state() instanceof JobState.Finished) {
            display.say(
                    "This input was run with these options before, as job %s: its results come from"
                            + " the store, no call is made (--fresh starts anew).",
                    job.id());
            return job;
        }
        if (store.workers(job.id()).isEmpty()) {
            workbench.resume(job, spec);
            display.say(
                    "Resuming job %s%s: %,d of %,d done.",
                    job.id(),
                    job.state() instanceof JobState.Cancelled ? ", which was cancelled" : "",
                    progress.done(),
                    progress.items());
        }
        return workbench.activate(job);
    }

    private Job submit(
            Workbench workbench, JobSpec spec, Way way, InputLoader loader, Display display) {
        Job job =
                workbench.submit(
                        spec,
                        options.fresh,
                        way,
                        loader::load,
                        warning -> display.say("Warning: %s", warning));
        long items = workbench.store().progress(job.id()).items();
        display.event("created", Map.of("job", job.id().value(), "items", items));
        display.say("Job %s: %,d items.", job.id(), items);
        return job;
    }

    /** The input that was named; standard input is kept in a temporary file. */
    private InputSource source(Workbench workbench) {
        Surroundings around = global.surroundings();
        return options.input.equals("-")
                ? InputSource.spool(around.terminal().in(), "standard input", workbench.scratch())
                : InputSource.of(RunOptions.path(around, "INPUT", options.input));
    }

    private ExitCode detach(Workbench workbench, Job job, Terminal terminal)
            throws IOException, InterruptedException {
        if (job.state() instanceof JobState.Active
                && workbench.store().workers(job.id()).isEmpty()) {
            BackgroundProcess.start(workbench, job, global);
        }
        terminal.print(
                options.json ? JobView.json(Map.of("job", job.id().value())) : job.id().value());
        terminal.say(
                "Job %s runs in the background. Look: batchwright watch %s   Results: batchwright"
                        + " results %s -o FILE",
                job.id(), job.id(), job.id());
        return ExitCode.OK;
    }
}
