package dev.batchwright.simulator.anthropic;

/**
 * How a message is asked for: the two lanes differ in what they allow and in what they charge.
 *
 * @param tier as the usage names it
 * @param longestOutput the most that {@code max_tokens} may ask for
 */
record Lane(boolean batched, String tier, long longestOutput) {
    private static final long LONGEST = 64_000;
    private static final long LONGEST_BETA = 300_000;

    static final Lane LIVE = new Lane(false, "standard", LONGEST);

    /**
     * The lane of message batches.
     *
     * @param betas the header {@code anthropic-beta} of the call that created the batch
     */
    static Lane batch(String betas) {
        return new Lane(
                true, "batch", betas.contains("output-300k-2026-03-24") ? LONGEST_BETA : LONGEST);
    }
}
