package dev.batchwright.server;

/** The server could not begin to listen; the message says why, and what to do. */
public final class ServerStartException extends RuntimeException {
    private static final long serialVersionUID = 1;

    ServerStartException(ServerOptions.Listen place, Exception cause) {
        super(
                "The server can't listen on %s port %d: %s. Choose another port with --port, or stop what uses this one."
                        .formatted(place.host(), place.port(), cause.getMessage()),
                cause);
    }
}
