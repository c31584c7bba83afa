package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpClient;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/**
 * The adapter of Anthropic's API. Requests for {@code /v1/messages} pass through untouched; chat
 * completions are translated, both ways. The HTTP client belongs to whoever passes it in.
 */
public final class AnthropicProvider implements Provider {
    public static final String NAME = "anthropic";
    public static final String BASE_URL = "https://api.anthropic.com";
    public static final String BASE_URL_VARIABLE = "ANTHROPIC_BASE_URL";
    public static final String KEY_VARIABLE = "ANTHROPIC_API_KEY";
    private static final String VERSION = "2023-06-01";

    private final Account account;
    private final LiveApi live;
    private final BatchApi batch;

    /**
     * @param keyVariable where the key came from, for people
     * @param extraHeaders of the configuration, sent with every call, such as {@code
     *     anthropic-beta}
     */
    public AnthropicProvider(
            BaseUrl baseUrl,
            String keyVariable,
            String key,
            Map<String, String> extraHeaders,
            HttpClient http,
            Clock clock) {
        this.account = new Account(keyVariable, baseUrl);
        Headers headers = headers(key, extraHeaders);
        this.live =
                new AnthropicLive(
                        http,
                        baseUrl.endpoint(Wire.MESSAGES),
                        headers,
                        new Classifier(account),
                        clock);
        this.batch =
                new AnthropicBatch(
                        http,
                        baseUrl.endpoint(Wire.BATCHES),
                        headers,
                        new BatchClassifier(account, clock),
                        clock);
    }

    private static Headers headers(String key, Map<String, String> extraHeaders) {
        var headers = new ArrayList<Headers.Header>();
        headers.add(new Headers.Header("Accept", "application/json"));
        headers.add(new Headers.Header("x-api-key", key));
        boolean versioned =
                extraHeaders.keySet().stream().anyMatch("anthropic-version"::equalsIgnoreCase);
        if (!versioned) {
            headers.add(new Headers.Header("anthropic-version", VERSION));
        }
        extraHeaders.forEach((name, value) -> headers.add(new Headers.Header(name, value)));
        return new Headers(headers);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public LiveApi live() {
        return live;
    }

    @Override
    public Optional<BatchApi> batch() {
        return Optional.of(batch);
    }

    @Override
    public String account() {
        return "%s@%s#%s".formatted(NAME, account.baseUrl(), account.keyVariable());
    }

    @Override
    public Optional<String> refusal(Request request) {
        return Translation.of(request).refusal();
    }

    @Override
    public void close() {
        // Holds nothing of its own: connections are the client's.
    }
}
