package dev.batchwright.workbench;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Looks on while other processes work on a job. One thread looks; any thread may stop it. */
public final class Onlooker {
    private static final Duration LOOK = Duration.ofMillis(500);

    private final JobStore store;
    private final CountDownLatch stopped = new CountDownLatch(1);

    public Onlooker(JobStore store) {
        this.store = store;
    }

    /**
     * Returns the job as it is when it has ended, when no living process works on it any more, or
     * when this was stopped.
     *
     * @param onLook is called at each look, a few times a second
     */
    public Job untilNobodyWorksOn(Job job, Runnable onLook) throws InterruptedException {
        Job now = job;
        while (now.state() instanceof JobState.Active && !store.workers(job.id()).isEmpty()) {
            onLook.run();
            if (stopped.await(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
                return now;
            }
            now = store.find(job.id()).orElse(now);
        }
        return now;
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    void stop() {
        stopped.countDown();
    }
}
