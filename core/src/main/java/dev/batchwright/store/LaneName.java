package dev.batchwright.store;

import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;

/** The lanes as the database spells them. */
final class LaneName {
    private LaneName() {}

    /** Where items of a job of this mode begin. */
    static Lane first(Mode mode) {
        return switch (mode) {
            case LIVE -> Lane.LIVE;
            case AUTO, BATCH -> Lane.OPEN;
        };
    }

    static Lane parse(String name) {
        return switch (name) {
            case "open" -> Lane.OPEN;
            case "live" -> Lane.LIVE;
            case "batch" -> Lane.BATCH;
            default -> throw new StoreException("Unknown lane: " + name);
        };
    }

    static String of(Lane lane) {
        return switch (lane) {
            case OPEN -> "open";
            case LIVE -> "live";
            case BATCH -> "batch";
        };
    }
}
