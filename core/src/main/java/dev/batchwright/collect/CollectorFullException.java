package dev.batchwright.collect;

/**
 * A call was not let in, because too much waits already: nothing was stored or sent. It can be made
 * again after a moment.
 */
public final class CollectorFullException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CollectorFullException(String message) {
        super(message);
    }
}
