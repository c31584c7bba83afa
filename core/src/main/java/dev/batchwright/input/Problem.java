package dev.batchwright.input;

/**
 * Something in the input that must be put right before anything is sent.
 *
 * @param line where it begins, from 1
 * @param text what is wrong, and what to do
 */
public record Problem(String file, long line, String text) {
    @Override
    public String toString() {
        return "%s:%d: %s".formatted(file, line, text);
    }
}
