package dev.batchwright.store;

import dev.batchwright.job.JobId;

import java.io.IOException;
import java.util.Set;

/**
 * The bytes of a job: append-only sequences of checked JSON lines ({@link JsonLine}) and files of
 * results as they were downloaded, each written by one process and never changed. Files beside
 * SQLite, rows of chunks in PostgreSQL; the same bytes in both.
 */
interface Segments extends AutoCloseable {
    /** The segment of a job's items. */
    String INPUT = "input.jsonl";

    Writer create(JobId job, String name);

    /** A writer of many small groups, which stays open for long: it holds little. */
    Writer grow(JobId job, String name);

    Reader open(JobId job, String name);

    /** Removes one segment, which no row may name; nothing to do if it is not there. */
    void discard(JobId job, String name);

    /** Removes what is kept of a job; nothing to do if there is nothing. */
    void delete(JobId job);

    /** Jobs of which something is kept here that does not go with their row. */
    Set<JobId> jobs();

    @Override
    void close();

    /** Appends, for one thread. After a failure it is of no more use. */
    interface Writer extends AutoCloseable {
        /** Where the next byte goes. */
        long position();

        void append(byte[] bytes, int offset, int length) throws IOException;

        /** Makes everything appended durable. */
        void sync() throws IOException;

        /** Closes without a sync. */
        @Override
        void close() throws IOException;
    }

    /** Reads at any place, also while another process appends. */
    interface Reader extends AutoCloseable {
        /** Reads up to this many bytes; returns how many, 0 at the end. */
        int read(long position, byte[] into, int offset, int length) throws IOException;

        @Override
        void close() throws IOException;
    }
}
