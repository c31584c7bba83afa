package dev.batchwright.simulator.batch;

import java.util.Locale;

/** Where a batch stands, in no provider's words. */
public enum BatchPhase {
    VALIDATING,
    RUNNING,
    FINALIZING,
    CANCELLING,
    COMPLETED,
    FAILED,
    EXPIRED,
    CANCELLED;

    /** Whether nothing will change any more. */
    public boolean ended() {
        return switch (this) {
            case VALIDATING, RUNNING, FINALIZING, CANCELLING -> false;
            case COMPLETED, FAILED, EXPIRED, CANCELLED -> true;
        };
    }

    /** Like {@code running}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
