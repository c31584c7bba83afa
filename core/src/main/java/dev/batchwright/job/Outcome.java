package dev.batchwright.job;

import java.util.Optional;

/** What became of an item, for good: every item gets exactly one (law 1). */
public sealed interface Outcome {
    /** How many attempts it took; being throttled is none. */
    int attempts();

    /** What was paid for, as the provider counted it. */
    Usage usage();

    /** What it cost by the price table; zero where the model has no price there. */
    Cost cost();

    record Succeeded(int attempts, Reply reply, Usage usage, Cost cost) implements Outcome {}

    /** Failed for good. The reply is there when the provider gave one. */
    record Failed(int attempts, ItemError error, Optional<Reply> reply, Usage usage, Cost cost)
            implements Outcome {}
}
