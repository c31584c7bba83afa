package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;

import java.time.Instant;
import java.util.Optional;

/**
 * A job being loaded, by one thread. Closing it without a commit throws it away, and so does the
 * next process after a crash.
 */
public interface JobDraft extends AutoCloseable {
    JobId id();

    /** Appends the next item; their seq must run from 1 without a gap. */
    void append(Item item);

    /**
     * Makes the item that was appended last the answer to a call.
     *
     * @param until when the call is forgotten: made again afterwards, it is a new one
     */
    void answers(CallKey call, Instant until);

    /**
     * Makes the job durable and Active, cut into shards.
     *
     * @throws CallsTakenException if an item of another job answers one of its calls
     */
    Job commit();

    /**
     * The same, unless a committed job has its fingerprint by now: then nothing is committed. Of
     * drafts of one fingerprint that are committed so, in any processes, one becomes a job.
     *
     * @return empty if there is such a job
     * @throws CallsTakenException as {@link #commit}
     */
    Optional<Job> commitUnlessKnown();

    @Override
    void close();
}
