package dev.batchwright.simulator.mistral;

import dev.batchwright.simulator.wire.BatchReply;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

/** Mistral's words for refusals: no wrapper, and codes that are numbers in quotes. */
final class MistralError {
    private MistralError() {}

    static Reply of(Refusal refusal) {
        return Reply.json(
                refusal.status(),
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("object", "error");
                            json.writeStringProperty("message", refusal.message());
                            json.writeStringProperty("type", type(refusal));
                            if (refusal.param() == null) {
                                json.writeNullProperty("param");
                            } else {
                                json.writeStringProperty("param", refusal.param());
                            }
                            json.writeStringProperty("code", code(refusal));
                            json.writeNumberProperty("raw_status_code", refusal.status());
                            json.writeEndObject();
                        }));
    }

    /** What its validation says. */
    static BatchReply detail(int status, String detail) {
        return BatchReply.json(
                status,
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("detail", detail);
                            json.writeEndObject();
                        }));
    }

    private static String type(Refusal refusal) {
        return switch (refusal.reason()) {
            case REQUESTS, TOKENS, CONCURRENCY, SLOW_DOWN, FLEX_UNAVAILABLE, QUOTA ->
                    "rate_limited";
            case OVERLOADED, SERVER_ERROR, OTHER -> "internal_server_error";
            case UNKNOWN_MODEL -> "invalid_model";
            case BAD_REQUEST, UNKNOWN_PATH, WRONG_METHOD, TOO_LARGE, BAD_KEY ->
                    "invalid_request_error";
        };
    }

    private static String code(Refusal refusal) {
        return switch (refusal.reason()) {
            case REQUESTS, TOKENS, CONCURRENCY, SLOW_DOWN, FLEX_UNAVAILABLE, QUOTA -> "1300";
            case OVERLOADED, SERVER_ERROR, OTHER -> "3700";
            case UNKNOWN_MODEL -> "1500";
            case BAD_REQUEST, UNKNOWN_PATH, WRONG_METHOD, TOO_LARGE, BAD_KEY -> "3310";
        };
    }
}
