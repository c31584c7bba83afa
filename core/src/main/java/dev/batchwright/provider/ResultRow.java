package dev.batchwright.provider;

import dev.batchwright.job.ItemError;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;

/** What a line of a result file says of a request. */
public sealed interface ResultRow {
    /** A 2xx answer of the expected kind. */
    record Succeeded(String wireId, Usage usage, Answer answer) implements ResultRow {}

    /**
     * No use.
     *
     * @param retryable whether another attempt may go better: too fast, a server error, expired,
     *     cancelled, not executed
     */
    record Failed(String wireId, ItemError error, boolean retryable, Usage usage, Answer answer)
            implements ResultRow {}

    /** Not a result: it can't be read, or names no request. A blank line is none either. */
    record Unreadable(String reason) implements ResultRow {}

    /** Blank: nothing was lost. */
    record Blank() implements ResultRow {}

    /** What goes into the output. */
    sealed interface Answer {
        /** The value at this place of the line, as it is. Offsets count from the line's start. */
        record InLine(Form form, int status, int offset, int length) implements Answer {}

        /** Made from the line: a translated or decoded body. */
        record Made(Reply reply) implements Answer {}

        /** There is none: the error says all. */
        record None() implements Answer {}
    }

    /** What a slice of a line is. */
    enum Form {
        /** An object with {@code status_code}, {@code request_id} and {@code body}. */
        RESPONSE,
        /** A body alone. */
        BODY,
        /** An error object with {@code code} and {@code message}, where there was no answer. */
        ERROR
    }
}
