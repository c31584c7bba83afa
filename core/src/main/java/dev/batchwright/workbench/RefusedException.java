package dev.batchwright.workbench;

/**
 * What was asked for can't be done as it was asked: nothing was sent. The message says what is
 * wrong, where, and what to do.
 */
public final class RefusedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public RefusedException(String message) {
        super(message);
    }
}
