package dev.batchwright.job;

/**
 * How far a job is: a sum over its shards. Calls in flight are not in it.
 *
 * @param items how many the job has
 * @param succeeded how many were answered
 * @param failed how many failed for good
 * @param usage the tokens of all that is done
 * @param cost of all that is done, by the price table
 */
public record Progress(long items, long succeeded, long failed, Usage usage, Cost cost) {
    /** {@return how many have their outcome} */
    public long done() {
        return succeeded + failed;
    }

    /** {@return how many have none yet} */
    public long pending() {
        return items - succeeded - failed;
    }
}
