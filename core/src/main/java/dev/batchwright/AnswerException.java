package dev.batchwright;

import dev.batchwright.job.ItemError;

/** An item has no value: it failed, or its answer does not fit the type that was asked for. */
public final class AnswerException extends BatchwrightException {
    private static final long serialVersionUID = 1;

    /** The id of the item. */
    private final String customId;

    private final transient ItemError error;

    AnswerException(String customId, ItemError error) {
        super("Item %s has no value: %s (%s)".formatted(customId, error.message(), error.code()));
        this.customId = customId;
        this.error = error;
    }

    /** {@return the id of the item} */
    public String customId() {
        return customId;
    }

    /** {@return why it has no value} */
    public ItemError error() {
        return error;
    }
}
