package dev.batchwright.provider.anthropic;

import java.util.Optional;

/** The endpoints that there are, here and there. */
final class Wire {
    static final String MESSAGES = "/v1/messages";
    static final String BATCHES = "/v1/messages/batches";
    static final String CHAT = "/v1/chat/completions";

    private Wire() {}

    /** Whether requests and answers of this endpoint are translated. */
    static boolean isTranslated(String endpoint) {
        return endpoint.equals(CHAT);
    }

    /** Why an endpoint is not for Anthropic, as a clause; empty if it is. */
    static Optional<String> refusal(String endpoint) {
        return endpoint.equals(MESSAGES) || isTranslated(endpoint)
                ? Optional.empty()
                : Optional.of(
                        "Anthropic has no %s; it takes %s, and %s translated"
                                .formatted(endpoint, MESSAGES, CHAT));
    }
}
