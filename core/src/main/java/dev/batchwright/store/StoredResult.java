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
    /** PENDING: no outcome (yet); its answer says so as an error. */
    public enum Kind {
        SUCCEEDED,
        FAILED,
        PENDING
    }
}
