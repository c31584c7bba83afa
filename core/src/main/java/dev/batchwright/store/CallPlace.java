package dev.batchwright.store;

import dev.batchwright.job.JobId;

/** Where the answer to a call is, or will be: an item of a job. */
public record CallPlace(JobId job, long seq) {}
