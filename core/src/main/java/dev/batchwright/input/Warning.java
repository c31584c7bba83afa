package dev.batchwright.input;

/**
 * Something that will probably cost money for nothing; said once, however often it occurs.
 *
 * @param line where it occurs first
 */
public record Warning(String file, long line, long count, String text) {
    @Override
    public String toString() {
        String times = count == 1 ? "" : " (the same in %,d more requests)".formatted(count - 1);
        return "%s:%d: %s%s".formatted(file, line, text, times);
    }
}
