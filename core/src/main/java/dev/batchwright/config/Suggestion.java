package dev.batchwright.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/** What was probably meant: the choice with the fewest letters to change, if they are few. */
public final class Suggestion {
    private static final int MOST_CHANGES = 3;

    private Suggestion() {}

    public static Optional<String> forWord(String word, Collection<String> choices) {
        int most = Math.min(MOST_CHANGES, Math.max(1, word.length() / 3));
        return choices.stream()
                .filter(choice -> distance(word, choice) <= most)
                .min(
                        Comparator.comparingInt((String choice) -> distance(word, choice))
                                .thenComparing(Comparator.naturalOrder()));
    }

    /**
     * Letters to insert, drop or replace, and neighbours to swap, to make one word of the other.
     */
    private static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replace = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int best =
                        Math.min(d[i - 1][j - 1] + replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                boolean swapped =
                        i > 1
                                && j > 1
                                && a.charAt(i - 1) == b.charAt(j - 2)
                                && a.charAt(i - 2) == b.charAt(j - 1);
                d[i][j] = swapped ? Math.min(best, d[i - 2][j - 2] + 1) : best;
            }
        }
        return d[a.length()][b.length()];
    }
}
