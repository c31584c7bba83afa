package dev.batchwright.provider.gemini;

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

import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Sends an item's body to its model: as it is, or translated there and back. */
final class GeminiLive implements LiveApi {
    private final HttpClient http;
    private final Addresses addresses;
    private final Headers headers;
    private final Classifier classifier;
    private final Clock clock;

    GeminiLive(
            HttpClient http,
            Addresses addresses,
            Headers headers,
            Classifier classifier,
            Clock clock) {
        this.http = http;
        this.addresses = addresses;
        this.headers = headers;
        this.classifier = classifier;
        this.clock = clock;
    }

    @Override
    public AttemptOutcome send(Request request, Duration timeout) throws InterruptedException {
        Optional<Call> call = Call.of(request.endpoint());
        if (call.isEmpty()) {
            return refused(Call.refusal(request.endpoint()));
        }
        GeminiRequest translated;
        try {
            translated = GeminiRequest.of(call.get(), request);
        } catch (Untranslatable e) {
            return refused(e.clause());
        }
        HttpResult result =
                http.send(
                        new HttpCall(
                                "POST",
                                addresses.model(request.model(), translated.method()),
                                headers,
                                Body.json(translated.body())),
                        timeout);
        return classifier.classify(result, call.get(), request.model(), clock.instant());
    }

    /** Nothing was sent. */
    private static AttemptOutcome refused(String clause) {
        return new AttemptOutcome.Rejected(
                new ItemError("untranslatable", "The request was not sent: %s.".formatted(clause)),
                new Reply(0, "", RawJson.NULL),
                LimitReport.NONE);
    }
}
