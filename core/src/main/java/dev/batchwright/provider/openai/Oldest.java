package dev.batchwright.provider.openai;

import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * Keeps the oldest of the batches that it is shown: of several that answer to one tag it is always
 * the same one, in whatever order a list tells them.
 */
public final class Oldest {
    private static final Comparator<ApiObject> ORDER =
            Comparator.comparing((ApiObject batch) -> batch.time("created_at").orElse(Instant.MAX))
                    .thenComparing(batch -> batch.text("id").orElse(""));

    private Optional<ApiObject> oldest = Optional.empty();

    public void add(ApiObject batch) {
        if (oldest.isEmpty() || ORDER.compare(batch, oldest.get()) < 0) {
            oldest = Optional.of(batch);
        }
    }

    public Optional<ApiObject> batch() {
        return oldest;
    }
}
