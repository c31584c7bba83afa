package dev.batchwright.store;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobSpec;

import java.util.List;

/**
 * Takes calls in, one by one, for callers who each wait: what was accepted is durable, and known
 * again by its {@link CallKey} in every process, before its job is complete. For one thread.
 *
 * <pre>
 * begin  ->  add, accept, add, accept ...  ->  finish               a job of what was gathered
 *                                          ->  start, add, accept ...  ->  finish     it runs, and grows
 * </pre>
 *
 * <p>Of what was added, bytes are synced first, with one sync for each job; then one transaction
 * names them, for all jobs: it inserts the keys of the calls, and moves blocks and counts. So a
 * crash leaves no half of a call, and there is no tail to repair: what no block names was never
 * accepted.
 *
 * <p>A gatherer holds a lock as long as it is open. Jobs of one that died, by whatever crash, are
 * taken over by {@link #adopt}: they become Active with what was accepted.
 */
public interface Gatherer extends AutoCloseable {
    /**
     * Begins a job that calls are added to; nobody works on it before it is started or finished.
     */
    GrowingJob begin(JobSpec spec);

    /**
     * Makes durable what was added to all jobs since it was called before.
     *
     * @throws CallsTakenException if another process has accepted one of these calls meanwhile
     * @throws StoreException if the store fails. In both cases nothing that was added since
     *     remains; what was accepted before does
     */
    void accept();

    /** Takes over what gatherers left behind that are dead: Active from now on, and complete. */
    List<Job> adopt();

    /** Finishes what is open; if that fails, whoever adopts does it. */
    @Override
    void close();
}
