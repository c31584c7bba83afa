package dev.batchwright.provider.openai;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.Request;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.BaseUrl;
import dev.batchwright.provider.LiveApi;

import java.time.Clock;
import java.time.Duration;

/** Sends an item's body, as it is, to the endpoint that it names. */
final class OpenAiLive implements LiveApi {
    private final HttpClient http;
    private final BaseUrl baseUrl;
    private final Headers headers;
    private final Classifier classifier;
    private final Clock clock;

    OpenAiLive(
            HttpClient http, BaseUrl baseUrl, Headers headers, Classifier classifier, Clock clock) {
        this.http = http;
        this.baseUrl = baseUrl;
        this.headers = headers;
        this.classifier = classifier;
        this.clock = clock;
    }

    @Override
    public AttemptOutcome send(Request request, Duration timeout) throws InterruptedException {
        var call =
                new HttpCall(
                        "POST",
                        baseUrl.endpoint(request.endpoint()),
                        headers,
                        Body.json(request.body()));
        HttpResult result = http.send(call, timeout);
        return classifier.classify(result, request.endpoint(), clock.instant());
    }
}
