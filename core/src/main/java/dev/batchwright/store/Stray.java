package dev.batchwright.store;

/**
 * A line that could not be counted as an outcome: where it lies (segment, offset, length in bytes)
 * and why. It is kept.
 */
public record Stray(String segment, long offset, int length, String reason) {
    static String duplicate(long seq) {
        return "duplicate: item %d has an outcome already".formatted(seq);
    }
}
