package dev.batchwright.cli;

import dev.batchwright.engine.JobRun;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.Pursuit;
import dev.batchwright.workbench.Workbench;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes a job to its end from the command line, and shows how it goes. From opening to closing,
 * Ctrl-C (and a polite kill) ends the command cleanly: calls under way get a moment to finish, then
 * the user is told how to go on.
 */
final class Conductor implements AutoCloseable {
    private static final long LOOK_MILLIS = 250;
    private static final Duration PATIENCE = JobRun.GRACE.plusSeconds(5);

    private final Workbench workbench;
    private final Display display;
    private final Thread onSignal = new Thread(this::interrupted, "signal");
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile @Nullable Pursuit pursuit;

    Conductor(Workbench workbench, Display display) {
        this.workbench = workbench;
        this.display = display;
        Runtime.getRuntime().addShutdownHook(onSignal);
    }

    /** Returns the job as it is when nobody goes on with it. To be called once. */
    Job takeToItsEnd(Job job) throws InterruptedException {
        var begun =
                new Pursuit(
                        workbench,
                        job,
                        choice -> display.say("%s.", choice),
                        () ->
                                display.say(
                                        "Another process runs job %s; watching it (Ctrl-C stops the"
                                                + " watching, not the job).",
                                        job.id()));
        pursuit = begun;
        try (var ticker = new Ticker(() -> show(job, begun))) {
            Job ended = begun.toItsEnd();
            show(job, begun);
            return ended;
        } finally {
            over.countDown();
            pursuit = null;
            display.endProgress();
        }
    }

    private void show(Job job, Pursuit begun) {
        JobStore store = workbench.store();
        display.progress(job, store.progress(job.id()), begun.activity());
        display.history(store, job.id());
    }

    private void interrupted() {
        Pursuit begun = pursuit;
        switch (begun == null ? new Pursuit.Doing.Nothing() : begun.doing()) {
            case Pursuit.Doing.Nothing nothing -> sayHowToGoOn("");
            case Pursuit.Doing.Watching watching ->
                    display.say(
                            "Stopped watching. The job goes on in its own process; run the same"
                                    + " command again to watch it, or to take it over.");
            case Pursuit.Doing.Running(JobRun run) -> stopAndWait(run);
        }
    }

    private void stopAndWait(JobRun run) {
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
