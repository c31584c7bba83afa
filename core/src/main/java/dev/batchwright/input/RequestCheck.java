package dev.batchwright.input;

import dev.batchwright.job.Request;

import java.util.List;
import java.util.Optional;

/** Knows what a model or a provider does not take. Called for every request. */
@FunctionalInterface
public interface RequestCheck {
    RequestCheck NONE = request -> List.of();

    /**
     * What will probably be refused or ignored, as sentences that are the same for the same cause:
     * each is said once, with how often it occurs.
     */
    List<String> warnings(Request request);

    /** Why this can't be put to its provider at all; empty if it can. Says what to do. */
    default Optional<String> refusal(Request request) {
        return Optional.empty();
    }
}
