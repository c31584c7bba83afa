package dev.batchwright.store;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;

import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * What a worker does with the shards of the batch lane that it holds: every method is one committed
 * step under the lease. Thread-safe; one shard is worked on by one thread.
 *
 * <p>Every method that writes throws {@link LeaseLostException} if the lease is lost, and has done
 * nothing then.
 */
public interface BatchWork {
    /** What the shard is about and where it is. */
    BatchShard read(Lease lease);

    /** Commits the next state of a shard, and what it reserves. */
    void advance(Lease lease, BatchShard next);

    /**
     * Commits the state from which on a batch counts as enqueued, if the provider's queue has room
     * for it beside what all jobs of the store have in it, or has nothing in it; nobody can come
     * between the look and the commit.
     *
     * @param tokens the most that may be enqueued for its account and model
     * @param batches and how many batches at once
     * @return whether there was room; if not, nothing was done
     */
    boolean enqueue(Lease lease, BatchShard next, long tokens, int batches);

    /**
     * Sets money aside for a shard that is planned, instead of what was before, if it fits under
     * the caps on its job and on the job's owner; nobody can come between the look and the commit.
     *
     * @param cap on the job
     */
    Funding fund(Lease lease, Optional<Cost> cap, Cost cost);

    /**
     * The batch is over, and nothing more will come of it: gives back what is still set aside, but
     * for what requests may have cost that it says nothing of.
     */
    void settle(Lease lease, Cost presumed);

    /** Keeps a word on how it goes, for {@code status}: {@code in_progress, 120 of 500 done}. */
    void note(Lease lease, String note);

    /**
     * Moves the items that have no outcome yet out of these shards and into new ones, in one
     * transaction, and ends the leases. What has an outcome stays where it is; a shard of which
     * nothing stays is gone, unless its batch ran: people may look for that.
     *
     * @param next together exactly the items without an outcome
     */
    void replace(List<Lease> sources, List<ShardDraft> next);

    /**
     * The items of the shard that have no outcome, as far as the index has come. Also once the
     * lease has ended, because the last of them got its outcome.
     */
    SeqRanges left(Lease lease);

    /** Whether a result file was downloaded to its end before, under this name. */
    boolean isDownloaded(Lease lease, String name);

    /** How many lines a downloaded result file has; reads all of it. */
    long lines(Lease lease, String name);

    /**
     * Begins to keep a result file, from its first byte; what an earlier download that did not end
     * left of it goes away.
     */
    Download download(Lease lease, String name);

    /** A result file on its way into the store, for one thread. */
    interface Download extends AutoCloseable {
        /**
         * Takes the file's bytes as they come. A failure of the store is a {@link StoreException}.
         */
        OutputStream out();

        /** How many bytes it has so far. */
        long length();

        /** The file is complete: makes it durable and known. */
        void commit();

        /** Throws away what was not committed. */
        @Override
        void close();
    }

    /**
     * Reads a downloaded file on, from where it was indexed to, and indexes what the judge counts.
     * May be stopped anywhere and called again.
     */
    Harvest harvest(Lease lease, String name, Judge judge) throws InterruptedException;

    /** Lines read by a call of {@link #harvest}: what became of them. */
    record Harvest(long counted, long left, long strays) {}

    /** Decides what a line of a result file counts as. A pure function. */
    interface Judge {
        Verdict judge(byte[] line, int offset, int length);
    }

    /** What a line counts as. */
    sealed interface Verdict {
        /**
         * The item's outcome; its answer is a slice of this line.
         *
         * @param cause the code of the error; empty where it succeeded
         * @param form of the slice; its offset counts from the start of the line
         */
        record Counts(
                long seq,
                boolean succeeded,
                int status,
                String cause,
                int attempts,
                Usage usage,
                Cost cost,
                AnswerForm form,
                int answerOffset,
                int answerLength)
                implements Verdict {}

        /** The item's outcome, with an answer that was made from the line. */
        record Made(long seq, Outcome outcome) implements Verdict {}

        /** No outcome: the item stays without one, for another attempt. */
        record Left(long seq) implements Verdict {}

        /** Can't be mapped or read: kept and reported. */
        record Strays(String reason) implements Verdict {}

        /** Nothing: a blank line. */
        record Nothing() implements Verdict {}
    }
}
