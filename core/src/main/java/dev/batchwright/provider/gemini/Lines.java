package dev.batchwright.provider.gemini;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Passes lines on, without the bytes at the start that were passed on before, and sees to it that
 * the last one ends. Gathers small writes.
 */
final class Lines extends OutputStream {
    private static final int ROOM = 64 << 10;

    private final OutputStream out;
    private final byte[] gathered = new byte[ROOM];
    private int size;
    private long skip;
    private long length;
    private int last = '\n';

    Lines(OutputStream out, long skip) {
        this.out = out;
        this.skip = skip;
    }

    @Override
    public void write(int b) throws IOException {
        last = b & 0xff;
        length++;
        if (skip > 0) {
            skip--;
            return;
        }
        if (size == ROOM) {
            flush();
        }
        gathered[size++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (count <= 0) {
            return;
        }
        last = bytes[offset + count - 1] & 0xff;
        length += count;
        int skipped = (int) Math.min(skip, count);
        skip -= skipped;
        flush();
        out.write(bytes, offset + skipped, count - skipped);
    }

    @Override
    public void flush() throws IOException {
        out.write(gathered, 0, size);
        size = 0;
    }

    /**
     * @return how many bytes there were in all
     */
    long finish() throws IOException {
        if (last != '\n') {
            write('\n');
        }
        flush();
        return length;
    }
}
