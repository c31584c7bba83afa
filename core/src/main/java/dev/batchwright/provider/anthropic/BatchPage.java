package dev.batchwright.provider.anthropic;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A page of the list of batches, newest first.
 *
 * @param next the id after which the next page begins; empty on the last one
 */
record BatchPage(List<MessageBatch> batches, Optional<String> next) {
    BatchPage {
        batches = List.copyOf(batches);
    }

    /**
     * Empty if it is no page, or one from which there is no way on although there is more: an
     * incomplete list proves nothing.
     *
     * @param after where this page began
     */
    static Optional<BatchPage> of(JsonPart page, String after) {
        Optional<JsonPart> data = page.field("data").filter(JsonPart::isArray);
        if (data.isEmpty()) {
            return Optional.empty();
        }
        List<Optional<MessageBatch>> read =
                data.get().parts().stream().map(MessageBatch::of).toList();
        String last = page.text("last_id");
        boolean more = page.field("has_more").filter(JsonPart::isTrue).isPresent();
        boolean stuck = more && (last.isEmpty() || last.equals(after));
        if (stuck || !read.stream().allMatch(Optional::isPresent)) {
            return Optional.empty();
        }
        return Optional.of(
                new BatchPage(
                        read.stream().flatMap(Optional::stream).toList(),
                        more ? Optional.of(last) : Optional.empty()));
    }

    /** Whether whatever follows was created before that time: only a list in order tells. */
    boolean isOlderThan(Instant time) {
        Instant last = Instant.MAX;
        for (MessageBatch batch : batches) {
            Instant created = batch.createdAt().orElse(Instant.MAX);
            if (created.isAfter(last)) {
                return false;
            }
            last = created;
        }
        return last.isBefore(time);
    }
}
