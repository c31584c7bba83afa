package dev.batchwright.server.page;

import dev.batchwright.job.Job;
import dev.batchwright.server.ServingContext;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Cancellation;
import dev.batchwright.workbench.RefusedException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What can be done to a job from its page; the same as on the command line. */
final class JobActions {
    private static final Logger LOG = LoggerFactory.getLogger(JobActions.class);
    private static final long PATIENCE_SECONDS = 3;

    private final ServingContext context;
    private final JobStore store;

    JobActions(ServingContext context) {
        this.context = context;
        this.store = context.workbench().store();
    }

    /**
     * Cancels a job. To cancel its batches at the provider can take minutes: that goes on when this
     * returns.
     */
    void cancel(Job job) throws InterruptedException {
        var over = new CountDownLatch(1);
        Thread.ofVirtual()
                .name("cancel-" + job.id())
                .start(
                        () -> {
                            try {
                                cancelWhole(job);
                            } finally {
                                over.countDown();
                            }
                        });
        // Most often there is nothing to wait for, and the page shows the job cancelled.
        var unused = over.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    private void cancelWhole(Job job) {
        try {
            Optional<String> problem =
                    new Cancellation(context.workbench(), job.id()).cancel(() -> {});
            problem.ifPresent(words -> tell(job, words));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            // The thread's edge: who asked for it reads it on the job's page.
            LOG.warn("Job {} could not be cancelled whole", job.id(), e);
            tell(job, String.valueOf(e.getMessage()));
        }
    }

    private void tell(Job job, String problem) {
        store.addEvent(
                job.id(),
                "not cancelled",
                "batches still run at the provider and may cost money: %s".formatted(problem));
    }

    /**
     * Gives failed items another round, and goes on with what is left.
     *
     * @throws RefusedException if its providers can't be reached, or there is nothing to do
     * @throws dev.batchwright.store.JobInUseException if somebody works on it
     */
    void retry(Job job) {
        context.workbench().checkReachable(job.spec());
        store.retryFailed(job.id());
        if (store.progress(job.id()).pending() == 0) {
            throw new RefusedException(
                    "Job %s has no failed items; there is nothing to retry.".formatted(job.id()));
        }
        Job active = context.workbench().activate(store.find(job.id()).orElse(job));
        var unused =
                context.crew()
                        .start(active, words -> {})
                        .whenComplete(
                                (ended, problem) -> {
                                    if (problem != null) {
                                        LOG.warn("Job {} can't go on", job.id(), problem);
                                        store.addEvent(
                                                job.id(),
                                                "interrupted",
                                                String.valueOf(problem.getMessage()));
                                    }
                                });
    }
}
