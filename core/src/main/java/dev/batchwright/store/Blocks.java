package dev.batchwright.store;

import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;

import org.jspecify.annotations.Nullable;

import java.io.IOException;

/**
 * Reads items of a job in ascending order, for one thread. A block row says where its lines begin;
 * within it they are stepped over until the wanted one. Holds one window, whatever the job's size.
 */
final class Blocks implements AutoCloseable {
    private static final int WINDOW = 128 << 10;

    private final Database database;
    private final Segments segments;
    private final JobId job;
    private final ItemLine.Reader items = new ItemLine.Reader();

    private record Block(long first, long items, String segment, long start, long length) {}

    private @Nullable Block block;
    private @Nullable SegmentScanner lines;
    private long next;

    Blocks(Database database, Segments segments, JobId job) {
        this.database = database;
        this.segments = segments;
        this.job = job;
    }

    /** The item at this place, which must lie behind all that were read before. */
    Item read(long seq) {
        try {
            SegmentScanner scanner = scannerAt(seq);
            boolean found = true;
            while (found && next <= seq) {
                found = scanner.next();
                next++;
            }
            if (!found || !scanner.valid()) {
                throw new StoreException(
                        "Item %d of job %s can't be read: the store is damaged. Restore it from a backup, or run the input again with --fresh."
                                .formatted(seq, job));
            }
            return items.read(seq, scanner.json());
        } catch (IOException e) {
            throw new StoreException(
                    "Item %d of job %s can't be read (%s). Check the disk, then run the same command again."
                            .formatted(seq, job, e.getMessage()),
                    e);
        }
    }

    private SegmentScanner scannerAt(long seq) throws IOException {
        Block current = block;
        SegmentScanner scanner = lines;
        if (current != null && scanner != null && seq < current.first + current.items) {
            return scanner;
        }
        close();
        Block found = find(seq);
        var opened =
                new SegmentScanner(
                        segments.open(job, found.segment),
                        found.start,
                        found.start + found.length,
                        WINDOW);
        block = found;
        lines = opened;
        next = found.first;
        return opened;
    }

    private Block find(long seq) {
        return database.read(
                        connection ->
                                Sql.first(
                                        connection,
                                        """
                                        select first_seq, items, segment, start_offset, length
                                          from block
                                         where job_id = ? and first_seq <= ?
                                         order by first_seq desc limit 1
                                        """,
                                        row ->
                                                new Block(
                                                        row.getLong("first_seq"),
                                                        row.getLong("items"),
                                                        row.getString("segment"),
                                                        row.getLong("start_offset"),
                                                        row.getLong("length")),
                                        job.value(),
                                        seq))
                .filter(found -> seq < found.first + found.items)
                .orElseThrow(
                        () ->
                                new StoreException(
                                        "Job %s has no item %d: it was deleted, or the store is damaged."
                                                .formatted(job, seq)));
    }

    @Override
    public void close() {
        SegmentScanner open = lines;
        lines = null;
        block = null;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                throw new StoreException(
                        "The items of job %s can't be closed (%s).".formatted(job, e.getMessage()),
                        e);
            }
        }
    }
}
