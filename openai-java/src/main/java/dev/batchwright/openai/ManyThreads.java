package dev.batchwright.openai;

import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.openai.client.OpenAIClientImpl;
import com.openai.core.ClientOptions;
import com.openai.core.RequestOptions;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpRequestBody;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;
import com.openai.models.chat.completions.ChatCompletionCreateParams;

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
                        .apiKey("none")
                        .jsonMapper(lean)
                        .maxRetries(0)
                        .build();
        try {
            var unused =
                    new OpenAIClientImpl(options)
                            .chat()
                            .completions()
                            .create(
                                    ChatCompletionCreateParams.builder()
                                            .model("none")
                                            .addUserMessage("")
                                            .build());
        } catch (OpenAIIoException expected) {
            // It went nowhere, as it was to.
        }
        return lean;
    }

    /** Writes requests, and sends them to nobody. */
    private static final class Nowhere implements HttpClient {
        @Override
        public HttpResponse execute(HttpRequest request, RequestOptions options) {
            HttpRequestBody body = request.body();
            if (body != null) {
                body.writeTo(OutputStream.nullOutputStream());
            }
            throw new OpenAIIoException("This goes nowhere");
        }

        @Override
        public CompletableFuture<HttpResponse> executeAsync(
                HttpRequest request, RequestOptions options) {
            return CompletableFuture.failedFuture(new OpenAIIoException("This goes nowhere"));
        }

        @Override
        public void close() {}
    }
}
