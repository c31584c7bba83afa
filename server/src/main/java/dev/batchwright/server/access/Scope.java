package dev.batchwright.server.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a key may be used for. */
public enum Scope {
    /** Calls: chat completions, embeddings, responses, messages. */
    CALLS,
    /** Files and batches. */
    BATCHES,
    /** Everything, also what belongs to others: the page, the metrics. */
    ADMIN;

    /** The scope that is called so in the configuration. */
    public static Optional<Scope> named(String word) {
        return Arrays.stream(values()).filter(scope -> scope.word().equals(word)).findFirst();
    }

    /** Its name in the configuration. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
