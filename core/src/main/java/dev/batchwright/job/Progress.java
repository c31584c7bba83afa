package dev.batchwright.job;

/** How far a job is: a sum over its shards. Calls in flight are not in it. */
public record Progress(long items, long succeeded, long failed, Usage usage, Cost cost) {
    public long done() {
        return succeeded + failed;
    }

    public long pending() {
        return items - succeeded - failed;
    }
}
