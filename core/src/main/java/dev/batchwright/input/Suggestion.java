package dev.batchwright.input;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/** The name that was probably meant. */
final class Suggestion {
    private static final int LONGEST = 100;

    private Suggestion() {}

    static String didYouMean(String typed, Collection<String> names) {
        return nearest(typed, names).map(" Did you mean `%s`?"::formatted).orElse("");
    }

    private static Optional<String> nearest(String typed, Collection<String> names) {
        int tolerated = Math.max(1, typed.length() / 3);
        return names.stream()
                .filter(name -> name.length() <= LONGEST && typed.length() <= LONGEST)
                .filter(name -> distance(typed, name) <= tolerated)
                .min(Comparator.comparingInt(name -> distance(typed, name)));
    }

    /** Levenshtein's edit distance, ignoring case. */
    private static int distance(String left, String right) {
        String a = left.toLowerCase(Locale.ROOT);
        String b = right.toLowerCase(Locale.ROOT);
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] current = new int[b.length() + 1];
            current[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                current[j] = Math.min(replaced, 1 + Math.min(previous[j], current[j - 1]));
            }
            previous = current;
        }
        return previous[b.length()];
    }
}
