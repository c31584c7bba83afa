package dev.batchwright.simulator;

/** The simulator could not listen. */
public final class SimulatorStartException extends RuntimeException {
    SimulatorStartException(String host, int port, Throwable cause) {
        super(
                "The simulator can't listen on %s, port %d (%s). Choose another port, or 0 for any free one."
                        .formatted(host, port, root(cause).getMessage()),
                cause);
    }

    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        for (Throwable next = root.getCause(); next != null; next = next.getCause()) {
            root = next;
        }
        return root;
    }
}
