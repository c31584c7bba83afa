package dev.batchwright.engine;

import dev.batchwright.plan.BatchSize;

import java.util.Arrays;

/**
 * The places of items and how large each is: 32 bytes an item, so that a million of them can be
 * held while it is decided how they travel. For one thread.
 */
final class ItemSizes {
    private static final int FIRST = 1_024;

    private long[] seqs = new long[FIRST];
    private long[] bytes = new long[FIRST];
    private long[] tokens = new long[FIRST];
    private long[] inputs = new long[FIRST];
    private int count;

    /** Adds one item of this size. */
    void add(long seq, BatchSize size) {
        if (count == seqs.length) {
            seqs = Arrays.copyOf(seqs, count + count / 2);
            bytes = Arrays.copyOf(bytes, seqs.length);
            tokens = Arrays.copyOf(tokens, seqs.length);
            inputs = Arrays.copyOf(inputs, seqs.length);
        }
        seqs[count] = seq;
        bytes[count] = size.bytes();
        tokens[count] = size.tokens();
        inputs[count] = size.inputs();
        count++;
    }

    int count() {
        return count;
    }

    /** The i-th item's place in the input; i from 0. */
    long seq(int i) {
        return seqs[i];
    }

    BatchSize size(int i) {
        return new BatchSize(1, bytes[i], tokens[i], inputs[i]);
    }

    /** Of all items from the i-th on. */
    BatchSize sizeFrom(int i) {
        return new BatchSize(
                count - i,
                Arrays.stream(bytes, i, count).sum(),
                Arrays.stream(tokens, i, count).sum(),
                Arrays.stream(inputs, i, count).sum());
    }
}
