package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;

import java.util.Optional;

/** Looks on while other processes work on a job. */
final class Watch {
    private static final long LOOK_MILLIS = 500;

    private final JobStore store;
    private final Display display;

    Watch(JobStore store, Display display) {
        this.store = store;
        this.display = display;
    }

    /** Returns the job when it has ended, or when no living process works on it any more. */
    Job untilNobodyWorksOn(Job job) throws InterruptedException {
        Job now = job;
        while (now.state() instanceof JobState.Active && !store.workers(job.id()).isEmpty()) {
            display.progress(job, store.progress(job.id()), Optional.empty());
            display.history(store, job.id());
            Thread.sleep(LOOK_MILLIS);
            now = store.find(job.id()).orElse(now);
        }
        display.progress(job, store.progress(job.id()), Optional.empty());
        display.history(store, job.id());
        display.endProgress();
        return store.find(job.id()).orElse(now);
    }
}
