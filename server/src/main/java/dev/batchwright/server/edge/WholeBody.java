package dev.batchwright.server.edge;

import io.vertx.core.buffer.Buffer;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * A body that is read into memory, up to a size and as far as there is room. For one event loop.
 */
final class WholeBody {
    /** As much is read away rather than to close a connection. */
    static final int SMALL = 64 * 1024;

    private static final byte[] NOTHING = {};
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final long most;
    private final Traffic traffic;
    private long held;
    private @Nullable Buffer first; // Most bodies come in one part.
    private @Nullable ByteArrayOutputStream all; // Those that don't.
    private boolean over;

    WholeBody(long most, Traffic traffic) {
        this.most = most;
        this.traffic = traffic;
    }

    /** Adds a part; returns, once, why that can't be. */
    Optional<ApiError> add(Buffer part) {
        if (over) {
            return Optional.empty();
        }
        if (held + part.length() > most) {
            drop();
            return Optional.of(ApiError.tooLarge(most));
        }
        if (!traffic.holdBody(part.length())) {
            drop();
            return Optional.of(
                    ApiError.unavailable(
                            "The server reads too many large bodies at this moment. Nothing was"
                                    + " begun; try again.",
                            AGAIN));
        }
        held += part.length();
        keep(part);
        return Optional.empty();
    }

    private void keep(Buffer part) {
        Buffer before = first;
        if (all != null) {
            all.writeBytes(part.getBytes());
        } else if (before != null) {
            all = new ByteArrayOutputStream(2 * (before.length() + part.length()));
            all.writeBytes(before.getBytes());
            all.writeBytes(part.getBytes());
            first = null;
        } else {
            first = part;
        }
    }

    void drop() {
        over = true;
        first = null;
        all = null;
        traffic.releaseBody(held);
        held = 0;
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
