package dev.batchwright.server.batches;

import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Status;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Batches as Anthropic's API shows them. */
final class MessageBatchJson {
    private MessageBatchJson() {}

    /**
     * @param origin of the server, as its client knows it
     */
    static ObjectNode of(HostedBatch batch, String origin, Instant now) {
        ObjectNode json = ApiJson.object();
        json.put("id", batch.id());
        json.put("type", "message_batch");
        json.put("processing_status", status(batch.status()));
        counts(json.putObject("request_counts"), batch);
        HostedBatch.Times times = batch.times();
        json.put("created_at", times.created().toString());
        json.put("expires_at", times.expires().toString());
        put(json, "ended_at", times.ended());
        put(json, "cancel_initiated_at", times.cancelling());
        put(json, "archived_at", archived(batch, now));
        ApiJson.put(
                json,
                "results_url",
                batch.status().isOver()
                        ? Optional.of(
                                "%s/v1/messages/batches/%s/results".formatted(origin, batch.id()))
                        : Optional.empty());
        return json;
    }

    private static Optional<Instant> archived(HostedBatch batch, Instant now) {
        return batch.times()
                .ended()
                .map(ended -> ended.plus(BatchSettings.MESSAGES_KEPT))
                .filter(time -> !time.isAfter(now));
    }

    private static String status(Status status) {
        return switch (status) {
            case VALIDATING, IN_PROGRESS, FINALIZING -> "in_progress";
            case CANCELLING -> "canceling";
            case COMPLETED, FAILED, EXPIRED, CANCELLED -> "ended";
        };
    }

    // As documented, what became of requests is told when all are done.
    private static void counts(ObjectNode json, HostedBatch batch) {
        HostedBatch.Counts counts =
                batch.status().isOver()
                        ? batch.counts()
                        : new HostedBatch.Counts(batch.counts().total(), 0, 0, 0, 0);
        json.put("processing", counts.pending());
        json.put("succeeded", counts.completed());
        json.put("errored", counts.failed());
        json.put("canceled", counts.cancelled());
        json.put("expired", counts.expired());
    }

    private static void put(ObjectNode json, String name, Optional<Instant> time) {
        ApiJson.put(json, name, time.map(Instant::toString));
    }

    static ObjectNode page(List<HostedBatch> batches, boolean more, String origin, Instant now) {
        ObjectNode json = ApiJson.object();
        var data = json.putArray("data");
        batches.forEach(batch -> data.add(of(batch, origin, now)));
        ApiJson.putEnds(json, batches.stream().map(HostedBatch::id).toList(), more);
        return json;
    }

    static ObjectNode deleted(String id) {
        ObjectNode json = ApiJson.object();
        json.put("id", id);
        json.put("type", "message_batch_deleted");
        return json;
    }
}
