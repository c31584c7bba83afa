package dev.batchwright.store;

import dev.batchwright.job.JobId;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Segments as rows of {@code segment_chunk}: the same bytes as the files, in pieces of at most a
 * megabyte. A sync is a commit. They go with the row of their job.
 */
final class TableSegments implements Segments {
    private static final int CHUNK = 1 << 20;

    private final PostgresDatabase database;

    TableSegments(PostgresDatabase database) {
        this.database = database;
    }

    @Override
    public Writer create(JobId job, String name) {
        return new TableWriter(job, name);
    }

    @Override
    public Writer grow(JobId job, String name) {
        return new GrowingWriter(job, name);
    }

    @Override
    public Reader open(JobId job, String name) {
        return new TableReader(job, name);
    }

    @Override
    public void discard(JobId job, String name) {
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                "delete from segment_chunk where job_id = ? and segment = ?",
                                job.value(),
                                name));
    }

    @Override
    public void delete(JobId job) {
        // Its chunks went with its row.
    }

    @Override
    public Set<JobId> jobs() {
        return Set.of();
    }

    @Override
    public void close() {
        // The database is closed by its owner.
    }

    private final class TableWriter implements Writer {
        private final JobId job;
        private final String name;
        private final byte[] chunk = new byte[CHUNK];
        private int filled;
        private long written;
        private @Nullable Connection connection;

        TableWriter(JobId job, String name) {
            this.job = job;
            this.name = name;
        }

        @Override
        public long position() {
            return written + filled;
        }

        @Override
        public void append(byte[] bytes, int offset, int length) throws IOException {
            int done = 0;
            while (done < length) {
                if (filled == CHUNK) {
                    drain();
                }
                int part = Math.min(length - done, CHUNK - filled);
                System.arraycopy(bytes, offset + done, chunk, filled, part);
                filled += part;
                done += part;
            }
        }

        private void drain() {
            if (filled == 0) {
                return;
            }
            try {
                insertChunk(
                        connection(),
                        job,
                        name,
                        written,
                        filled == CHUNK ? chunk : Arrays.copyOf(chunk, filled));
            } catch (SQLException e) {
                throw database.problem(e);
            }
            written += filled;
            filled = 0;
        }

        private Connection connection() throws SQLException {
            Connection open = connection;
            if (open == null) {
                open = database.connect();
                open.setAutoCommit(false);
                connection = open;
            }
            return open;
        }

        @Override
        public void sync() {
            drain();
            try {
                connection().commit();
            } catch (SQLException e) {
                throw database.problem(e);
            }
        }

        @Override
        public void close() {
            Connection open = connection;
            connection = null;
            if (open != null) {
                try {
                    open.close();
                } catch (SQLException e) {
                    throw database.problem(e);
                }
            }
        }
    }

    /** Holds no connection between two syncs: what is appended waits in memory. */
    private final class GrowingWriter implements Writer {
        private final JobId job;
        private final String name;
        private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();
        private long written;

        GrowingWriter(JobId job, String name) {
            this.job = job;
            this.name = name;
        }

        @Override
        public long position() {
            return written + waiting.size();
        }

        @Override
        public void append(byte[] bytes, int offset, int length) {
            waiting.write(bytes, offset, length);
        }

        @Override
        public void sync() {
            byte[] bytes = waiting.toByteArray();
            waiting.reset();
            long start = written;
            // Also where the insert fails: then it is a gap, which no block names.
            written += bytes.length;
            database.write(
                    connection -> {
                        for (int at = 0; at < bytes.length; at += CHUNK) {
                            insertChunk(
                                    connection,
                                    job,
                                    name,
                                    start + at,
                                    Arrays.copyOfRange(
                                            bytes, at, Math.min(bytes.length, at + CHUNK)));
                        }
                        return true;
                    });
        }

        @Override
        public void close() {
            // Nothing is held.
        }
    }

    private static void insertChunk(
            Connection connection, JobId job, String name, long start, byte[] data)
            throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        """
                        insert into segment_chunk (job_id, segment, start_offset, data)
                        values (?, ?, ?, ?)
                        """)) {
            insert.setString(1, job.value());
            insert.setString(2, name);
            insert.setLong(3, start);
            insert.setBytes(4, data);
            insert.executeUpdate();
        }
    }

    private final class TableReader implements Reader {
        private final JobId job;
        private final String name;

        TableReader(JobId job, String name) {
            this.job = job;
            this.name = name;
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) {
            return database.read(
                    connection -> {
                        int done = 0;
                        for (byte[] part : parts(connection, position, length)) {
                            System.arraycopy(part, 0, into, offset + done, part.length);
                            done += part.length;
                        }
                        return done;
                    });
        }

        // Only the wanted part of each chunk travels. No chunk is larger than CHUNK, so those that
        // overlap begin less than that before the position.
        private List<byte[]> parts(Connection connection, long position, int length)
                throws SQLException {
            return Sql.list(
                    connection,
                    """
                    select substring(data
                                     from greatest(? - start_offset, 0)::int + 1
                                     for (? - greatest(start_offset, ?))::int) as part
                      from segment_chunk
                     where job_id = ? and segment = ?
                       and start_offset > ? and start_offset < ?
                       and start_offset + octet_length(data) > ?
                     order by start_offset
                    """,
                    row -> row.getBytes("part"),
                    position,
                    position + length,
                    position,
                    job.value(),
                    name,
                    position - CHUNK,
                    position + length,
                    position);
        }

        @Override
        public void close() {
            // Each read takes a connection and gives it back.
        }
    }
}
