package dev.batchwright.store;

import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The files that a server keeps for its users: uploads, and what batches wrote. Files beside a
 * SQLite store, rows of chunks in PostgreSQL. Thread-safe; several processes may share a store, and
 * each sees what the others acknowledged.
 *
 * <p>An upload is nothing until it is committed; a crash, or a client that goes away, leaves
 * nothing of it. A file that a batch writes grows under the eyes of its readers, who see whole
 * lines; when its writer dies, the batch's next keeper goes on behind what they saw.
 */
public interface HostedFiles {
    /** Whose files are listed, and which of them. */
    record Query(
            String owner,
            Optional<String> purpose,
            boolean newestFirst,
            Optional<String> after,
            int limit) {}

    /** What a file that arrived is called, and how long it stays. */
    record Terms(String owner, String filename, String purpose, Optional<Duration> lifetime) {}

    /** Begins a file that arrives piece by piece. */
    Upload upload();

    /** A file that is there; one that expired or was deleted is not. */
    Optional<HostedFile> find(String id);

    /**
     * A page of somebody's whole files; those that hold Anthropic's batches are not among them.
     * Empty if the query goes on after a file that is not there.
     */
    Optional<List<HostedFile>> list(Query query);

    /**
     * Streams a part of a file. To be closed.
     *
     * @param from the first byte, from 0
     * @param to behind the last one, at most the file's size
     */
    InputStream read(HostedFile file, long from, long to);

    /** Where a line begins, from 0; the file's end for one behind its last. */
    long offsetOf(HostedFile file, long line);

    /** What a deletion came to. */
    enum Deletion {
        DONE,
        NOT_THERE,
        /** A batch is writing it. */
        IN_USE
    }

    /**
     * Deletes a file: nobody finds it any more. Of the input of a batch that is just being read the
     * bytes stay until that is done.
     */
    Deletion delete(String id);

    /** Removes what expired, was left behind by processes that died, or waited to go. */
    int sweep();

    /** A file that arrives, for one thread. Closed without a commit it leaves nothing. */
    interface Upload extends AutoCloseable {
        void write(byte[] bytes, int offset, int length);

        long bytes();

        /** Makes it durable and visible. */
        HostedFile commit(Terms terms);

        @Override
        void close();
    }

    /** Appends whole lines to a file that a batch writes, for one thread. */
    interface Growth extends AutoCloseable {
        void write(byte[] bytes, int offset, int length);

        /** How many bytes there are, flushed or not. */
        long bytes();

        /**
         * Makes what was written durable and visible.
         *
         * @throws KeeperLostException if another process keeps the batch by now
         */
        void flush();

        @Override
        void close();
    }
}
