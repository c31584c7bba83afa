package dev.batchwright.input;

/** Finds the provider that a model belongs to. Asked once for each name, not for each request. */
public interface Router {
    /**
     * @param model as the request names it, {@code provider/} included; empty where neither the
     *     request nor the user names one, which some providers and endpoints accept
     */
    Resolution resolve(String model);

    sealed interface Resolution {
        /** The provider, and the model's name as that provider knows it. */
        record Routed(String provider, String model) implements Resolution {}

        /** Why it can't be routed, and what to do. */
        record Refused(String problem) implements Resolution {}
    }
}
