package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Usage;

/**
 * An item and what became of it.
 *
 * @param answer the two fields of an OpenAI output line, as they are stored, ready to be spliced:
 *     {@code "response":{"status_code":200,"request_id":"..","body":{..}},"error":null}
 */
public record StoredResult(
        Item item, Kind kind, int attempts, Usage usage, Cost cost, RawJson answer) {
    private static final RawJson NOT_EXECUTED =
            RawJson.of(
                    "\"response\":null,\"error\":{\"code\":\"not_executed\",\"message\":\"This item"
                            + " has no outcome: the job ended before it, or has not come to it"
                            + " yet.\"}");

    /** PENDING: no outcome (yet); its answer says so as an error. */
    public enum Kind {
        SUCCEEDED,
        FAILED,
        PENDING
    }

    /** An item without an outcome. */
    static StoredResult pending(Item item) {
        return new StoredResult(item, Kind.PENDING, 0, Usage.NONE, Cost.ZERO, NOT_EXECUTED);
    }
}
