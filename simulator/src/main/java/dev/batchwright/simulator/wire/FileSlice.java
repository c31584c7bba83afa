package dev.batchwright.simulator.wire;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Some bytes of a file on disk. Immutable by agreement: nobody writes to them any more. */
public record FileSlice(Path path, long offset, long length) {
    /** Reads it, from this many bytes behind its start. */
    public InputStream open(long from) {
        try {
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            file.position(offset + from);
            return new Bounded(Channels.newInputStream(file), length - from);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The slice without its first bytes. */
    public FileSlice from(long start) {
        long skipped = Math.min(start, length);
        return new FileSlice(path, offset + skipped, length - skipped);
    }

    /** The first bytes of the slice. */
    public FileSlice first(long bytes) {
        return new FileSlice(path, offset, Math.min(bytes, length));
    }

    /** Ends where the slice does, not where the file does. */
    private static final class Bounded extends FilterInputStream {
        private long left;

        Bounded(InputStream in, long length) {
            super(in);
            left = length;
        }

        @Override
        public int read() throws IOException {
            int value = left > 0 ? super.read() : -1;
            left -= value < 0 ? 0 : 1;
            return value;
        }

        @Override
        public int read(byte[] target, int start, int length) throws IOException {
            if (left <= 0) {
                return -1;
            }
            int count = super.read(target, start, (int) Math.min(length, left));
            left -= Math.max(0, count);
            return count;
        }

        @Override
        public long skip(long bytes) throws IOException {
            long skipped = super.skip(Math.min(bytes, left));
            left -= skipped;
            return skipped;
        }
    }
}
