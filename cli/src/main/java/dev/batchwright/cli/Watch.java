package dev.batchwright.cli;

import dev.batchwright.job.Job;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Onlooker;

import java.util.Optional;

/** Looks on while other processes work on a job. */
final class Watch {
    private final JobStore store;
    private final Display display;

    Watch(JobStore store, Display display) {
        this.store = store;
        this.display = display;
    }

    /** Returns the job when it has ended, or when no living process works on it any more. */
    Job untilNobodyWorksOn(Job job) throws InterruptedException {
        Job now = new Onlooker(store).untilNobodyWorksOn(job, () -> show(job));
        show(job);
        display.endProgress();
        return store.find(job.id()).orElse(now);
    }

    private void show(Job job) {
        display.progress(job, store.progress(job.id()), Optional.empty());
        display.history(store, job.id());
    }
}
