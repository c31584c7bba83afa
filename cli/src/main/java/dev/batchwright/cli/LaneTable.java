package dev.batchwright.cli;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What went by which lane and what it cost: a table for people, one object for programs.
 *
 * @param lanes those that have or had items
 * @param batches that were planned
 * @param reserved for batches under way
 * @param saved by batches against the live price, where it is known
 */
record LaneTable(Map<Lane, Progress> lanes, int batches, Cost reserved, Optional<Cost> saved) {
    void print(Terminal terminal) {
        terminal.print(
                "  %-11s %11s %11s %11s %8s %12s %12s %12s"
                        .formatted(
                                "lane",
                                "items",
                                "done",
                                "failed",
                                "batches",
                                "spent",
                                "reserved",
                                "saved"));
        for (Lane lane : Lane.values()) {
            Progress progress = lanes.get(lane);
            if (progress != null && isWorthALine(lane, progress)) {
                boolean isBatch = lane == Lane.BATCH;
                terminal.print(
                        "  %-11s %,11d %,11d %,11d %8s %12s %12s %12s"
                                .formatted(
                                        word(lane),
                                        progress.items(),
                                        progress.done(),
                                        progress.failed(),
                                        isBatch ? "%,d".formatted(batches) : "",
                                        progress.cost(),
                                        isBatch ? reserved.toString() : "",
                                        isBatch ? saved.map(Cost::toString).orElse("?") : "")
                                .stripTrailing());
            }
        }
    }

    // What was not planned yet has left nothing there when it is.
    private static boolean isWorthALine(Lane lane, Progress progress) {
        return lane != Lane.OPEN || progress.items() > 0;
    }

    private static String word(Lane lane) {
        return switch (lane) {
            case OPEN -> "not planned";
            case LIVE -> "live";
            case BATCH -> "batch";
        };
    }

    Map<String, Object> fields() {
        var fields = new LinkedHashMap<String, Object>();
        for (Lane lane : Lane.values()) {
            Progress progress = lanes.get(lane);
            if (progress != null && isWorthALine(lane, progress)) {
                fields.put(word(lane).replace(' ', '_'), fields(lane, progress));
            }
        }
        return fields;
    }

    private Map<String, Object> fields(Lane lane, Progress progress) {
        var fields = new LinkedHashMap<>(JobView.fields(progress));
        if (lane == Lane.BATCH) {
            fields.put("batches", batches);
            fields.put("reserved_usd", reserved.usd().stripTrailingZeros());
            saved.ifPresent(cost -> fields.put("saved_usd", cost.usd().stripTrailingZeros()));
        }
        return fields;
    }
}
