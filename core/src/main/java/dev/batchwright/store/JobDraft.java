package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;

/**
 * A job being loaded, by one thread. Closing it without a commit throws it away, and so does the
 * next process after a crash.
 */
public interface JobDraft extends AutoCloseable {
    JobId id();

    /** Appends the next item; their seq must run from 1 without a gap. */
    void append(Item item);

    /** Makes the job durable and Active, cut into shards. */
    Job commit();

    @Override
    void close();
}
