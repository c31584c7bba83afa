package dev.batchwright.provider.gemini;

import dev.batchwright.job.RawJson;
import dev.batchwright.job.Request;

/**
 * A request as Gemini takes it.
 *
 * @param method what is done with the model: {@code generateContent}
 */
record GeminiRequest(String method, RawJson body) {
    static GeminiRequest of(Call call, Request request) throws Untranslatable {
        return switch (call) {
            case GENERATE, EMBED -> new GeminiRequest(call.method(), request.body());
            case CHAT ->
                    new GeminiRequest(
                            call.method(), ChatRequest.translate(request.body(), request.model()));
            case EMBEDDINGS -> EmbeddingsRequest.of(request.body()).live(request.model());
        };
    }

    /** The same for a line of a batch, where a request for embeddings holds one input alone. */
    static RawJson ofBatch(Call call, Request request) throws Untranslatable {
        return call == Call.EMBEDDINGS
                ? EmbeddingsRequest.of(request.body()).batch()
                : of(call, request).body();
    }
}
