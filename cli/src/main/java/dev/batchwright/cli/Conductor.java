package dev.batchwright.cli;

import dev.batchwright.engine.JobRun;
import dev.batchwright.engine.RunEnd;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Workbench;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Takes a job to its end from the command line: runs it, or looks on while another process runs it
 * and takes over if that process dies. From opening to closing, Ctrl-C (and a polite kill) ends the
 * command cleanly: calls under way get a moment to finish, then the user is told how to go on.
 */
final class Conductor implements AutoCloseable {
    private static final long LOOK_MILLIS = 250;
    private static final Duration PATIENCE = JobRun.GRACE.plusSeconds(5);

    private final Workbench workbench;
    private final Display display;
    private final Thread onSignal = new Thread(this::interrupted, "signal");
    private final AtomicReference<Doing> doing = new AtomicReference<>(new Doing.Other());

    Conductor(Workbench workbench, Display display) {
        this.workbench = workbench;
        this.display = display;
        Runtime.getRuntime().addShutdownHook(onSignal);
    }

    /** What there is to interrupt. */
    private sealed interface Doing {
        /** Reading the input, or writing the results. */
        record Other() implements Doing {}

        record Watching(Job job) implements Doing {}

        record Running(JobRun run, CountDownLatch over) implements Doing {}
    }

    /** Returns the job as it is when nobody goes on with it. */
    Job takeToItsEnd(Job job) throws InterruptedException {
        JobStore store = workbench.store();
        Job now = job;
        while (now.state() instanceof JobState.Active) {
            if (!store.workers(job.id()).isEmpty()) {
                now = watch(now);
            } else if (run(now) instanceof RunEnd.Interrupted) {
                return store.find(job.id()).orElse(now);
            } else {
                now = store.find(job.id()).orElse(now);
            }
        }
        return now;
    }

    private Job watch(Job job) throws InterruptedException {
        doing.set(new Doing.Watching(job));
        display.say(
                "Another process runs job %s; watching it (Ctrl-C stops the watching, not the"
                        + " job).",
                job.id());
        try {
            return new Watch(workbench.store(), display).untilNobodyWorksOn(job);
        } finally {
            doing.set(new Doing.Other());
        }
    }

    private RunEnd run(Job job) throws InterruptedException {
        JobRun run = workbench.newRun(job, choice -> display.say("%s.", choice));
        var running = new Doing.Running(run, new CountDownLatch(1));
        doing.set(running);
        try (var ticker = new Ticker(() -> show(job, run))) {
            RunEnd end = run.run();
            show(job, run);
            return end;
        } finally {
            doing.set(new Doing.Other());
            running.over().countDown();
            display.endProgress();
        }
    }

    private void show(Job job, JobRun run) {
        JobStore store = workbench.store();
        display.progress(job, store.progress(job.id()), Optional.of(run.activity()));
        display.history(store, job.id());
    }

    private void interrupted() {
        switch (doing.get()) {
            case Doing.Other other -> sayHowToGoOn("");
            case Doing.Watching(Job job) ->
                    display.say(
                            "Stopped watching job %s, which goes on in its own process. Run the"
                                    + " same command again to watch it, or to take it over.",
                            job.id());
            case Doing.Running(JobRun run, CountDownLatch over) -> stopAndWait(run, over);
        }
    }

    private void stopAndWait(JobRun run, CountDownLatch over) {
        boolean batches = run.activity().batches() > 0;
        display.say("Stopping; calls under way get %ds ...", JobRun.GRACE.toSeconds());
        run.stop();
        try {
            if (over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                sayHowToGoOn(
                        batches
                                ? " Batches go on at the provider; `batchwright cancel` ends them."
                                : "");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sayHowToGoOn(String more) {
        display.say("Interrupted; nothing is lost. Run the same command again to go on.%s", more);
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(onSignal);
        } catch (IllegalStateException shuttingDown) {
            // The hook is what runs now.
        }
    }

    static ExitCode exitCode(Job job, Progress progress) {
        return switch (job.state()) {
            case JobState.Finished finished ->
                    progress.failed() == 0 ? ExitCode.OK : ExitCode.SOME_FAILED;
            case JobState.Blocked blocked -> ExitCode.BLOCKED;
            case JobState.Stopped stopped -> ExitCode.STOPPED;
            case JobState.Cancelled cancelled -> ExitCode.CANCELLED;
            case JobState.Active active -> ExitCode.INTERRUPTED;
            case JobState.Loading loading -> ExitCode.INTERRUPTED;
        };
    }

    /** Does something a few times a second as long as it is open. */
    private static final class Ticker implements AutoCloseable {
        private final CountDownLatch stop = new CountDownLatch(1);
        private final Thread thread;

        Ticker(Runnable action) {
            thread = Thread.ofPlatform().daemon().name("progress").start(() -> tick(action));
        }

        private void tick(Runnable action) {
            try {
                while (!stop.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                    action.run();
                }
            } catch (InterruptedException e) {
                // Means the same as close.
            } catch (StoreException e) {
                // Progress can't be shown; the run meets the same and reports it.
            }
        }

        @Override
        public void close() throws InterruptedException {
            stop.countDown();
            thread.join();
        }
    }
}
