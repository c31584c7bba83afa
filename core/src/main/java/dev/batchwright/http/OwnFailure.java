package dev.batchwright.http;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * What the caller's own side of a call threw: the file that is sent, the stream that is written to.
 * Apache's client would take such an exception for one of the network's, so it travels in this one.
 */
final class OwnFailure extends RuntimeException {
    OwnFailure(Exception cause) {
        super(cause);
    }

    RuntimeException unchecked() {
        return switch (getCause()) {
            case IOException io -> new UncheckedIOException(io);
            case RuntimeException own -> own;
            case null, default -> this;
        };
    }
}
