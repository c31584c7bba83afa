package dev.batchwright.input;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Lines of bytes, without their LF or CR LF. The bytes of a line stand in the window until the next
 * one is asked for.
 */
final class LineReader {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long LINE_FEEDS = 0x0a0a0a0a0a0a0a0aL;

    private final ByteWindow window;
    private int consumed;
    private int length;
    private long number;
    private boolean tooLong;

    LineReader(ByteWindow window) {
        this.window = window;
    }

    boolean next() throws IOException {
        window.start += consumed;
        consumed = 0;
        tooLong = false;
        int searched = 0;
        while (true) {
            int found = lineFeed(window.bytes, window.start + searched, window.end);
            if (found >= 0) {
                take(found - window.start, 1);
                return true;
            }
            searched = window.length();
            if (window.full()) {
                number++;
                length = 0;
                tooLong = true;
                window.skipLine();
                return true;
            }
            if (!window.more()) {
                take(searched, 0);
                return searched > 0;
            }
        }
    }

    private void take(int bytes, int terminator) {
        number++;
        consumed = bytes + terminator;
        boolean carriageReturn = bytes > 0 && window.bytes[window.start + bytes - 1] == '\r';
        length = carriageReturn ? bytes - 1 : bytes;
    }

    private static int lineFeed(byte[] bytes, int from, int to) {
        int i = from;
        for (; i <= to - Long.BYTES; i += Long.BYTES) {
            // A byte of x is zero where the text has a line feed; the lowest marked one is real.
            long x = (long) LONGS.get(bytes, i) ^ LINE_FEEDS;
            long marks = (x - 0x0101010101010101L) & ~x & 0x8080808080808080L;
            if (marks != 0) {
                return i + (Long.numberOfTrailingZeros(marks) >>> 3);
            }
        }
        for (; i < to; i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        return -1;
    }

    byte[] bytes() {
        return window.bytes;
    }

    int start() {
        return window.start;
    }

    int length() {
        return length;
    }

    /** Of this line, from 1. */
    long number() {
        return number;
    }

    /** Where it starts in the file, in bytes from 0. */
    long position() {
        return window.position();
    }

    /** It is longer than what is accepted; its bytes are not there. */
    boolean tooLong() {
        return tooLong;
    }
}
