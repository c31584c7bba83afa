package dev.batchwright.store;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A part of a hosted file, read with one buffer. For one thread. */
final class ContentStream extends InputStream {
    private final Segments.Reader reader;
    private final long to;
    private final byte[] one = new byte[1];
    private long position;

    ContentStream(Segments.Reader reader, long from, long to) {
        this.reader = reader;
        this.position = from;
        this.to = to;
    }

    @Override
    public int read() throws IOException {
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        if (position >= to) {
            return length == 0 ? 0 : -1;
        }
        int count = reader.read(position, into, offset, (int) Math.min(length, to - position));
        if (count == 0 && length > 0) {
            throw new EOFException("the file was deleted while it was read");
        }
        position += count;
        return count;
    }

    @Override
    public long skip(long bytes) {
        long skipped = Math.max(0, Math.min(bytes, to - position));
        position += skipped;
        return skipped;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
