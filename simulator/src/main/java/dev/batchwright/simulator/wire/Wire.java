package dev.batchwright.simulator.wire;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;

/**
 * The language of one provider: its paths, its credentials, the shape of its errors. Limits, faults
 * and the bill know nothing of it. Called from several event loops at once.
 */
public interface Wire {
    /** The endpoint behind a path, or null where this provider has none there. */
    @Nullable Endpoint endpoint(String path);

    /** The key that the request carries, or "". */
    String key(Arrival arrival);

    /** The refusal of a key, which may be "". */
    Refusal wrongKey(String key);

    /**
     * A refusal in the shape of this provider.
     *
     * @param wait for how long the client should wait; providers that tell it in a header instead
     *     of the body ignore it
     */
    Reply refusal(Refusal refusal, Optional<Duration> wait);

    /** Its files and batches. */
    BatchRoutes batches();
}
