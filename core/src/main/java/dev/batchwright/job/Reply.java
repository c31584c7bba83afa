package dev.batchwright.job;

/**
 * What a provider answered: the HTTP status, its id for the call (empty where it gave none), and
 * the body. A body that is not JSON is kept as one JSON string.
 */
public record Reply(int status, String requestId, RawJson body) {}
