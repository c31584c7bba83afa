package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Request;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.LiveApi;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;

/** Sends a message's body as it is, and a chat completion's translated. */
final class AnthropicLive implements LiveApi {
    private final HttpClient http;
    private final URI messages;
    private final Headers headers;
    private final Classifier classifier;
    private final Clock clock;

    AnthropicLive(
            HttpClient http, URI messages, Headers headers, Classifier classifier, Clock clock) {
        this.http = http;
        this.messages = messages;
        this.headers = headers;
        this.classifier = classifier;
        this.clock = clock;
    }

    @Override
    public AttemptOutcome send(Request request, Duration timeout) throws InterruptedException {
        return switch (Translation.of(request)) {
            case Translation.Made(var body) -> send(body, request.endpoint(), timeout);
            case Translation.Refused(var reason) ->
                    new AttemptOutcome.Rejected(
                            new ItemError("untranslatable", reason + "; nothing was sent"),
                            new Reply(0, "", RawJson.NULL),
                            LimitReport.NONE);
        };
    }

    private AttemptOutcome send(Body body, String endpoint, Duration timeout)
            throws InterruptedException {
        HttpResult result = http.send(new HttpCall("POST", messages, headers, body), timeout);
        return classifier.classify(result, Wire.isTranslated(endpoint), clock.instant());
    }
}
