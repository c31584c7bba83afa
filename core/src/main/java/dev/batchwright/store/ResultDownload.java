package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Lease;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;

/**
 * A result file on its way into a segment. The row that makes it known is inserted under the lease
 * and after the sync: a file without a row is an attempt that did not end, and the next one removes
 * it.
 */
final class ResultDownload implements BatchWork.Download {
    private final Database database;
    private final Segments segments;
    private final Lease lease;
    private final String source;
    private final String segment;
    private final Segments.Writer writer;
    private boolean committed;

    private ResultDownload(
            Database database,
            Segments segments,
            Lease lease,
            String source,
            String segment,
            Segments.Writer writer) {
        this.database = database;
        this.segments = segments;
        this.lease = lease;
        this.source = source;
        this.segment = segment;
        this.writer = writer;
    }

    /** Removes what earlier attempts left and begins anew. */
    static ResultDownload begin(Database database, Segments segments, Lease lease, String source) {
        boolean held = database.read(connection -> Leases.holds(connection, lease));
        if (!held) {
            throw new LeaseLostException(lease);
        }
        JobId job = lease.shard().job();
        for (long epoch = 1; epoch <= lease.epoch(); epoch++) {
            segments.discard(job, ResultSegment.name(lease, epoch, source));
        }
        String segment = ResultSegment.name(lease, lease.epoch(), source);
        return new ResultDownload(
                database, segments, lease, source, segment, segments.create(job, segment));
    }

    @Override
    public OutputStream out() {
        return new OutputStream() {
            @Override
            public void write(int b) throws IOException {
                write(new byte[] {(byte) b}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                append(bytes, offset, length);
            }
        };
    }

    private void append(byte[] bytes, int offset, int length) throws InterruptedIOException {
        try {
            writer.append(bytes, offset, length);
        } catch (ClosedByInterruptException e) {
            // Whoever writes is to stop, which is no failure of the store.
            var stopped = new InterruptedIOException("The download was interrupted");
            stopped.initCause(e);
            throw stopped;
        } catch (IOException e) {
            throw unwritable(e);
        }
    }

    @Override
    public long length() {
        return writer.position();
    }

    @Override
    public void commit() {
        try {
            writer.sync();
        } catch (ClosedByInterruptException e) {
            throw new StoreException(
                    "The results of shard %d were not kept: their download was interrupted. The next run downloads them again."
                            .formatted(lease.shard().id()),
                    e);
        } catch (IOException e) {
            throw unwritable(e);
        }
        database.write(
                connection -> {
                    Leases.require(connection, lease);
                    return Sql.update(
                            connection,
                            """
                            insert into segment (job_id, name, kind, shard_id, source)
                            values (?, ?, 'results', ?, ?)
                            """,
                            lease.shard().job().value(),
                            segment,
                            lease.shard().id(),
                            source);
                });
        committed = true;
    }

    private StoreException unwritable(IOException cause) {
        return new StoreException(
                """
                The results of shard %d can't be written to the store (%s). Free some space or \
                check the disk, then run the same command again: the provider still has them.\
                """
                        .formatted(lease.shard().id(), cause.getMessage()),
                cause);
    }

    @Override
    public void close() {
        try {
            writer.close();
        } catch (IOException e) {
            throw unwritable(e);
        } finally {
            if (!committed) {
                segments.discard(lease.shard().job(), segment);
            }
        }
    }
}
