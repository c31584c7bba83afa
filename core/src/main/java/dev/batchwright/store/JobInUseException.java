package dev.batchwright.store;

import dev.batchwright.job.JobId;

/** A job can't be changed because a worker is alive. */
public final class JobInUseException extends RuntimeException {
    public JobInUseException(JobId job, WorkerInfo worker) {
        super(
                "Job %s is being worked on by process %d on %s. Stop that process, or cancel the job with `batchwright cancel %s`, and try again."
                        .formatted(job, worker.pid(), worker.host(), job));
    }
}
