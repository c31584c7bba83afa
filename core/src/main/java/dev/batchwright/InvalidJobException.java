package dev.batchwright;

/**
 * What was asked for can't be done as it was asked: a request lacks a field, two have the same id,
 * a model or a key is unknown, a setting is wrong. Nothing was sent.
 */
public final class InvalidJobException extends BatchwrightException {
    private static final long serialVersionUID = 1;

    InvalidJobException(RuntimeException cause) {
        super(String.valueOf(cause.getMessage()), cause);
    }

    InvalidJobException(String message) {
        super(message);
    }
}
