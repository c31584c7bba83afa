package dev.batchwright.input;

import dev.batchwright.job.Request;

import java.util.List;

/** Knows what a model or a provider does not take. Called for every request. */
@FunctionalInterface
public interface RequestCheck {
    RequestCheck NONE = request -> List.of();

    /**
     * What will probably be refused or ignored, as sentences that are the same for the same cause:
     * each is said once, with how often it occurs.
     */
    List<String> warnings(Request request);
}
