package dev.batchwright.simulator.gemini;

import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import tools.jackson.core.JsonGenerator;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Google's words for refusals. How long to wait is told in the body, not in a header. */
final class StatusBody {
    private static final String PACKAGE = "type.googleapis.com/google.rpc.";
    private static final byte[] NOT_FOUND_PAGE =
            """
            <!DOCTYPE html>
            <html lang=en>
              <title>Error 404 (Not Found)!!1</title>
              <p><b>404.</b> <ins>That's an error.</ins>
              <p>The requested URL was not found on this server.  <ins>That's all we know.</ins>
            """
                    .getBytes(StandardCharsets.UTF_8);

    private StatusBody() {}

    static Reply of(Refusal refusal, Optional<Duration> wait) {
        if (refusal.reason() == Reason.UNKNOWN_PATH) {
            return new Reply(
                    404, "text/html; charset=UTF-8", List.of(), List.of(NOT_FOUND_PAGE), false);
        }
        byte[] body =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeObjectPropertyStart("error");
                            json.writeNumberProperty("code", refusal.status());
                            json.writeStringProperty("message", message(refusal, wait));
                            json.writeStringProperty("status", status(refusal));
                            details(json, refusal, wait);
                            json.writeEndObject();
                            json.writeEndObject();
                        });
        return new Reply(
                refusal.status(),
                "application/json; charset=UTF-8",
                List.of(),
                List.of(body),
                false);
    }

    static String message(Refusal refusal, Optional<Duration> wait) {
        return switch (refusal.reason()) {
            case BAD_REQUEST, WRONG_METHOD, UNKNOWN_MODEL, BAD_KEY, UNKNOWN_PATH ->
                    refusal.message();
            case TOO_LARGE -> "Request payload size exceeds the limit.";
            case REQUESTS, TOKENS, QUOTA ->
                    "You exceeded your current quota, please check your plan and billing details."
                            + " For more information on this error, head to:"
                            + " https://ai.google.dev/gemini-api/docs/rate-limits."
                            + wait.map(span -> "\nPlease retry in " + seconds(span) + ".")
                                    .orElse("");
            case CONCURRENCY, SLOW_DOWN, FLEX_UNAVAILABLE ->
                    "Resource has been exhausted (e.g. check quota).";
            case OVERLOADED -> "The model is overloaded. Please try again later.";
            case SERVER_ERROR ->
                    "An internal error has occurred. Please retry or report in"
                            + " https://developers.generativeai.google/guide/troubleshooting";
            case OTHER -> refusal.message();
        };
    }

    private static String status(Refusal refusal) {
        if (refusal.reason() == Reason.BAD_REQUEST && refusal.code() != null) {
            return refusal.code();
        }
        return switch (refusal.status()) {
            case 400, 405, 413 -> "INVALID_ARGUMENT";
            case 401 -> "UNAUTHENTICATED";
            case 402 -> "FAILED_PRECONDITION";
            case 403 -> "PERMISSION_DENIED";
            case 404 -> "NOT_FOUND";
            case 409 -> "ABORTED";
            case 429 -> "RESOURCE_EXHAUSTED";
            case 499 -> "CANCELLED";
            case 501 -> "UNIMPLEMENTED";
            case 503 -> "UNAVAILABLE";
            case 504 -> "DEADLINE_EXCEEDED";
            default -> refusal.status() < 500 ? "INVALID_ARGUMENT" : "INTERNAL";
        };
    }

    /** The number of a status among the codes of gRPC, as the rows of batches have it. */
    static int grpc(Refusal refusal) {
        return switch (status(refusal)) {
            case "CANCELLED" -> 1;
            case "INVALID_ARGUMENT" -> 3;
            case "DEADLINE_EXCEEDED" -> 4;
            case "NOT_FOUND" -> 5;
            case "PERMISSION_DENIED" -> 7;
            case "RESOURCE_EXHAUSTED" -> 8;
            case "FAILED_PRECONDITION" -> 9;
            case "ABORTED" -> 10;
            case "UNIMPLEMENTED" -> 12;
            case "UNAVAILABLE" -> 14;
            case "UNAUTHENTICATED" -> 16;
            default -> 13;
        };
    }

    private static void details(JsonGenerator json, Refusal refusal, Optional<Duration> wait) {
        switch (refusal.reason()) {
            case BAD_KEY -> {
                if (refusal.status() == 400) {
                    list(json, () -> detail(json, "ErrorInfo", StatusBody::invalidKey));
                }
            }
            case BAD_REQUEST -> {
                String field = refusal.param();
                if (field != null) {
                    list(
                            json,
                            () ->
                                    detail(
                                            json,
                                            "BadRequest",
                                            in -> violation(in, field, refusal.message())));
                }
            }
            case REQUESTS, TOKENS, QUOTA ->
                    list(
                            json,
                            () -> {
                                detail(json, "QuotaFailure", in -> quota(in, refusal));
                                detail(json, "Help", StatusBody::help);
                                wait.ifPresent(span -> retry(json, span));
                            });
            case CONCURRENCY, SLOW_DOWN, FLEX_UNAVAILABLE, OVERLOADED, OTHER ->
                    wait.ifPresent(span -> list(json, () -> retry(json, span)));
            case UNKNOWN_PATH, WRONG_METHOD, TOO_LARGE, UNKNOWN_MODEL, SERVER_ERROR -> {}
        }
    }

    private static void list(JsonGenerator json, Runnable details) {
        json.writeArrayPropertyStart("details");
        details.run();
        json.writeEndArray();
    }

    private static void detail(JsonGenerator json, String type, Consumer<JsonGenerator> members) {
        json.writeStartObject();
        json.writeStringProperty("@type", PACKAGE + type);
        members.accept(json);
        json.writeEndObject();
    }

    private static void retry(JsonGenerator json, Duration wait) {
        detail(json, "RetryInfo", in -> in.writeStringProperty("retryDelay", seconds(wait)));
    }

    private static void invalidKey(JsonGenerator json) {
        json.writeStringProperty("reason", "API_KEY_INVALID");
        json.writeStringProperty("domain", "googleapis.com");
        json.writeObjectPropertyStart("metadata");
        json.writeStringProperty("service", "generativelanguage.googleapis.com");
        json.writeEndObject();
    }

    private static void violation(JsonGenerator json, String field, String message) {
        json.writeArrayPropertyStart("fieldViolations");
        json.writeStartObject();
        json.writeStringProperty("field", field);
        json.writeStringProperty("description", message);
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void quota(JsonGenerator json, Refusal refusal) {
        boolean tokens = refusal.reason() == Reason.TOKENS;
        boolean daily = refusal.reason() == Reason.QUOTA || refusal.message().contains("per day");
        json.writeArrayPropertyStart("violations");
        json.writeStartObject();
        json.writeStringProperty(
                "quotaMetric",
                "generativelanguage.googleapis.com/generate_content_"
                        + (tokens ? "paid_tier_input_token_count" : "requests"));
        json.writeStringProperty(
                "quotaId",
                tokens
                        ? "GenerateContentPaidTierInputTokensPerModelPerMinute"
                        : daily
                                ? "GenerateRequestsPerDayPerProjectPerModel"
                                : "GenerateRequestsPerMinutePerProjectPerModel");
        json.writeObjectPropertyStart("quotaDimensions");
        json.writeStringProperty("location", "global");
        json.writeEndObject();
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void help(JsonGenerator json) {
        json.writeArrayPropertyStart("links");
        json.writeStartObject();
        json.writeStringProperty("description", "Learn more about Gemini API quotas");
        json.writeStringProperty("url", "https://ai.google.dev/gemini-api/docs/rate-limits");
        json.writeEndObject();
        json.writeEndArray();
    }

    /** A duration as protocol buffers write it, like {@code 34s} or {@code 34.07s}. */
    private static String seconds(Duration span) {
        long millis = Math.max(1, (span.toNanos() + 999_999) / 1_000_000);
        return BigDecimal.valueOf(millis, 3).stripTrailingZeros().toPlainString() + "s";
    }
}
