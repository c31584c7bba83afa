package dev.batchwright.provider.gemini;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** The endpoints that an item can be for, and what each is at Gemini. */
enum Call {
    GENERATE("/v1beta/models/{model}:generateContent", "generateContent", "batchGenerateContent"),
    EMBED("/v1beta/models/{model}:embedContent", "embedContent", "asyncBatchEmbedContent"),
    CHAT("/v1/chat/completions", "generateContent", "batchGenerateContent"),
    EMBEDDINGS("/v1/embeddings", "embedContent", "asyncBatchEmbedContent");

    private final String endpoint;
    private final String method;
    private final String batchMethod;

    Call(String endpoint, String method, String batchMethod) {
        this.endpoint = endpoint;
        this.method = method;
        this.batchMethod = batchMethod;
    }

    static Optional<Call> of(String endpoint) {
        return Arrays.stream(values()).filter(call -> call.endpoint.equals(endpoint)).findFirst();
    }

    /** Why an endpoint that is none of these can't be called, as a clause. */
    static String refusal(String endpoint) {
        return "Gemini has no %s; it takes %s"
                .formatted(
                        endpoint,
                        Arrays.stream(values())
                                .map(Call::endpoint)
                                .collect(Collectors.joining(", ")));
    }

    String endpoint() {
        return endpoint;
    }

    /** What stands after the model in the address of a live call. */
    String method() {
        return method;
    }

    /** What stands after the model in the address that creates a batch. */
    String batchMethod() {
        return batchMethod;
    }

    boolean embeds() {
        return this == EMBED || this == EMBEDDINGS;
    }
}
