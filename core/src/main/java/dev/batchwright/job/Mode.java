package dev.batchwright.job;

import java.util.Optional;

/** Which lanes the user allows. */
public enum Mode {
    /** Each group of requests takes the cheaper lane that ends in time. */
    AUTO,
    /** The provider's batch API alone; a job that it can't carry is refused. */
    BATCH,
    /** Calls made now, one by one. */
    LIVE;

    /**
     * Finds a mode by its name; {@code native} and {@code emulated} are accepted for batch and
     * live.
     *
     * @param name in lower case
     * @return empty if there is none of this name
     */
    public static Optional<Mode> named(String name) {
        return switch (name) {
            case "auto" -> Optional.of(AUTO);
            case "batch", "native" -> Optional.of(BATCH);
            case "live", "emulated" -> Optional.of(LIVE);
            default -> Optional.empty();
        };
    }
}
