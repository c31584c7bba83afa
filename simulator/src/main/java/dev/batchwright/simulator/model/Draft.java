package dev.batchwright.simulator.model;

/**
 * What the model is about to write.
 *
 * @param mostTokens after how many it breaks off, as if the request had that limit; {@link
 *     Long#MAX_VALUE} where it goes on to the end
 */
public record Draft(String text, long mostTokens) {
    /** All of the text. */
    public static Draft of(String text) {
        return new Draft(text, Long.MAX_VALUE);
    }
}
