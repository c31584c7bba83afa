package dev.batchwright.store;

/**
 * A draft holds calls that another job answers since they were looked for: another program of the
 * same name made them at the same moment. Nothing was committed; look for them again and draft the
 * rest.
 */
public final class CallsTakenException extends RuntimeException {
    private static final long serialVersionUID = 1;

    CallsTakenException(int calls) {
        super(
                "%,d calls of this job were submitted by another program at the same moment. Nothing was committed."
                        .formatted(calls));
    }
}
