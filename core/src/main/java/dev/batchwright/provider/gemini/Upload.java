package dev.batchwright.provider.gemini;

import dev.batchwright.http.Body;
import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpCall;
import dev.batchwright.http.HttpClient;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.ItemError;
import dev.batchwright.provider.BatchAnswer;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Uploads a file by Google's resumable protocol, in one piece: a call that says what comes and
 * answers with an address, and a call to that address with all the bytes, which also ends it. One
 * that was cut off is begun again: a file costs nothing, and what was sent of it is forgotten.
 */
final class Upload {
    private static final String TYPE = "application/jsonl";
    private static final Duration START_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration STALL = Duration.ofMinutes(5);

    private final HttpClient http;
    private final Addresses addresses;
    private final Headers headers;
    private final BatchFailures failures;

    Upload(HttpClient http, Addresses addresses, Headers headers, BatchFailures failures) {
        this.http = http;
        this.addresses = addresses;
        this.headers = headers;
        this.failures = failures;
    }

    /** Gives the file's name: {@code files/abc123}. */
    BatchAnswer<String> send(String displayName, Body input) throws InterruptedException {
        HttpResult started = http.send(start(displayName, input), START_TIMEOUT);
        if (!(started instanceof HttpResult.Response response) || !isGood(response)) {
            return failures.judge(started, BatchFailures.Step.UPLOAD);
        }
        Optional<URI> address = response.headers().first("x-goog-upload-url").flatMap(Upload::uri);
        if (address.isEmpty()) {
            return BatchFailures.unknown(
                    "unexpected_answer", "The answer names no address to upload to.");
        }
        HttpResult sent = http.upload(content(address.get(), input), STALL);
        return sent instanceof HttpResult.Response last && isGood(last)
                ? file(last)
                : failures.judge(sent, BatchFailures.Step.UPLOAD);
    }

    private static boolean isGood(HttpResult.Response response) {
        return response.status() >= 200 && response.status() < 300;
    }

    private static Optional<URI> uri(String text) {
        try {
            return Optional.of(URI.create(text)).filter(URI::isAbsolute);
        } catch (IllegalArgumentException notAnAddress) {
            return Optional.empty();
        }
    }

    private HttpCall start(String displayName, Body input) {
        return new HttpCall(
                "POST",
                addresses.upload(),
                with(
                        headers.all(),
                        new Headers.Header("X-Goog-Upload-Protocol", "resumable"),
                        new Headers.Header("X-Goog-Upload-Command", "start"),
                        new Headers.Header(
                                "X-Goog-Upload-Header-Content-Length",
                                String.valueOf(input.length())),
                        new Headers.Header("X-Goog-Upload-Header-Content-Type", TYPE)),
                Body.json(Json.raw(file(displayName))));
    }

    private static JsonNode file(String displayName) {
        var body = Json.MAPPER.createObjectNode();
        body.putObject("file").put("displayName", displayName).put("mimeType", TYPE);
        return body;
    }

    private HttpCall content(URI address, Body input) {
        return new HttpCall(
                "POST",
                address,
                with(
                        addresses.isHere(address) ? headers.all() : List.of(),
                        new Headers.Header("X-Goog-Upload-Command", "upload, finalize"),
                        new Headers.Header("X-Goog-Upload-Offset", "0")),
                input);
    }

    private static Headers with(List<Headers.Header> some, Headers.Header... more) {
        var all = new ArrayList<>(some);
        all.addAll(List.of(more));
        return new Headers(all);
    }

    private static BatchAnswer<String> file(HttpResult.Response response) {
        JsonNode file;
        try {
            file = Json.MAPPER.readTree(response.body()).path("file");
        } catch (JacksonException notJson) {
            return BatchFailures.unknown("invalid_json", "The answer is not valid JSON.");
        }
        String name = file.path("name").asString("");
        if (name.isEmpty()) {
            return BatchFailures.unknown("unexpected_answer", "The answer names no file.");
        }
        if (file.path("state").asString("").equals("FAILED")) {
            return new BatchAnswer.Refused<>(
                    new ItemError(
                            "file_failed",
                            file.path("error")
                                    .path("message")
                                    .asString("Gemini could not take the file.")),
                    List.of());
        }
        return new BatchAnswer.Given<>(name);
    }
}
