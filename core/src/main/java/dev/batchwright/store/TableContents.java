package dev.batchwright.store;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Hosted files as rows of {@code hosted_chunk}: the same bytes, in pieces of at most a megabyte,
 * each committed by itself so that a slow upload holds no transaction. They go with the row of
 * their file.
 */
final class TableContents implements Contents {
    private static final int CHUNK = 1 << 20;

    private final Database database;

    TableContents(Database database) {
        this.database = database;
    }

    @Override
    public Segments.Writer append(String file, String keeper, long from) {
        database.write(
                connection ->
                        Sql.update(
                                connection,
                                "delete from hosted_chunk where file_id = ? and start_offset >= ?",
                                file,
                                from));
        return new TableWriter(file, keeper, from);
    }

    @Override
    public Segments.Reader open(String file) {
        return new TableReader(file);
    }

    @Override
    public void delete(String file) {
        // Its chunks went with its row.
    }

    @Override
    public Set<String> files() {
        return Set.of();
    }

    @Override
    public void close() {
        // The database is closed by its owner.
    }

    private final class TableWriter implements Segments.Writer {
        private final String file;
        private final String keeper;
        private final byte[] chunk = new byte[CHUNK];
        private int filled;
        private long written;

        TableWriter(String file, String keeper, long from) {
            this.file = file;
            this.keeper = keeper;
            this.written = from;
        }

        @Override
        public long position() {
            return written + filled;
        }

        @Override
        public void append(byte[] bytes, int offset, int length) {
            int done = 0;
            while (done < length) {
                if (filled == CHUNK) {
                    sync();
                }
                int part = Math.min(length - done, CHUNK - filled);
                System.arraycopy(bytes, offset + done, chunk, filled, part);
                filled += part;
                done += part;
            }
        }

        // The row of the file is locked: nobody becomes its keeper while this is written.
        @Override
        public void sync() {
            if (filled == 0) {
                return;
            }
            int inserted =
                    database.write(
                            connection ->
                                    Sql.update(
                                            connection,
                                            """
                                            insert into hosted_chunk (file_id, start_offset, data)
                                            select id, ?, ? from hosted_file
                                             where id = ? and keeper = ?
                                               for share
                                            """,
                                            written,
                                            filled == CHUNK ? chunk : Arrays.copyOf(chunk, filled),
                                            file,
                                            keeper));
            if (inserted == 0) {
                throw new KeeperLostException(file);
            }
            written += filled;
            filled = 0;
        }

        @Override
        public void close() {
            // What was not synced was never there.
        }
    }

    private final class TableReader implements Segments.Reader {
        private final String file;

        TableReader(String file) {
            this.file = file;
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) {
            List<byte[]> parts = parts(position, length);
            int done = 0;
            for (byte[] part : parts) {
                System.arraycopy(part, 0, into, offset + done, part.length);
                done += part.length;
            }
            return done;
        }

        // As TableSegments does: only the wanted part of each chunk travels.
        private List<byte[]> parts(long position, int length) {
            return database.read(
                    connection ->
                            Sql.list(
                                    connection,
                                    """
                                    select substring(data
                                                     from greatest(? - start_offset, 0)::int + 1
                                                     for (? - greatest(start_offset, ?))::int)
                                               as part
                                      from hosted_chunk
                                     where file_id = ?
                                       and start_offset > ? and start_offset < ?
                                       and start_offset + octet_length(data) > ?
                                     order by start_offset
                                    """,
                                    row -> row.getBytes("part"),
                                    position,
                                    position + length,
                                    position,
                                    file,
                                    position - CHUNK,
                                    position + length,
                                    position));
        }

        @Override
        public void close() {
            // Each read takes a connection and gives it back.
        }
    }
}
