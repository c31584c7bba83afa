package dev.batchwright.anthropic;

import com.anthropic.client.AnthropicClient;
import com.anthropic.core.ClientOptions;
import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.HttpClient;
import com.anthropic.core.http.HttpMethod;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpRequestBody;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.errors.AnthropicIoException;

import dev.batchwright.collect.Call;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.job.RawJson;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * A transport for Anthropic's official SDK that gathers its messages into batches, made
 * synchronously, asynchronously or as streams. Each returns when its batch has run. Calls of other
 * endpoints go straight through the transport that the client had before, as do messages that a
 * batch can't carry: those with query parameters or beta headers.
 *
 * <pre>{@code
 * AnthropicClient client = BatchingTransport.wrap(AnthropicOkHttpClient.fromEnv());
 * }</pre>
 *
 * <p>Batched calls go where the {@link CollectorOptions} say, with the key that these name: by
 * default to Anthropic, with the key in {@code ANTHROPIC_API_KEY}. The client's own key, base URL,
 * headers and timeouts are for the calls that go straight through. How long a batched call waits is
 * said by the options, or by its header {@value Call#DEADLINE_HEADER}.
 *
 * <p>A provider's refusal of a call is the SDK's exception for its status. A call that ends without
 * an answer throws {@link AnthropicIoException}, the cause of which says why.
 *
 * <p>Thread-safe. Closing the client closes this, but not the transport that it had before.
 */
public final class BatchingTransport implements HttpClient {
    private static final String MESSAGES = "v1/messages";
    private static final String BETA_HEADER = "anthropic-beta";

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
    public static AnthropicClient wrap(AnthropicClient client) {
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
    public static AnthropicClient wrap(AnthropicClient client, CollectorOptions options) {
        return wrap(client, Collector.open(options.orProvider("anthropic")), true);
    }

    /**
     * A client like this one, the calls of which a collector gathers with those of others. The
     * collector stays open when the client is closed.
     *
     * @param client takes the calls that are not batched
     * @param collector gathers the others
     * @return another client
     */
    public static AnthropicClient wrap(AnthropicClient client, Collector collector) {
        return wrap(client, collector, false);
    }

    private static AnthropicClient wrap(
            AnthropicClient client, Collector collector, boolean owned) {
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
        Optional<HttpRequestBody> body = request.body();
        if (body.isEmpty()
                || !request.method().equals(HttpMethod.POST)
                || !String.join("/", request.pathSegments()).equals(MESSAGES)
                || !request.queryParams().isEmpty()
                || !request.headers().values(BETA_HEADER).isEmpty()) {
            return Optional.empty();
        }
        var bytes = new ByteArrayOutputStream();
        body.get().writeTo(bytes);
        return Optional.of(
                Call.of(
                        "/" + MESSAGES,
                        RawJson.of(bytes.toByteArray()),
                        request.headers().values(Call.DEADLINE_HEADER).stream().findFirst()));
    }

    @Override
    public void close() {
        if (ownsCollector) {
            collector.close();
        }
    }
}
