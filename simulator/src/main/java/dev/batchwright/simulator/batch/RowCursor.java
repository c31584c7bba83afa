package dev.batchwright.simulator.batch;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Walks over the rows of some files, without a copy of its own for each. Blank lines are no rows,
 * but count as lines. Not thread-safe.
 */
public final class RowCursor implements AutoCloseable {
    private static final int FIRST_SIZE = 256 * 1024;

    private final List<RowFile> files;
    private int file;
    private InputStream in;
    private long consumed; // bytes of this file behind the cursor
    private byte[] buffer = new byte[FIRST_SIZE];
    private int position; // of the next row in the buffer
    private int filled;
    private int start;
    private int length;
    private long line;
    private long row;

    /** A place between two rows, to come back to. */
    record Place(int file, long offset, long line, long row) {
        static final Place START = new Place(0, 0, 0, 0);
    }

    /** Starts before the first row. */
    public static RowCursor over(List<RowFile> files) {
        return new RowCursor(files, Place.START);
    }

    RowCursor(List<RowFile> files, Place from) {
        this.files = files;
        this.file = from.file();
        this.consumed = from.offset();
        this.line = from.line();
        this.row = from.row();
        this.in = open();
    }

    private InputStream open() {
        return file < files.size()
                ? files.get(file).content().open(consumed)
                : InputStream.nullInputStream();
    }

    /** Moves to the next row; false behind the last. */
    public boolean next() {
        while (file < files.size()) {
            boolean found =
                    switch (files.get(file).framing()) {
                        case LINES -> nextLine();
                        case LENGTHS -> nextRecord();
                    };
            if (found) {
                row++;
                return true;
            }
            close();
            file++;
            line = 0;
            consumed = 0;
            position = 0;
            filled = 0;
            in = open();
        }
        return false;
    }

    private boolean nextLine() {
        while (true) {
            int end = position;
            while (true) {
                while (end < filled && buffer[end] != '\n') {
                    end++;
                }
                int seen = end - position;
                boolean whole = end < filled || !fill();
                end = position + seen; // reading more may have moved it
                if (whole) {
                    break;
                }
            }
            if (end == position && end == filled) {
                return false;
            }
            start = position;
            length = end - position;
            boolean newline = end < filled;
            advance(length + (newline ? 1 : 0));
            line++;
            if (length > 0 && buffer[start + length - 1] == '\r') {
                length--;
            }
            if (!blank()) {
                return true;
            }
        }
    }

    private boolean blank() {
        for (int i = start; i < start + length; i++) {
            if (buffer[i] != ' ' && buffer[i] != '\t') {
                return false;
            }
        }
        return true;
    }

    private boolean nextRecord() {
        while (filled - position < Integer.BYTES) {
            if (!fill()) {
                return false;
            }
        }
        int size = ByteBuffer.wrap(buffer, position, Integer.BYTES).getInt();
        while (filled - position < Integer.BYTES + size) {
            if (!fill()) {
                throw new IllegalStateException("A file of rows ends in the middle of one.");
            }
        }
        start = position + Integer.BYTES;
        length = size;
        advance(Integer.BYTES + size);
        line++;
        return true;
    }

    private void advance(int bytes) {
        position += bytes;
        consumed += bytes;
    }

    /** Reads more behind what is there; the bytes from the next row on may move. */
    private boolean fill() {
        if (position > 0) {
            System.arraycopy(buffer, position, buffer, 0, filled - position);
            filled -= position;
            position = 0;
        } else if (filled == buffer.length) {
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        try {
            int count = in.read(buffer, filled, buffer.length - filled);
            filled += Math.max(0, count);
            return count > 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Holds the row until the next move; read from {@link #start} on, {@link #length} bytes. */
    public byte[] buffer() {
        return buffer;
    }

    public int start() {
        return start;
    }

    public int length() {
        return length;
    }

    /** The line of its file that the row is in, from 1. */
    public long line() {
        return line;
    }

    /** The how manieth row it is, from 1. */
    public long row() {
        return row;
    }

    Place place() {
        return new Place(file, consumed, line, row);
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
