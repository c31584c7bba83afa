package dev.batchwright.simulator.wire;

import org.jspecify.annotations.Nullable;

/**
 * The language of one provider: its paths, its credentials, the shape of its errors. Limits, faults
 * and the bill know nothing of it. Called from several event loops at once.
 */
public interface Wire {
    /** The endpoint behind a path, or null where this provider has none there. */
    @Nullable Endpoint endpoint(String path);

    /** The key that the request carries, or "". */
    String key(Arrival arrival);

    /** A refusal in the shape of this provider. */
    Reply refusal(Refusal refusal);
}
