package dev.batchwright.provider.openai;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/**
 * A result file on its way to the caller's stream: counts its bytes and sees to it that its last
 * line ends in a newline, which some files lack.
 *
 * <p>The caller may have all of it already, with that newline, which the provider's file does not
 * have. So the last byte that they have is asked for again and left out: if it does not come, it
 * was ours.
 */
final class LineFile extends OutputStream {
    private final OutputStream out;
    private final long from;
    private long length;
    private long lines;
    private byte last = '\n';

    /**
     * @param from how many bytes {@code out} has already
     */
    LineFile(OutputStream out, long from) {
        this.out = out;
        this.from = from;
        this.length = skip();
    }

    /** How many bytes of the file to leave out. */
    long skip() {
        return Math.max(0, from - 1);
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int count) throws IOException {
        if (count == 0) {
            return;
        }
        int known = length < from ? 1 : 0;
        out.write(bytes, offset + known, count - known);
        length += count;
        for (int i = offset + known; i < offset + count; i++) {
            lines += bytes[i] == '\n' ? 1 : 0;
        }
        last = bytes[offset + count - 1];
    }

    /** How many lines were written, once the last one has ended. */
    long lines() {
        return lines;
    }

    /** Ends the last line; gives the length of the file then. */
    long finish() {
        if (length < from) {
            return from;
        }
        if (length == 0 || last == '\n') {
            return length;
        }
        try {
            out.write('\n');
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        lines++;
        return length + 1;
    }
}
