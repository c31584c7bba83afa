package dev.batchwright;

/**
 * A job ended before all of its items were done: blocked (a refused key, an exhausted quota, a
 * provider that is down), stopped at its deadline or budget, or cancelled. Submitted again, it goes
 * on with what is left.
 */
public final class JobEndedException extends BatchwrightException {
    private static final long serialVersionUID = 1;

    /** The id of the job. */
    private final String jobId;

    private final transient JobStatus status;

    JobEndedException(String jobId, JobStatus status) {
        super(
                "Job %s is %s with %,d of %,d items left%s"
                        .formatted(
                                jobId,
                                status.state().word(),
                                status.progress().pending(),
                                status.progress().items(),
                                status.problem().map(": %s"::formatted).orElse(".")));
        this.jobId = jobId;
        this.status = status;
    }

    /** {@return the id of the job, for {@link Batchwright#job}} */
    public String jobId() {
        return jobId;
    }

    /** {@return where the job was when it ended; its problem says why} */
    public JobStatus status() {
        return status;
    }
}
