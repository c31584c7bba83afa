package dev.batchwright.retry;

import dev.batchwright.job.Usage;

/**
 * What was done for an item so far without an end: carried from one decision to the next, by value.
 *
 * @param made attempts that count against the cap
 * @param throttled times in a row that the server said "too fast", which count against nothing
 * @param paid tokens of answers that were paid for and could not be used
 */
public record Attempts(int made, int throttled, Usage paid) {
    public static final Attempts NONE = new Attempts(0, 0, Usage.NONE);

    Attempts with(Usage usage) {
        return new Attempts(made + 1, 0, paid.plus(usage));
    }

    Attempts refusedAsTooFast() {
        return new Attempts(made, throttled + 1, paid);
    }
}
