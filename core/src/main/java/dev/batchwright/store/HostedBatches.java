package dev.batchwright.store;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The batches that users created at a server's Batch API. Thread-safe; several processes may share
 * a store: any of them answers, and one at a time keeps a batch, which means takes it on. A process
 * that dies, or loses the store, keeps nothing: another one claims what it had.
 */
public interface HostedBatches {
    /**
     * What makes two requests for a batch one.
     *
     * @param likeness equal for equal orders
     * @param key that the client gave its request
     * @param retry whether the client says that it repeats itself
     */
    record Request(
            String owner,
            HostedBatch.Order order,
            Instant expires,
            String likeness,
            Optional<String> key,
            boolean retry) {}

    /** What a request for a batch came to. */
    sealed interface Creation {
        record Created(HostedBatch batch) implements Creation {}

        /** It was made before: by its key, or by a try that the client repeats. */
        record Known(HostedBatch batch) implements Creation {}

        /** The key named another order. */
        record KeyTaken() implements Creation {}
    }

    /** Whose batches are listed: newest first, those behind one or those before it. */
    record Query(
            String owner,
            HostedBatch.Form form,
            Optional<String> after,
            Optional<String> before,
            int limit) {}

    /**
     * Makes a batch, which is durable when this returns, in state Validating. One whose input file
     * is not there, or not its owner's, has failed.
     */
    Creation create(Request request);

    /** A batch with its counts as they are now. */
    Optional<HostedBatch> find(String id);

    /** Empty if the query starts from a batch that is not there. */
    Optional<List<HostedBatch>> list(Query query);

    /** Changes a batch that may be kept by any process; empty if it is not there. */
    Optional<HostedBatch> change(String id, UnaryOperator<HostedBatch> change);

    /** Batches under way that nobody living keeps: from now on this process does. Oldest first. */
    List<HostedBatch> claim(int atMost);

    /**
     * Changes a batch that this process keeps. One that is over is kept no longer, and of its files
     * those that it names are whole; the others are gone.
     *
     * @param change is called within a transaction: it must not ask the store
     * @throws KeeperLostException if this process does not keep it
     */
    HostedBatch advance(String id, UnaryOperator<HostedBatch> change);

    /** Gives up what this process keeps: others may claim it at once. */
    void release(String id);

    /** The input of a batch that is just being read, also if its user deleted it meanwhile. */
    Optional<HostedFile> input(HostedBatch batch);

    /**
     * Begins a file for a batch that this process keeps.
     *
     * @return its id
     */
    String newFile(HostedBatch batch, String filename, String purpose);

    /**
     * Goes on writing one.
     *
     * @param anew from its start, where nobody has seen it yet; else behind what was flushed
     */
    HostedFiles.Growth grow(String file, boolean anew);

    /**
     * Batches that ended before a time, whose files are gone by now but whose jobs are not: nobody
     * can read what the jobs hold any more.
     */
    List<HostedBatch> retired(Instant before, int atMost);

    /**
     * Removes a batch that is over, with the files that it wrote, and its input where no user has
     * uploaded that by itself; says if it did.
     */
    boolean delete(String id);
}
