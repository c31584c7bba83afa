package dev.batchwright.provider.gemini;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpClient;
import dev.batchwright.job.Request;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.LiveApi;
import dev.batchwright.provider.Provider;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The adapter of Google's Gemini API. The HTTP client belongs to whoever passes it in. */
public final class GeminiProvider implements Provider {
    public static final String NAME = "gemini";

    /** Where its key is looked for, in this order. */
    public static final List<String> KEY_VARIABLES = List.of("GEMINI_API_KEY", "GOOGLE_API_KEY");

    /** What Google's own SDK reads the base URL from. */
    public static final String BASE_URL_VARIABLE = "GOOGLE_GEMINI_BASE_URL";

    private final Account account;
    private final GeminiLive live;
    private final GeminiBatch batch;

    /**
     * @param keyVariable where the key came from, for people
     * @param extraHeaders of the configuration, sent with every call
     */
    public GeminiProvider(
            Addresses addresses,
            String keyVariable,
            String key,
            Map<String, String> extraHeaders,
            HttpClient http,
            Clock clock) {
        this.account = new Account(keyVariable, addresses);
        Headers headers = headers(key, extraHeaders);
        this.live = new GeminiLive(http, addresses, headers, new Classifier(account), clock);
        this.batch = new GeminiBatch(http, account, headers, clock);
    }

    private static Headers headers(String key, Map<String, String> extraHeaders) {
        var headers = new ArrayList<Headers.Header>();
        headers.add(new Headers.Header("Accept", "application/json"));
        headers.add(new Headers.Header("x-goog-api-key", key));
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
        return account.name();
    }

    @Override
    public Optional<String> refusal(Request request) {
        Optional<Call> call = Call.of(request.endpoint());
        if (call.isEmpty()) {
            return Optional.of(Call.refusal(request.endpoint()));
        }
        if (request.model().isEmpty()) {
            return Optional.of("it names no model, which is part of Gemini's address");
        }
        try {
            GeminiRequest unused = GeminiRequest.of(call.get(), request);
            return Optional.empty();
        } catch (Untranslatable e) {
            return Optional.of(e.clause());
        }
    }

    @Override
    public void close() {
        // Holds nothing of its own: connections are the client's.
    }
}
