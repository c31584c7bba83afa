package dev.batchwright.collect;

import dev.batchwright.job.JobId;

import java.util.concurrent.CompletableFuture;

/** A call that was taken. */
public interface Ticket {
    /**
     * Tells when the call is stored: from then on its answer will be there, also for who asks again
     * after a crash.
     *
     * @return completes exceptionally as {@link #answer} does; never completes if the call is
     *     refused: then the answer says why
     */
    CompletableFuture<Accepted> accepted();

    /** {@return whether its caller wants events, where its API has them} */
    boolean isStreamed();

    /** {@return completes with the answer; cancelling it ends the waiting, not the request} */
    CompletableFuture<CollectedAnswer> answer();

    /**
     * A call that is stored.
     *
     * @param id by which its owner can ask for it
     * @param job whose item answers it
     * @param known whether an equal call was made before
     */
    record Accepted(String id, JobId job, boolean known) {}
}
