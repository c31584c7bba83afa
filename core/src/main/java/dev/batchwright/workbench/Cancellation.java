package dev.batchwright.workbench;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;

import java.util.Optional;

/**
 * The cancelling of one job: nothing new is begun, its batches are cancelled at the providers, and
 * what they have done is taken in. A process that runs the job does the latter by itself; where
 * there is none, this one does.
 */
public final class Cancellation {
    private final Workbench workbench;
    private final JobStore store;
    private final JobId id;

    public Cancellation(Workbench workbench, JobId id) {
        this.workbench = workbench;
        this.store = workbench.store();
        this.id = id;
    }

    /**
     * To be called again if it was interrupted, or something came in the way. A job that is
     * finished stays so.
     *
     * @param onRecall is called before batches are cancelled at the provider, which can take
     *     minutes
     * @return what came in the way; then batches may go on at the provider
     * @throws RefusedException if the providers can't be reached as the job wants it
     */
    public Optional<String> cancel(Runnable onRecall) throws InterruptedException {
        Job job = find();
        while (!isOver(job.state())) {
            if (store.transition(id, job.state(), new JobState.Cancelled())) {
                store.addEvent(id, "cancelled", "");
            }
            job = find();
        }
        boolean recall =
                job.state() instanceof JobState.Cancelled
                        && hasBatches()
                        && store.workers(id).isEmpty();
        return recall ? recall(job, onRecall) : Optional.empty();
    }

    private Optional<String> recall(Job cancelled, Runnable onRecall) throws InterruptedException {
        onRecall.run();
        workbench.checkReachable(cancelled.spec());
        Optional<String> problem = workbench.newRun(cancelled, word -> {}).recall();
        if (problem.isEmpty() && hasBatches()) {
            return Optional.of("the provider has not ended them yet");
        }
        return problem;
    }

    private Job find() {
        return store.find(id)
                .orElseThrow(() -> new RefusedException("Job %s was deleted.".formatted(id)));
    }

    /** Whether batches of the job may be under way at a provider. */
    private boolean hasBatches() {
        return store.batches(id).stream()
                .filter(batch -> !batch.settled())
                .map(batch -> batch.batch().state())
                .anyMatch(
                        state ->
                                state instanceof BatchState.Creating
                                        || state instanceof BatchState.Running
                                        || state instanceof BatchState.Ended);
    }

    private static boolean isOver(JobState state) {
        return state instanceof JobState.Finished || state instanceof JobState.Cancelled;
    }
}
