package dev.batchwright.simulator;

/**
 * Is told of each call but those to {@code /simulator/...}, on a thread of its own for each call:
 * it may block, and the call waits.
 */
public interface CallListener {
    /** The whole call has arrived, and nothing was done about it. */
    void before(String method, String path);

    /** It was processed, and nothing of the answer was sent. */
    void answered(String method, String path);
}
