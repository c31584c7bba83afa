package dev.batchwright;

/**
 * The store can't be read or written now: a full disk, a locked file, a lost database. What was
 * acknowledged is kept; the same call works again when the cause is mended.
 */
public final class StoreFailedException extends BatchwrightException {
    private static final long serialVersionUID = 1;

    StoreFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
