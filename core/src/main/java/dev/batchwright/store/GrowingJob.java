package dev.batchwright.store;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Request;

import java.time.Instant;
import java.util.Optional;

/** A job that calls are added to, by the thread of its {@link Gatherer}. */
public interface GrowingJob {
    JobId id();

    /** How many items it has, with those that wait for {@link Gatherer#accept}. */
    long items();

    /** Their size as stored. */
    long bytes();

    /**
     * Adds an item that answers a call.
     *
     * @param call by which it is known again
     * @param asked a digest of what is asked, where the key is made of something else; else 0
     * @param until when its answer is no longer given again
     * @return its seq
     */
    long add(CallKey call, long asked, String customId, Request request, Instant until);

    /**
     * Whether something could not be written: nothing can be added any more. What was accepted
     * stands.
     */
    boolean isBroken();

    /** Makes it Active with what was accepted; it may grow on, and is not Finished before then. */
    Job start();

    /**
     * Makes it Active, if it is not; nothing is added afterwards.
     *
     * @return empty if nothing of it was accepted: it is removed
     */
    Optional<Job> finish();
}
