package dev.batchwright.provider.openai;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpClient;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

import java.time.Clock;
import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;

/** The adapter of every API of the family. The HTTP client belongs to whoever passes it in. */
public final class OpenAiProvider implements Provider {
    private final String name;
    private final OpenAiLive live;

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
        var account = new Account(api.name(), key.map(Key::variable), baseUrl);
        this.live =
                new OpenAiLive(
                        http,
                        baseUrl,
                        headers(api, key, extraHeaders),
                        new Classifier(api, account),
                        clock);
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
    public void close() {
        // Holds nothing of its own: connections are the client's.
    }

    /** A key and the variable that it came from. */
    public record Key(String variable, String secret) {
        /** Never the secret. */
        @Override
        public String toString() {
            return variable;
        }
    }
}
