package dev.batchwright.provider.anthropic;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/** Passes lines on, and sees to it that the last one ends like the others. */
final class LineEnd extends FilterOutputStream {
    private long length;
    private int last = '\n';

    LineEnd(OutputStream out) {
        super(out);
    }

    @Override
    public void write(int b) throws IOException {
        out.write(b);
        last = b;
        length++;
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (count > 0) {
            out.write(bytes, offset, count);
            last = bytes[offset + count - 1];
            length += count;
        }
    }

    /** How many bytes there are, the end of the last line included. */
    long end() throws IOException {
        if (last != '\n') {
            write('\n');
        }
        return length;
    }
}
