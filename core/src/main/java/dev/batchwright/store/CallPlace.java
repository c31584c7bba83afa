package dev.batchwright.store;

import dev.batchwright.job.JobId;

/**
 * Where the answer to a call is, or will be: an item of a job.
 *
 * @param asked a digest of what is asked, where the call's key is made of something else; else 0
 */
public record CallPlace(JobId job, long seq, long asked) {
    /** Of a call whose key says all. */
    public CallPlace(JobId job, long seq) {
        this(job, seq, 0);
    }
}
