package dev.batchwright.provider.anthropic;

import dev.batchwright.job.ItemError;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.RemoteBatch.Counts;
import dev.batchwright.provider.RemoteBatch.End;
import dev.batchwright.provider.RemoteBatch.Phase;
import dev.batchwright.provider.ResultFile;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;

/**
 * A batch as Anthropic tells it. It knows three statuses, of which {@code ended} says nothing of
 * how: the counts and the rows do.
 *
 * @param createdAt empty where it can't be read
 * @param requests how many it has; empty where it does not say
 */
record MessageBatch(RemoteBatch remote, Optional<Instant> createdAt, Optional<Long> requests) {
    private static final String RESULTS = "results:";

    static Optional<MessageBatch> of(JsonPart batch) {
        if (batch.text("id").isEmpty() || batch.text("processing_status").isEmpty()) {
            return Optional.empty();
        }
        Optional<JsonPart> counts = batch.field("request_counts").filter(JsonPart::isObject);
        Counts remoteCounts = counts.map(MessageBatch::counts).orElse(Counts.NONE);
        var remote =
                new RemoteBatch(
                        batch.text("id"),
                        Optional.empty(),
                        phase(batch),
                        remoteCounts,
                        time(batch.text("expires_at")));
        return Optional.of(
                new MessageBatch(
                        remote,
                        time(batch.text("created_at")),
                        counts.map(it -> remoteCounts.total())));
    }

    private static Counts counts(JsonPart counts) {
        long failed = counts.count("errored") + counts.count("canceled") + counts.count("expired");
        long succeeded = counts.count("succeeded");
        return new Counts(counts.count("processing") + succeeded + failed, succeeded, failed);
    }

    private static Phase phase(JsonPart batch) {
        String status = batch.text("processing_status");
        if (!status.equals("ended")) {
            return new Phase.Running(status, List.of());
        }
        if (batch.field("archived_at").isPresent()) {
            return new Phase.Ended(
                    new End.Failed(
                            new ItemError(
                                    "results_archived",
                                    "Anthropic archived this batch, 29 days after it was created:"
                                            + " its results can't be read any more.")),
                    List.of());
        }
        boolean results = batch.field("results_url").isPresent();
        return new Phase.Ended(
                end(batch),
                results ? List.of(new ResultFile(RESULTS + batch.text("id"))) : List.of());
    }

    private static End end(JsonPart batch) {
        boolean canceled =
                batch.field("cancel_initiated_at").isPresent() && count(batch, "canceled") > 0;
        if (canceled) {
            return new End.Cancelled();
        }
        return count(batch, "expired") > 0 ? new End.Expired() : new End.Completed();
    }

    private static long count(JsonPart batch, String what) {
        return batch.field("request_counts").map(it -> it.count(what)).orElse(0L);
    }

    private static Optional<Instant> time(String timestamp) {
        try {
            return timestamp.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(timestamp).toInstant());
        } catch (DateTimeException notATimestamp) {
            return Optional.empty();
        }
    }

    /** The batch that a file is the results of. */
    static String batchId(ResultFile file) {
        if (!file.reference().startsWith(RESULTS)) {
            throw new IllegalArgumentException("Not results of Anthropic's: " + file);
        }
        return file.reference().substring(RESULTS.length());
    }

    boolean hasEnded() {
        return remote.phase() instanceof Phase.Ended;
    }
}
