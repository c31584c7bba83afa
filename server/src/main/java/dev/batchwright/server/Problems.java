package dev.batchwright.server;

import dev.batchwright.input.InputException;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.RefusedException;

import java.time.Duration;
import java.util.Optional;

/** What clients are told of what core throws. */
final class Problems {
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private Problems() {}

    /** Empty for what should not have happened. */
    static Optional<ApiError> known(Throwable problem) {
        return switch (problem) {
            case InputException wrong -> Optional.of(ApiError.invalid(text(wrong)));
            case RefusedException refused -> Optional.of(ApiError.invalid(text(refused)));
            // What a store says of itself, its place among it, is for the log.
            case StoreException failed ->
                    Optional.of(
                            ApiError.unavailable(
                                    "The server can't reach its store at this moment. Nothing that"
                                            + " it acknowledged is lost; try again.",
                                    AGAIN));
            default -> Optional.empty();
        };
    }

    private static String text(RuntimeException problem) {
        return String.valueOf(problem.getMessage());
    }
}
