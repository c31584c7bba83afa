package dev.batchwright.provider;

/** Where a request goes. */
public sealed interface Route {
    /**
     * To this provider, which knows the model by this name: without the {@code provider/} that the
     * user may have put before it.
     */
    record To(String provider, String model) implements Route {}

    /** Nowhere: the problem says what to choose. Nobody guesses. */
    record Unknown(String problem) implements Route {}
}
