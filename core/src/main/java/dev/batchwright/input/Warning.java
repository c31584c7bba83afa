package dev.batchwright.input;

/**
 * Something that will probably cost money for nothing; said once, however often it occurs.
 *
 * @param line where it occurs first
 */
public record Warning(String file, long line, long count, String text) {
    @Override
    public String toString() {
        return "%s:%d: %s%s".formatted(file, line, text, alsoIn(count - 1));
    }

    /** How many more requests the same is true of. */
    static String alsoIn(long more) {
        return switch ((int) Math.min(more, 2)) {
            case 0 -> "";
            case 1 -> " (the same in 1 more request)";
            default -> " (the same in %,d more requests)".formatted(more);
        };
    }
}
