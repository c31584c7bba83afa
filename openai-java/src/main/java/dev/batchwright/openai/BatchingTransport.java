package dev.batchwright.openai;

import com.openai.client.OpenAIClient;
import com.openai.core.ClientOptions;
import com.openai.core.RequestOptions;
import com.openai.core.http.HttpClient;
import com.openai.core.http.HttpMethod;
import com.openai.core.http.HttpRequest;
import com.openai.core.http.HttpRequestBody;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;

import dev.batchwright.collect.Call;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.job.RawJson;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A transport for OpenAI's official SDK that gathers calls into batches: chat completions,
 * responses, embeddings, completions and moderations, made synchronously, asynchronously or as
 * streams. Each returns when its batch has run. Calls of other endpoints go straight through the
 * transport that the client had before, as do calls that a batch can't carry: those with query
 * parameters, and responses in the background.
 *
 * <pre>{@code
 * OpenAIClient client = BatchingTransport.wrap(OpenAIOkHttpClient.fromEnv());
 * }</pre>
 *
 * <p>Batched calls go where the {@link CollectorOptions} say, with the key that these name: by
 * default to OpenAI, with the key in {@code OPENAI_API_KEY}. The client's own key, base URL,
 * headers and timeouts are for the calls that go straight through. How long a batched call waits is
 * said by the options, or by its header {@value Call#DEADLINE_HEADER}.
 *
 * <p>A provider's refusal of a call is the SDK's exception for its status. A call that ends without
 * an answer throws {@link OpenAIIoException}, the cause of which says why.
 *
 * <p>Thread-safe. Closing the client closes this, but not the transport that it had before.
 */
public final class BatchingTransport implements HttpClient {
    private static final Set<String> BATCHED =
            Set.of("chat/completions", "responses", "embeddings", "completions", "moderations");
    private static final String RESPONSES = "responses";

    private final Collector collector;
    private final boolean ownsCollector;
    private final HttpClient direct;

    /**
     * Makes one for {@code client.withOptions(o -> o.httpClient(...))}; {@link #wrap} does more.
     *
     * @param collector outlives this
     * @param direct takes the calls that are not batched
     */
    public BatchingTransport(Collector collector, HttpClient direct) {
        this(collector, false, direct);
    }

    private BatchingTransport(Collector collector, boolean ownsCollector, HttpClient direct) {
        this.collector = collector;
        this.ownsCollector = ownsCollector;
        this.direct = direct;
    }

    /**
     * A client like this one that batches, with the default options.
     *
     * @param client takes the calls that are not batched
     * @return another client
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
    public static OpenAIClient wrap(OpenAIClient client) {
        return wrap(client, CollectorOptions.builder().build());
    }

    /**
     * A client like this one that batches; for asynchronous calls, take its {@code async()}. Close
     * it to end the batching; the client that was given stays open.
     *
     * @param client takes the calls that are not batched
     * @param options how calls are gathered, and where they go
     * @return another client
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
    public static OpenAIClient wrap(OpenAIClient client, CollectorOptions options) {
        return wrap(client, Collector.open(options.orProvider("openai")), true);
    }

    /**
     * A client like this one, the calls of which a collector gathers with those of others. The
     * collector stays open when the client is closed.
     *
     * @param client takes the calls that are not batched
     * @param collector gathers the others
     * @return another client
     */
    public static OpenAIClient wrap(OpenAIClient client, Collector collector) {
        return wrap(client, collector, false);
    }

    private static OpenAIClient wrap(OpenAIClient client, Collector collector, boolean owned) {
        return client.withOptions(
                options -> {
                    ClientOptions before = options.build();
                    // What is retried is decided below, once.
                    options.httpClient(new BatchingTransport(collector, owned, before.httpClient()))
                            .jsonMapper(ManyThreads.prepare(before.jsonMapper()))
                            .maxRetries(0);
                });
    }

    @Override
    public HttpResponse execute(HttpRequest request, RequestOptions options) {
        Optional<Call> call = batched(request);
        if (call.isEmpty()) {
            return direct.execute(request, options);
        }
        return new AnswerResponse(collector.submit(call.get()));
    }

    @Override
    public CompletableFuture<HttpResponse> executeAsync(
            HttpRequest request, RequestOptions options) {
        Optional<Call> call = batched(request);
        if (call.isEmpty()) {
            return direct.executeAsync(request, options);
        }
        CompletableFuture<CollectedAnswer> answer = collector.submit(call.get());
        CompletableFuture<HttpResponse> response =
                answer.handle(
                        (given, problem) -> {
                            if (given == null) {
                                throw new CompletionException(AnswerResponse.noAnswer(problem));
                            }
                            return new AnswerResponse(answer);
                        });
        var unused =
                response.whenComplete(
                        (done, problem) -> {
                            if (response.isCancelled()) {
                                answer.cancel(true);
                            }
                        });
        return response;
    }

    /** The call to batch; empty if it goes straight through. */
    private static Optional<Call> batched(HttpRequest request) {
        String path = String.join("/", request.pathSegments());
        HttpRequestBody body = request.body();
        if (body == null
                || !request.method().equals(HttpMethod.POST)
                || !BATCHED.contains(path)
                || !request.queryParams().isEmpty()) {
            return Optional.empty();
        }
        var bytes = new ByteArrayOutputStream();
        body.writeTo(bytes);
        Call call =
                Call.of(
                        "/v1/" + path,
                        RawJson.of(bytes.toByteArray()),
                        request.headers().values(Call.DEADLINE_HEADER).stream().findFirst());
        return path.equals(RESPONSES) && call.isBackground() ? Optional.empty() : Optional.of(call);
    }

    @Override
    public void close() {
        if (ownsCollector) {
            collector.close();
        }
    }
}
