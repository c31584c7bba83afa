package dev.batchwright.cli;

import dev.batchwright.engine.JobRun;
import dev.batchwright.engine.RunEnd;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoreException;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes a job to its end from the command line: runs it, or looks on while another process runs it
 * and takes over if that process dies. Ctrl-C (and a polite kill) ends the run cleanly: calls under
 * way get a moment to finish, then the user is told how to go on.
 */
final class Conductor {
    private static final long LOOK_MILLIS = 250;
    private static final Duration PATIENCE = JobRun.GRACE.plusSeconds(5);

    private final Workbench workbench;
    private final Display display;

    Conductor(Workbench workbench, Display display) {
        this.workbench = workbench;
        this.display = display;
    }

    /** Returns the job as it is when nobody goes on with it. */
    Job takeToItsEnd(Job job) throws InterruptedException {
        JobStore store = workbench.store();
        Job now = job;
        while (now.state() instanceof JobState.Active) {
            if (!store.workers(job.id()).isEmpty()) {
                display.say(
                        "Another process runs job %s; watching it (Ctrl-C stops the watching, not"
                                + " the job).",
                        job.id());
                now = new Watch(store, display).untilNobodyWorksOn(now);
            } else if (run(now) instanceof RunEnd.Interrupted) {
                return store.find(job.id()).orElse(now);
            } else {
                now = store.find(job.id()).orElse(now);
            }
        }
        return now;
    }

    private RunEnd run(Job job) throws InterruptedException {
        JobRun run = workbench.newRun(job, choice -> display.say("%s.", choice));
        var over = new CountDownLatch(1);
        var onSignal = new Thread(() -> stopAndWait(run, over), "signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        try (var ticker = new Ticker(() -> show(job, run))) {
            RunEnd end = run.run();
            show(job, run);
            return end;
        } finally {
            over.countDown();
            removeHook(onSignal);
            display.endProgress();
        }
    }

    private void show(Job job, JobRun run) {
        JobStore store = workbench.store();
        display.progress(job, store.progress(job.id()), Optional.of(run.activity()));
        display.history(store, job.id());
    }

    private void stopAndWait(JobRun run, CountDownLatch over) {
        if (over.getCount() > 0) {
            boolean batches = run.activity().batches() > 0;
            display.say("Stopping; calls under way get %ds ...", JobRun.GRACE.toSeconds());
            run.stop();
            try {
                if (over.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    display.say(
                            "Interrupted; nothing is lost. Run the same command again to go on.%s",
                            batches
                                    ? " Batches go on at the provider; `batchwright cancel` ends"
                                            + " them."
                                    : "");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
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
