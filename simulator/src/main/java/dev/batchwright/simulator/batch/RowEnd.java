package dev.batchwright.simulator.batch;

/** What became of one row. */
public sealed interface RowEnd {
    /**
     * It was executed, or refused as a live call would have been.
     *
     * @param request names the request, the same for the same request
     * @param body the body of the answer
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Answered(String request, int status, byte[] body) implements RowEnd {
        public boolean good() {
            return status < 300;
        }
    }

    /** The time of the batch was over before its turn came. */
    record Expired() implements RowEnd {}

    /** The batch was cancelled before its turn came. */
    record Cancelled() implements RowEnd {}

    /** Whether it belongs to the successes. */
    default boolean succeeded() {
        return this instanceof Answered answered && answered.good();
    }
}
