package dev.batchwright.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts the lines of a file that passes by, and marks where some begin: one in a megabyte, so that
 * whoever looks for a line reads little before it. A last line without its end is one, too.
 */
final class LineMarks {
    private static final long DISTANCE = 1 << 20;

    private final List<Mark> fresh = new ArrayList<>();
    private long lines;
    private long bytes;
    private long marked;
    private boolean open;

    /** That this many lines end before an offset. */
    private record Mark(long line, long offset) {}

    /**
     * @param lines that are there already, all of them ended
     */
    LineMarks(long lines, long bytes) {
        this.lines = lines;
        this.bytes = bytes;
        this.marked = bytes;
    }

    void pass(byte[] text, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            if (text[i] == '\n') {
                lines++;
                long next = bytes + (i - offset) + 1;
                if (next - marked >= DISTANCE) {
                    marked = next;
                    fresh.add(new Mark(lines, next));
                }
            }
        }
        if (length > 0) {
            bytes += length;
            open = text[offset + length - 1] != '\n';
        }
    }

    long lines() {
        return open ? lines + 1 : lines;
    }

    /** Writes down those that were found since the last time. */
    void insert(Connection connection, String file) throws SQLException {
        try (PreparedStatement insert =
                connection.prepareStatement(
                        "insert into hosted_mark (file_id, line, start_offset) values (?, ?, ?)")) {
            for (Mark mark : fresh) {
                Sql.bind(insert, file, mark.line, mark.offset);
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** They are durable. */
    void inserted() {
        fresh.clear();
    }
}
