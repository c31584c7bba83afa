package dev.batchwright.simulator.limit;

import java.time.Duration;

/** How much of a minute's allowance may be used at once after a pause. */
public enum Burst {
    /** All of it. */
    MINUTE(Duration.ofMinutes(1)),
    /** One second's worth, at least one request. */
    SECOND(Duration.ofSeconds(1));

    private final Duration span;

    Burst(Duration span) {
        this.span = span;
    }

    double share() {
        return span.toSeconds() / 60.0;
    }

    /**
     * Reads a name in any case.
     *
     * @throws IllegalArgumentException saying what is wrong and what is accepted
     */
    public static Burst parse(String text) {
        return Word.parse(Burst.class, "burst", text);
    }
}
