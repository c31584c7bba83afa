package dev.batchwright.store;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Walks over the lines of a segment through one window of bytes, which grows only for a line that
 * is larger. In a segment of ours, a last line without its newline is not there yet, or torn: the
 * walk ends before it. Eight bytes are searched at a time, because most lines are only stepped
 * over.
 */
final class SegmentScanner implements AutoCloseable {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101010101010101L;
    private static final long TOPS = 0x8080808080808080L;
    private static final long NEWLINES = ONES * '\n';

    private final Segments.Reader reader;
    private final long end;
    private final CRC32C checksum = new CRC32C();
    private byte[] window;
    private long windowOffset;
    private int filled;
    private int lineStart;
    private int nextLine;

    /** Walks from one offset, where a line begins, up to another. */
    SegmentScanner(Segments.Reader reader, long start, long end, int windowSize) {
        this.reader = reader;
        this.end = end;
        this.window = new byte[windowSize];
        this.windowOffset = start;
    }

    /** Moves to the next line; false at the end. */
    boolean next() throws IOException {
        int searched = nextLine;
        lineStart = nextLine;
        while (true) {
            int newline = indexOfNewline(searched, filled);
            if (newline >= 0) {
                nextLine = newline + 1;
                return true;
            }
            searched = filled - lineStart;
            if (!fill()) {
                return false;
            }
        }
    }

    /**
     * Moves to the next line, where bytes behind the last newline are one too; false at the end.
     */
    boolean nextOrLast() throws IOException {
        if (next()) {
            return true;
        }
        // What is left has moved to the front of the window.
        nextLine = filled;
        return filled > 0;
    }

    // Moves the line that has begun to the front and reads on behind it.
    private boolean fill() throws IOException {
        int begun = filled - lineStart;
        if (begun == window.length) {
            window = Arrays.copyOf(window, Math.multiplyExact(window.length, 2));
        } else {
            System.arraycopy(window, lineStart, window, 0, begun);
        }
        windowOffset += lineStart;
        lineStart = 0;
        nextLine = 0;
        filled = begun;
        int wanted = (int) Math.min(window.length - begun, end - windowOffset - begun);
        int count = wanted <= 0 ? 0 : reader.read(windowOffset + begun, window, begun, wanted);
        filled += count;
        return count > 0;
    }

    private int indexOfNewline(int from, int to) {
        int i = from;
        for (; i + Long.BYTES <= to; i += Long.BYTES) {
            long differs = (long) LONGS.get(window, i) ^ NEWLINES;
            long zeros = (differs - ONES) & ~differs & TOPS;
            if (zeros != 0) {
                return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
            }
        }
        for (; i < to; i++) {
            if (window[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    /** Where the line lies in the segment. */
    long offset() {
        return windowOffset + lineStart;
    }

    /** Of the whole line, with checksum and newline. */
    int length() {
        return nextLine - lineStart;
    }

    /** The bytes of {@link #lineStart}; they change with the next line. */
    byte[] window() {
        return window;
    }

    /** Where the line begins in the window. */
    int lineStart() {
        return lineStart;
    }

    /** Of the line without its newline. */
    int rawLength() {
        return window[nextLine - 1] == '\n' ? length() - 1 : length();
    }

    /** Whether the line is as it was written. */
    boolean valid() {
        int json = jsonLength();
        if (json < 2 || window[lineStart + json] != JsonLine.TAB) {
            return false;
        }
        checksum.reset();
        checksum.update(window, lineStart, json);
        long sum = 0;
        for (int i = lineStart + json + 1; i < nextLine - 1; i++) {
            int digit = hexDigit(window[i]);
            if (digit < 0) {
                return false;
            }
            sum = sum << 4 | digit;
        }
        return sum == checksum.getValue();
    }

    // As they are written: a flipped bit that makes one upper case is damage too.
    private static int hexDigit(byte c) {
        if (c >= '0' && c <= '9') {
            return c - '0';
        }
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
    }

    /** A copy of the line's JSON. */
    byte[] json() {
        return Arrays.copyOfRange(window, lineStart, lineStart + jsonLength());
    }

    private int jsonLength() {
        return length() - JsonLine.TRAILER;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
