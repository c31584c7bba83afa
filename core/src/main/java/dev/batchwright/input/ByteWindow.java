package dev.batchwright.input;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * A moving view of a stream: the bytes from {@code start} to {@code end} are read and still needed.
 * It grows to hold the longest line and no further than {@link #LONGEST}.
 */
final class ByteWindow {
    /** The longest line, or record of a table, that is accepted. */
    static final int LONGEST = 64 << 20;

    private static final int CHUNK = 1 << 20;
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final InputStream in;
    private long origin;
    byte[] bytes = new byte[CHUNK];
    int start;
    int end;

    ByteWindow(InputStream in) {
        this.in = in;
    }

    /** Where the window starts in the stream, in bytes from 0. */
    long position() {
        return origin + start;
    }

    int length() {
        return end - start;
    }

    /** Nothing more fits: what stands at the start is longer than anything that is accepted. */
    boolean full() {
        return length() >= LONGEST;
    }

    /** Reads on; says false at the end of the stream. Moves the bytes that are kept. */
    boolean more() throws IOException {
        if (end == bytes.length) {
            makeRoom();
        }
        int count = in.read(bytes, end, bytes.length - end);
        if (count <= 0) {
            return false;
        }
        end += count;
        return true;
    }

    private void makeRoom() {
        int kept = length();
        boolean grow = kept > bytes.length / 2 && bytes.length < LONGEST + CHUNK;
        byte[] target = grow ? new byte[Math.min(bytes.length * 2, LONGEST + CHUNK)] : bytes;
        System.arraycopy(bytes, start, target, 0, kept);
        bytes = target;
        origin += start;
        start = 0;
        end = kept;
    }

    /** Forgets what stands at the start, up to and with the next line feed. */
    void skipLine() throws IOException {
        while (true) {
            for (int i = start; i < end; i++) {
                if (bytes[i] == '\n') {
                    start = i + 1;
                    return;
                }
            }
            start = end;
            if (!more()) {
                return;
            }
        }
    }

    /** Steps over a UTF-8 byte order mark at the start of the stream. */
    void skipByteOrderMark() throws IOException {
        boolean more = true;
        while (more && length() < BOM.length) {
            more = more();
        }
        if (length() >= 3 && Arrays.equals(bytes, start, start + 3, BOM, 0, 3)) {
            start += 3;
        }
    }
}
