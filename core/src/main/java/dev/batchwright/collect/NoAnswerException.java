package dev.batchwright.collect;

/**
 * A call ended without an answer of its provider. The message says what happened and what to do;
 * what was paid for is kept: the same call made again gets it.
 */
public final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Why there is no answer. */
    private final Reason reason;

    /** Why there is none. */
    public enum Reason {
        /** The provider or the account refuses the job as a whole: a bad key, no quota. */
        BLOCKED,
        /** The job's time or budget is over. */
        STOPPED,
        /** The job was cancelled or deleted. */
        CANCELLED,
        /** The collector was closed before the answer was there. */
        CLOSED
    }

    NoAnswerException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** {@return why there is none} */
    public Reason reason() {
        return reason;
    }
}
