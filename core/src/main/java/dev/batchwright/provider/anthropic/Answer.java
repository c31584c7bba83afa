package dev.batchwright.provider.anthropic;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpResult;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;

import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What we read of an answer of any call: {@code {"type":"error","error":{"type","message",
 * "details"}}} where it is an error, and the words by which it is judged.
 *
 * @param body empty where it is no JSON
 */
record Answer(HttpResult.Response response, Optional<JsonPart> body) {
    private static final int LONGEST_MESSAGE = 1000;

    static Answer of(HttpResult.Response response) {
        return new Answer(response, JsonPart.parse(response.body()));
    }

    int status() {
        return response.status();
    }

    boolean isGood() {
        return status() >= 200 && status() < 300;
    }

    Headers headers() {
        return response.headers();
    }

    /** Whether the body says of itself that it is an error, whatever the HTTP status. */
    boolean isError() {
        return error().isPresent();
    }

    private Optional<JsonPart> error() {
        return body.flatMap(it -> it.field("error"));
    }

    String errorType() {
        return error().map(it -> it.text("type")).orElse("");
    }

    String errorDetail() {
        return error().flatMap(it -> it.field("details"))
                .map(it -> it.text("error_code"))
                .orElse("");
    }

    ItemError itemError() {
        return new ItemError(code(), message());
    }

    String code() {
        if (!errorDetail().isEmpty()) {
            return errorDetail();
        }
        if (!errorType().isEmpty()) {
            return errorType();
        }
        // The edge that refuses a body for its size does not always answer with JSON.
        return status() == 413 ? "request_too_large" : "http_" + status();
    }

    String message() {
        String said = error().map(it -> it.isString() ? it.text() : it.text("message")).orElse("");
        if (said.isEmpty()) {
            return "The server answered HTTP %d without a reason.".formatted(status());
        }
        return said.length() > LONGEST_MESSAGE ? said.substring(0, LONGEST_MESSAGE) + " ..." : said;
    }

    /** Whether the account's own limit is what stands in the way. */
    boolean isOfSpending() {
        return errorDetail().equals("enforced_spend_limit_reached")
                || Meaning.isOfSpending(message());
    }

    String requestId() {
        return headers().first("request-id").orElse("");
    }

    /** The body as it came; text that is no JSON as one string. */
    Reply reply() {
        RawJson json =
                body.map(it -> RawJson.of(response.body(), it.start(), it.length()))
                        .orElseGet(
                                () ->
                                        RawJson.of(
                                                JsonPart.quote(
                                                        new String(
                                                                response.body(),
                                                                StandardCharsets.UTF_8))));
        return new Reply(status(), requestId(), json);
    }
}
