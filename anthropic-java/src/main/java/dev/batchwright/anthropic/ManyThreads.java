package dev.batchwright.anthropic;

import com.anthropic.client.AnthropicClientImpl;
import com.anthropic.core.ClientOptions;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.HttpClient;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.errors.AnthropicIoException;
import com.anthropic.models.messages.MessageCreateParams;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.json.JsonMapper;

import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;

/**
 * Makes the SDK fit for a hundred thousand virtual threads that call at once and wait. By itself it
 * keeps buffers of 16 KB for each thread that has written JSON; and its first call takes long,
 * while the others stand in a queue deep inside of it, with stacks that stay as large as they were
 * there.
 */
final class ManyThreads {
    private ManyThreads() {}

    /** A JSON mapper like this one that keeps no buffers, and has written a request before. */
    static JsonMapper prepare(JsonMapper mapper) {
        JsonMapper lean = mapper.copy();
        lean.getFactory().setRecyclerPool(JsonRecyclerPools.nonRecyclingPool());
        ClientOptions options =
                ClientOptions.builder()
                        .httpClient(new Nowhere())
                        .jsonMapper(lean)
                        .maxRetries(0)
                        .build();
        try {
            var unused =
                    new AnthropicClientImpl(options)
                            .messages()
                            .create(
                                    MessageCreateParams.builder()
                                            .model("none")
                                            .maxTokens(1)
                                            .addUserMessage("")
                                            .build());
        } catch (AnthropicIoException expected) {
            // It went nowhere, as it was to.
        }
        return lean;
    }

    /** Writes requests, and sends them to nobody. */
    private static final class Nowhere implements HttpClient {
        @Override
        public HttpResponse execute(HttpRequest request, RequestOptions options) {
            request.body().ifPresent(body -> body.writeTo(OutputStream.nullOutputStream()));
            throw new AnthropicIoException("This goes nowhere");
        }

        @Override
        public CompletableFuture<HttpResponse> executeAsync(
                HttpRequest request, RequestOptions options) {
            return CompletableFuture.failedFuture(new AnthropicIoException("This goes nowhere"));
        }

        @Override
        public void close() {}
    }
}
