package dev.batchwright.simulator.wire;

import java.util.Optional;

/** The batch side of a wire. Called from several threads at once. */
public interface BatchRoutes {
    /** The routes of a provider that has no batches. */
    BatchRoutes NONE = (method, path) -> Optional.empty();

    /** The call behind a method and a path, or nothing where the batch side has none there. */
    Optional<BatchRoute> route(String method, String path);
}
