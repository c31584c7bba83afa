package dev.batchwright.workbench;

import dev.batchwright.engine.Activity;
import dev.batchwright.engine.JobRun;
import dev.batchwright.engine.RunEnd;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * One process's way with one job to its end: it runs the job, or looks on while another process
 * does, and takes over if that one dies. Everything that lasts is in the store: a pursuit that is
 * given up, or dies, is begun again by whoever wants the job done.
 *
 * <p>One thread pursues; any thread may ask what it does, or stop it.
 */
public final class Pursuit {
    private final Workbench workbench;
    private final Job job;
    private final Consumer<String> announce;
    private final Runnable onWatching;
    private final Onlooker onlooker;
    private final AtomicReference<Doing> doing = new AtomicReference<>(new Doing.Nothing());

    /** What a pursuit does at this moment. */
    public sealed interface Doing {
        /** It has not begun, or is over. */
        record Nothing() implements Doing {}

        /** Another process runs the job. */
        record Watching() implements Doing {}

        /** This one does. */
        record Running(JobRun run) implements Doing {}
    }

    /**
     * @param announce gets what a run decides, in words
     * @param onWatching is called when another process turns out to run the job
     */
    public Pursuit(Workbench workbench, Job job, Consumer<String> announce, Runnable onWatching) {
        this.workbench = workbench;
        this.job = job;
        this.announce = announce;
        this.onWatching = onWatching;
        this.onlooker = new Onlooker(workbench.store());
    }

    /**
     * Returns the job as it is when nobody goes on with it: ended, or still Active because this was
     * stopped. To be called once.
     *
     * @throws dev.batchwright.store.StoreException if the store fails; the job stays resumable
     * @throws RefusedException if its providers can't be reached
     */
    public Job toItsEnd() throws InterruptedException {
        JobStore store = workbench.store();
        Job now = job;
        while (now.state() instanceof JobState.Active && !onlooker.isStopped()) {
            if (store.workers(job.id()).isEmpty()) {
                run(now);
            } else {
                watch(now);
            }
            now = store.find(job.id()).orElse(now);
        }
        return now;
    }

    private void run(Job now) throws InterruptedException {
        JobRun run = workbench.newRun(now, announce);
        doing.set(new Doing.Running(run));
        try {
            if (!onlooker.isStopped() && run.run() instanceof RunEnd.Interrupted) {
                onlooker.stop();
            }
        } finally {
            doing.set(new Doing.Nothing());
        }
    }

    private void watch(Job now) throws InterruptedException {
        doing.set(new Doing.Watching());
        try {
            onWatching.run();
            Job unusedJob = onlooker.untilNobodyWorksOn(now, () -> {});
        } finally {
            doing.set(new Doing.Nothing());
        }
    }

    /** Tells the run, if there is one, that the job has grown. */
    public void wake() {
        if (doing.get() instanceof Doing.Running(JobRun run)) {
            run.wake();
        }
    }

    public Doing doing() {
        return doing.get();
    }

    /** What the run does, if this process runs the job. */
    public Optional<Activity> activity() {
        return doing.get() instanceof Doing.Running(JobRun run)
                ? Optional.of(run.activity())
                : Optional.empty();
    }

    /** Asks the pursuit to end soon; returns at once. Calls under way get a moment to finish. */
    public void stop() {
        onlooker.stop();
        if (doing.get() instanceof Doing.Running(JobRun run)) {
            run.stop();
        }
    }
}
