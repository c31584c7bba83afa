package dev.batchwright.store;

import dev.batchwright.job.Lane;

/** The lanes as the database spells them. */
final class LaneName {
    private LaneName() {}

    static String of(Lane lane) {
        return switch (lane) {
            case OPEN -> "open";
            case LIVE -> "live";
            case BATCH -> "batch";
        };
    }
}
