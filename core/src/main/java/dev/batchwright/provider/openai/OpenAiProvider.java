package dev.batchwright.provider.openai;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpClient;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.Key;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The adapter of every API of the family. The HTTP client belongs to whoever passes it in. */
public final class OpenAiProvider implements Provider {
    private final String name;
    private final HttpClient http;
    private final BaseUrl baseUrl;
    private final Headers headers;
    private final OpenAiLive live;
    private final Account account;
    private final BatchCalls calls;
    private final Optional<BatchApi> batch;

    /**
     * @param extraHeaders of the configuration, sent with every call
     */
    public OpenAiProvider(
            OpenAiApi api,
            BaseUrl baseUrl,
            Optional<Key> key,
            Map<String, String> extraHeaders,
            HttpClient http,
            Clock clock) {
        this.name = api.name();
        this.account = new Account(api.name(), key.map(Key::variable), baseUrl);
        this.http = http;
        this.baseUrl = baseUrl;
        this.headers = headers(api, key, extraHeaders);
        this.live = new OpenAiLive(http, baseUrl, headers, new Classifier(api, account), clock);
        this.calls = new BatchCalls(http, baseUrl, headers, api, account, clock);
        this.batch = batch(api.batches(), calls);
    }

    private OpenAiProvider(OpenAiProvider other, BatchApi batch) {
        this.name = other.name;
        this.http = other.http;
        this.baseUrl = other.baseUrl;
        this.headers = other.headers;
        this.live = other.live;
        this.account = other.account;
        this.calls = other.calls;
        this.batch = Optional.of(batch);
    }

    /** The same provider with this batch API, which speaks through {@link #calls}. */
    public OpenAiProvider with(BatchApi own) {
        return new OpenAiProvider(this, own);
    }

    private static Optional<BatchApi> batch(BatchTerms terms, BatchCalls calls) {
        return switch (terms) {
            case BatchTerms.None(var reason) -> Optional.of(new NoBatch(reason));
            case BatchTerms.Own own -> Optional.empty();
            case BatchTerms.Files files -> Optional.of(new OpenAiBatch(calls, files));
        };
    }

    private static Headers headers(
            OpenAiApi api, Optional<Key> key, Map<String, String> extraHeaders) {
        var headers = new ArrayList<Headers.Header>();
        headers.add(new Headers.Header("Accept", "application/json"));
        key.map(k -> header(api.keyHeader(), k)).ifPresent(headers::add);
        extraHeaders.forEach((name, value) -> headers.add(new Headers.Header(name, value)));
        return new Headers(headers);
    }

    private static Headers.Header header(OpenAiApi.KeyHeader kind, Key key) {
        return switch (kind) {
            case BEARER -> new Headers.Header("Authorization", "Bearer " + key.secret());
            case API_KEY -> new Headers.Header("api-key", key.secret());
        };
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public LiveApi live() {
        return live;
    }

    @Override
    public Optional<BatchApi> batch() {
        return batch;
    }

    @Override
    public String account() {
        return account.word();
    }

    @Override
    public List<String> models() throws InterruptedException {
        return ModelList.fetch(http, baseUrl, headers);
    }

    /** For a batch API of its own. */
    public BatchCalls calls() {
        return calls;
    }

    @Override
    public void close() {
        // Holds nothing of its own: connections are the client's.
    }
}
