package dev.batchwright.job;

import java.util.Optional;

/** What became of an item, for good: every item gets exactly one (law 1). */
public sealed interface Outcome {
    /** {@return how many attempts it took; being throttled is none} */
    int attempts();

    /** {@return what was paid for, as the provider counted it} */
    Usage usage();

    /** {@return what it cost by the price table; zero where the model has no price there} */
    Cost cost();

    /**
     * It was answered.
     *
     * @param attempts how many it took
     * @param reply the last one
     * @param usage of all attempts that were answered
     * @param cost of the same
     */
    record Succeeded(int attempts, Reply reply, Usage usage, Cost cost) implements Outcome {}

    /**
     * Failed for good. The reply is there when the provider gave one.
     *
     * @param attempts how many it took
     * @param error why it failed
     * @param reply the last one; empty where there was none
     * @param usage of all attempts that were answered
     * @param cost of the same
     */
    record Failed(int attempts, ItemError error, Optional<Reply> reply, Usage usage, Cost cost)
            implements Outcome {}
}
