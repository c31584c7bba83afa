package dev.batchwright.job;

/**
 * What a provider answered: the HTTP status, its id for the call (empty where it gave none), and
 * the body. A body that is not JSON is kept as one JSON string.
 *
 * @param status the HTTP status
 * @param requestId the provider's id for the call; may be empty
 * @param body on one line
 */
public record Reply(int status, String requestId, RawJson body) {}
