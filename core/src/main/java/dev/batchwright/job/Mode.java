package dev.batchwright.job;

import java.util.Optional;

/** Which lanes the user allows. */
public enum Mode {
    /** Each group of requests takes the cheaper lane that ends in time. */
    AUTO,
    BATCH,
    LIVE;

    /** The mode of a name; {@code native} and {@code emulated} are accepted for batch and live. */
    public static Optional<Mode> named(String name) {
        return switch (name) {
            case "auto" -> Optional.of(AUTO);
            case "batch", "native" -> Optional.of(BATCH);
            case "live", "emulated" -> Optional.of(LIVE);
            default -> Optional.empty();
        };
    }
}
