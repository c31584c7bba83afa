package dev.batchwright.limit;

/**
 * The right to make one call. Settle it once with what the call came to; closing an unsettled one
 * gives back what was not used (the call was not made).
 */
public interface Permit extends AutoCloseable {
    void settle(Feedback feedback);

    @Override
    void close();
}
