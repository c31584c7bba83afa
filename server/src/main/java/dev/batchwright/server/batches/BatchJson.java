package dev.batchwright.server.batches;

import dev.batchwright.store.HostedBatch;
import dev.batchwright.store.HostedBatch.Layout;
import dev.batchwright.store.HostedBatch.Status;
import dev.batchwright.store.HostedBatch.TokenSums;

import tools.jackson.databind.node.ObjectNode;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Batches as OpenAI's API shows them. What is not there yet is null. */
final class BatchJson {
    private BatchJson() {}

    static ObjectNode of(HostedBatch batch) {
        ObjectNode json = ApiJson.object();
        json.put("id", batch.id());
        json.put("object", "batch");
        json.put("endpoint", batch.order().endpoint());
        ApiJson.put(json, "model", batch.model());
        if (batch.errors().isPresent()) {
            ObjectNode errors = json.putObject("errors");
            errors.put("object", "list");
            ApiJson.putRaw(errors, "data", batch.errors());
        } else {
            json.putNull("errors");
        }
        json.put("input_file_id", batch.order().inputFile());
        json.put("completion_window", batch.order().window());
        json.put("status", batch.status().word());
        ApiJson.put(json, "output_file_id", batch.outputFile().filter(id -> shows(batch)));
        ApiJson.put(json, "error_file_id", batch.errorFile().filter(id -> shows(batch)));
        times(json, batch);
        counts(json.putObject("request_counts"), batch.counts());
        if (batch.usage().isPresent()) {
            usage(json.putObject("usage"), batch.usage().get());
        } else {
            json.putNull("usage");
        }
        ApiJson.putRaw(json, "metadata", batch.order().metadata());
        return json;
    }

    /** Whether clients may know of its files. */
    static boolean shows(HostedBatch batch) {
        return batch.status().isOver() || batch.order().layout() != Layout.APART;
    }

    private static void times(ObjectNode json, HostedBatch batch) {
        HostedBatch.Times times = batch.times();
        json.put("created_at", times.created().getEpochSecond());
        ApiJson.putSeconds(json, "in_progress_at", times.inProgress());
        json.put("expires_at", times.expires().getEpochSecond());
        ApiJson.putSeconds(json, "finalizing_at", times.finalizing());
        ApiJson.putSeconds(json, "completed_at", ended(batch, Status.COMPLETED));
        ApiJson.putSeconds(json, "failed_at", ended(batch, Status.FAILED));
        ApiJson.putSeconds(json, "expired_at", ended(batch, Status.EXPIRED));
        ApiJson.putSeconds(json, "cancelling_at", times.cancelling());
        ApiJson.putSeconds(json, "cancelled_at", ended(batch, Status.CANCELLED));
    }

    private static Optional<Instant> ended(HostedBatch batch, Status so) {
        return batch.status() == so ? batch.times().ended() : Optional.empty();
    }

    private static void counts(ObjectNode json, HostedBatch.Counts counts) {
        json.put("total", counts.total());
        json.put("completed", counts.completed());
        json.put("failed", counts.failed());
    }

    private static void usage(ObjectNode json, TokenSums sums) {
        json.put("input_tokens", sums.input());
        json.putObject("input_tokens_details").put("cached_tokens", sums.cached());
        json.put("output_tokens", sums.output());
        json.putObject("output_tokens_details").put("reasoning_tokens", sums.reasoning());
        json.put("total_tokens", sums.input() + sums.output());
    }

    static ObjectNode page(List<HostedBatch> batches, boolean more) {
        ObjectNode json = ApiJson.object();
        json.put("object", "list");
        var data = json.putArray("data");
        batches.forEach(batch -> data.add(of(batch)));
        ApiJson.putEnds(json, batches.stream().map(HostedBatch::id).toList(), more);
        return json;
    }
}
