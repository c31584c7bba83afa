package dev.batchwright.server.edge;

import io.vertx.core.buffer.Buffer;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;

/** A body that is read into memory, up to a size. For one event loop. */
final class WholeBody {
    /** As much is read away rather than to close a connection. */
    static final int SMALL = 64 * 1024;

    private static final byte[] NOTHING = {};

    private final long most;
    private @Nullable Buffer first; // Most bodies come in one part.
    private @Nullable ByteArrayOutputStream all; // Those that don't.
    private boolean over;

    WholeBody(long most) {
        this.most = most;
    }

    /** Adds a part; false if that is too much, once. */
    boolean add(Buffer part) {
        if (over) {
            return true;
        }
        if (size() + part.length() > most) {
            drop();
            return false;
        }
        if (all != null) {
            all.writeBytes(part.getBytes());
        } else if (first != null) {
            all = new ByteArrayOutputStream(2 * (first.length() + part.length()));
            all.writeBytes(first.getBytes());
            all.writeBytes(part.getBytes());
            first = null;
        } else {
            first = part;
        }
        return true;
    }

    private long size() {
        return all != null ? all.size() : first != null ? first.length() : 0;
    }

    void drop() {
        over = true;
        first = null;
        all = null;
    }

    /** The whole, to be taken once; null if it was dropped. */
    byte @Nullable [] take() {
        if (over) {
            return null;
        }
        byte[] whole = all != null ? all.toByteArray() : first != null ? first.getBytes() : NOTHING;
        drop();
        return whole;
    }
}
