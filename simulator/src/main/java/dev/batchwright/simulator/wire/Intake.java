package dev.batchwright.simulator.wire;

/** What reading a request came to. */
public sealed interface Intake {
    /** It is valid. */
    record Ready(Work work) implements Intake {}

    /** It is not, and this is why. */
    record Refused(Refusal refusal) implements Intake {}
}
