package dev.batchwright.simulator.model;

/**
 * What the model wrote.
 *
 * @param cut whether the limit of tokens ended it
 */
public record Completion(String text, boolean cut, long tokens) {
    /** Writes a draft, as far as {@code maxTokens} and the draft itself reach. */
    public static Completion of(Draft draft, long maxTokens) {
        return of(draft.text(), Math.min(maxTokens, draft.mostTokens()));
    }

    /** Writes {@code text}, as far as {@code maxTokens} reaches. */
    public static Completion of(String text, long maxTokens) {
        String kept = Tokens.first(text, maxTokens);
        return new Completion(kept, kept.length() < text.length(), Tokens.of(kept));
    }
}
