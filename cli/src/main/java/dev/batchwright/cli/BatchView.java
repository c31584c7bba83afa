package dev.batchwright.cli;

import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.price.PriceTable;
import dev.batchwright.store.StoredBatch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Batches as the command line shows them: one line for people, one object for programs. */
final class BatchView {
    /** More would not be read. */
    private static final int SHOWN = 20;

    private BatchView() {}

    static void print(Terminal terminal, List<StoredBatch> batches) {
        if (batches.isEmpty()) {
            return;
        }
        long over = batches.stream().filter(StoredBatch::settled).count();
        terminal.print(
                "  batches    %,d: %,d over, %,d under way"
                        .formatted(batches.size(), over, batches.size() - over));
        List<StoredBatch> open = batches.stream().filter(batch -> !batch.settled()).toList();
        for (StoredBatch batch : open.subList(0, Math.min(open.size(), SHOWN))) {
            terminal.print("    " + line(batch));
        }
        if (open.size() > SHOWN) {
            terminal.print("    ... and %,d more".formatted(open.size() - SHOWN));
        }
    }

    private static String line(StoredBatch batch) {
        String where =
                switch (batch.batch().state()) {
                    case BatchState.Planned planned -> "waits to be sent";
                    case BatchState.Uploading uploading -> "is being uploaded";
                    case BatchState.Creating(var tag, var file, var since) ->
                            "is being created (batchwright-%s)".formatted(tag);
                    case BatchState.Running(var tag, String id, var created) -> "runs as " + id;
                    case BatchState.Ended(var tag, String id, String end, var files) ->
                            "%s %s; its results are read".formatted(id, end);
                    case BatchState.Quarantined(var tag, String problem) ->
                            "in quarantine: " + problem;
                };
        String round = batch.round() == 1 ? "" : ", round " + batch.round();
        String note = batch.note().isEmpty() ? "" : " (%s)".formatted(batch.note());
        return "%d  %s %s, %,d requests%s: %s%s; in a batch: %s"
                .formatted(
                        batch.shard(),
                        batch.batch().provider(),
                        batch.batch().model(),
                        batch.items(),
                        round,
                        where,
                        note,
                        batch.batch().reason());
    }

    private static String word(BatchState state) {
        return switch (state) {
            case BatchState.Planned planned -> "planned";
            case BatchState.Uploading uploading -> "uploading";
            case BatchState.Creating creating -> "creating";
            case BatchState.Running running -> "running";
            case BatchState.Ended ended -> "ended";
            case BatchState.Quarantined quarantined -> "quarantined";
        };
    }

    /**
     * What the batches would have cost more, live, by the price table; empty where it is silent.
     */
    static Optional<Cost> saved(List<StoredBatch> batches, PriceTable prices) {
        Cost saved = Cost.ZERO;
        for (StoredBatch batch : batches) {
            Optional<Cost> more =
                    prices.saved(
                            batch.batch().provider(),
                            batch.batch().model(),
                            batch.usage(),
                            batch.cost());
            if (more.isEmpty()) {
                return Optional.empty();
            }
            saved = saved.plus(more.get());
        }
        return batches.isEmpty() ? Optional.empty() : Optional.of(saved);
    }

    static Map<String, Object> fields(List<StoredBatch> batches, Cost reserved) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("batches", batches.size());
        fields.put("batches_under_way", batches.stream().filter(b -> !b.settled()).count());
        fields.put(
                "batches_in_quarantine",
                batches.stream()
                        .filter(b -> !b.settled())
                        .filter(b -> b.batch().state() instanceof BatchState.Quarantined)
                        .count());
        fields.put("reserved_usd", reserved.usd().stripTrailingZeros());
        fields.put("batch_states", batches.stream().map(BatchView::fields).toList());
        return fields;
    }

    private static Map<String, Object> fields(StoredBatch batch) {
        var fields = new LinkedHashMap<String, Object>();
        fields.put("shard", batch.shard());
        fields.put("provider", batch.batch().provider());
        fields.put("model", batch.batch().model());
        fields.put("round", batch.round());
        fields.put("requests", batch.items());
        fields.put("done", batch.finished());
        fields.put("state", word(batch.batch().state()));
        fields.put("over", batch.settled());
        fields.put("note", batch.note());
        fields.put("why_in_a_batch", batch.batch().reason());
        fields.put("reserved_usd", batch.batch().reserved().usd().stripTrailingZeros());
        fields.put("cost_usd", batch.cost().usd().stripTrailingZeros());
        return fields;
    }
}
