package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobSpec;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Shard;

import java.util.BitSet;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * What remembers everything. One contract, proved by one test suite, on SQLite and on PostgreSQL.
 * Thread-safe; several processes may open the same store.
 *
 * <p>Every method may throw {@link StoreException}: a full disk, a locked file, a lost database.
 * Nothing that was acknowledged before is lost by it.
 */
public interface JobStore extends AutoCloseable {
    /** Begins a job in state Loading; nobody works on it before the draft is committed. */
    JobDraft draft(JobSpec spec);

    Optional<Job> find(JobId id);

    /** The newest job of this fingerprint that was not deleted and is not Loading. */
    Optional<Job> findByFingerprint(String fingerprint);

    /** The newest jobs first; those still Loading are not shown. */
    List<Job> jobs(int limit);

    /** The same of those that belong to one owner. */
    List<Job> jobs(String owner, int limit);

    /** Takes calls in, one by one, as long as it is open. */
    Gatherer gatherer();

    /** Whether a living gatherer, in any process, may still add items to a job. */
    boolean isGrowing(JobId id);

    /**
     * Tells of outcomes that were indexed by this store, on the thread that did it: their job, and
     * the seqs of their items. What another process indexes is not heard of. To be closed by who
     * listens.
     */
    Listening onOutcomes(BiConsumer<JobId, long[]> listener);

    /** Ends it. */
    interface Listening extends AutoCloseable {
        @Override
        void close();
    }

    /** Which items answer calls that programs made. */
    Calls calls();

    /**
     * A secret of this store, made by chance when it is first asked for, and the same for every
     * process from then on.
     */
    byte[] secret(String name);

    /** Lists, sums and pages for people who look on. */
    Views views();

    /** What owners of jobs may spend. */
    Accounts accounts();

    /** Files of the users of a server. */
    HostedFiles files();

    /** Batches of the users of a server. */
    HostedBatches hostedBatches();

    Progress progress(JobId id);

    /** The same of each lane that has or had items: those that ended in it or are pending there. */
    Map<Lane, Progress> progressByLane(JobId id);

    /** What happened to a job, oldest first. */
    default List<JobEvent> events(JobId id) {
        return events(id, 0);
    }

    /** What happened to a job behind its first {@code known} events: they never change. */
    List<JobEvent> events(JobId id, int known);

    void addEvent(JobId id, String kind, String detail);

    /**
     * Moves a job from one state to another, unless it is no longer in the first; says if it did.
     */
    boolean transition(JobId id, JobState from, JobState to);

    /** Replaces the settings that do not shape requests (pace, attempts, timeout). */
    void updateSpec(JobId id, JobSpec spec);

    /**
     * The workers of a job, in any process, that live and keep their leases. One that is hung or
     * suspended is no longer among them once a lease of its has expired: who looks on may take
     * over.
     */
    List<WorkerInfo> workers(JobId id);

    /** Joins the work on a job. */
    Worker openWorker(JobId id);

    /**
     * Gives every failed item of a job that nobody works on another round, and makes the job
     * Active; returns how many there were. Their earlier outcomes leave the index; what was paid
     * for them stays counted.
     *
     * @throws JobInUseException if a worker is alive
     */
    long retryFailed(JobId id);

    /** The items of a job in input order with what became of them, streamed. */
    default Results results(JobId id, Selection selection) {
        return results(id, selection, new BitSet());
    }

    /**
     * The same, without those that are known already: who asks for the completed ones again and
     * again, and marks what it was given, gets every result once. What is known costs no read, but
     * where it lies between what is not.
     *
     * @param known the seqs of the items that are not wanted; read while the results are
     */
    Results results(JobId id, Selection selection, BitSet known);

    /**
     * Those of a few items that are completed by now; nothing of a job that is gone.
     *
     * @param seqs at least one
     */
    Results completed(JobId id, Collection<Long> seqs);

    /** How the items of a job were shared out, oldest first. */
    List<Shard> shards(JobId id);

    /** The batches of a job, oldest first. */
    List<StoredBatch> batches(JobId id);

    /**
     * Somebody is about to tell the world of a stage of a batch's life. Of all who do, in whatever
     * process and after whatever restart, one is the first.
     */
    Telling tell(long shard, String batchId, BatchStage stage);

    /**
     * @param first whether it was not told before
     * @param sentFile the provider's name for the file with the batch's requests, where it has one
     */
    record Telling(boolean first, Optional<String> sentFile) {}

    /** What the unsettled batches of a job may still cost: counts as spent. */
    Cost reserved(JobId id);

    /** What waits at a provider for this account and model, over all jobs. */
    BatchQueue queue(String account, String model);

    /**
     * Remembers for a day how many enqueued tokens a provider takes, for all jobs of this store.
     */
    void learnQueueLimit(String account, String model, long tokens);

    /**
     * Gives the batch that a quarantined shard turned out to be, by its id at the provider, and
     * makes the job Active.
     *
     * @throws JobInUseException if a worker is alive
     */
    void attachBatch(JobId id, long shard, String batchId);

    /**
     * Sends the items of quarantined shards again, whatever became of the batches that may exist,
     * and makes the job Active; returns how many shards there were.
     *
     * @throws JobInUseException if a worker is alive
     */
    int releaseQuarantine(JobId id);

    /** Lines that could not be counted as an outcome, with where they lie and why. */
    List<Stray> strays(JobId id, int limit);

    /**
     * Removes a job and everything kept for it.
     *
     * @throws JobInUseException if a worker is alive
     */
    void delete(JobId id);

    @Override
    void close();
}
