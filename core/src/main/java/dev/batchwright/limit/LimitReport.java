package dev.batchwright.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an answer said of the provider's limits, for requests and for tokens; everything may be
 * missing. A limit is per minute; one that counts by another window is left out by the adapter.
 */
public record LimitReport(Window requests, Window tokens) {
    public static final LimitReport NONE = new LimitReport(Window.UNKNOWN, Window.UNKNOWN);

    /**
     * @param perMinute the limit
     * @param remaining what is left of it now
     * @param fullIn the time until it is whole again: not the time until the next free slot
     */
    public record Window(
            OptionalLong perMinute, OptionalLong remaining, Optional<Duration> fullIn) {
        public static final Window UNKNOWN =
                new Window(OptionalLong.empty(), OptionalLong.empty(), Optional.empty());
    }
}
