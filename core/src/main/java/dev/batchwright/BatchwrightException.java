package dev.batchwright;

/**
 * What goes wrong in Batchwright: each kind is a subclass, and each message says what happened,
 * where, and what to do. Nothing that was stored is lost by any of them.
 */
public abstract sealed class BatchwrightException extends RuntimeException
        permits InvalidJobException, JobEndedException, AnswerException, StoreFailedException {
    private static final long serialVersionUID = 1;

    BatchwrightException(String message, Throwable cause) {
        super(message, cause);
    }

    BatchwrightException(String message) {
        super(message);
    }
}
