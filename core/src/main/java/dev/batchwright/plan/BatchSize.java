package dev.batchwright.plan;

/**
 * How large something is that wants to travel in batches, or how large a batch may be.
 *
 * @param bytes of the encoded requests
 * @param tokens of input, as estimated
 * @param inputs texts to embed, of which a request may have many
 */
public record BatchSize(long requests, long bytes, long tokens, long inputs) {
    public static final BatchSize NONE = new BatchSize(0, 0, 0, 0);

    public BatchSize plus(BatchSize other) {
        return new BatchSize(
                requests + other.requests,
                bytes + other.bytes,
                tokens + other.tokens,
                inputs + other.inputs);
    }

    boolean fitsInto(BatchSize limit) {
        return requests <= limit.requests
                && bytes <= limit.bytes
                && tokens <= limit.tokens
                && inputs <= limit.inputs;
    }

    /** How many batches of this limit it takes, if they could be filled to the brim; at least 1. */
    long batches(BatchSize limit) {
        return Math.max(
                Math.max(Math.ceilDiv(requests, limit.requests), Math.ceilDiv(bytes, limit.bytes)),
                Math.max(
                        Math.max(1, Math.ceilDiv(tokens, limit.tokens)),
                        Math.ceilDiv(inputs, limit.inputs)));
    }
}
