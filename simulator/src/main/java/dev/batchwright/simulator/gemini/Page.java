package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Arrival;

import java.util.List;

/**
 * A page of a list.
 *
 * @param next the token of the page behind it, or ""
 */
record Page<T>(List<T> items, String next) {
    /**
     * The page that is asked for.
     *
     * @param usual how many items a page has if nothing else is asked for
     * @param most how many it has at most, whatever is asked for
     */
    static <T> Page<T> of(Arrival head, List<T> all, int usual, int most) {
        int asked = number(head, "pageSize", "page_size", usual);
        int size = asked <= 0 ? usual : Math.min(asked, most);
        int start = Math.min(all.size(), number(head, "pageToken", "page_token", 0));
        int end = Math.min(all.size(), start + size);
        return new Page<>(all.subList(start, end), end < all.size() ? "" + end : "");
    }

    private static int number(Arrival head, String camel, String snake, int otherwise) {
        String given =
                head.parameter(camel).isEmpty() ? head.parameter(snake) : head.parameter(camel);
        return given.matches("\\d{1,9}") ? Integer.parseInt(given) : otherwise;
    }
}
