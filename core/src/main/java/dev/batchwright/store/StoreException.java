package dev.batchwright.store;

/**
 * The store can't be used: the message says what happened, where and what to do. What was
 * acknowledged before is safe; the job can be resumed.
 */
public class StoreException extends RuntimeException {
    public StoreException(String message, Throwable cause) {
        super(message, cause);
    }

    public StoreException(String message) {
        super(message);
    }
}
