package dev.batchwright.simulator.wire;

import org.jspecify.annotations.Nullable;

/**
 * A request that is not executed, and why, in no provider's shape.
 *
 * @param status the HTTP status
 * @param message for people
 * @param param the parameter that is to blame
 * @param code the provider's own word where the reason alone doesn't say it
 */
public record Refusal(
        Reason reason, int status, String message, @Nullable String param, @Nullable String code) {
    public static Refusal of(Reason reason, int status, String message) {
        return new Refusal(reason, status, message, null, null);
    }

    /** How the bill counts it, like {@code 429 requests}. */
    public String label() {
        return status + " " + (code != null && reason == Reason.QUOTA ? code : reason.label());
    }
}
