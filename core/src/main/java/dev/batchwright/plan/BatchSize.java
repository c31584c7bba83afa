package dev.batchwright.plan;

/**
 * How large something is that wants to travel in batches, or how large a batch may be.
 *
 * @param bytes of the encoded requests
 * @param tokens of input, as estimated
 */
public record BatchSize(long requests, long bytes, long tokens) {
    public static final BatchSize NONE = new BatchSize(0, 0, 0);

    public BatchSize plus(BatchSize other) {
        return new BatchSize(requests + other.requests, bytes + other.bytes, tokens + other.tokens);
    }

    boolean fitsInto(BatchSize limit) {
        return requests <= limit.requests && bytes <= limit.bytes && tokens <= limit.tokens;
    }
}
