package dev.batchwright.output;

/**
 * A file of results can't be written. The results themselves are safe in the store: the message
 * says what happened, where and what to do.
 */
public final class OutputException extends RuntimeException {
    OutputException(String message) {
        super(message);
    }

    OutputException(String message, Throwable cause) {
        super(message, cause);
    }
}
