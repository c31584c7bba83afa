package dev.batchwright.input;

/**
 * The input, or an option that says how to read it, can't be used at all; nothing was sent. The
 * message says what happened, where and what to do.
 */
public final class InputException extends RuntimeException {
    public InputException(String message) {
        super(message);
    }

    public InputException(String message, Throwable cause) {
        super(message, cause);
    }
}
