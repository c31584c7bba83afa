package dev.batchwright.simulator.openai;

import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;

import org.jspecify.annotations.Nullable;

import tools.jackson.core.JsonGenerator;

import java.util.List;

/** OpenAI's words for refusals. */
final class ErrorBody {
    private ErrorBody() {}

    static Reply of(Refusal refusal) {
        byte[] body =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeObjectPropertyStart("error");
                            json.writeStringProperty("message", refusal.message());
                            json.writeStringProperty("type", type(refusal));
                            nullable(json, "param", refusal.param());
                            nullable(json, "code", code(refusal));
                            json.writeEndObject();
                            json.writeEndObject();
                        });
        return Reply.json(refusal.status(), body)
                .with(List.of(new Header("openai-version", "2020-10-01")));
    }

    private static String type(Refusal refusal) {
        return switch (refusal.reason()) {
            case BAD_REQUEST, UNKNOWN_PATH, WRONG_METHOD, TOO_LARGE, UNKNOWN_MODEL, BAD_KEY ->
                    "invalid_request_error";
            case REQUESTS, CONCURRENCY -> "requests";
            case TOKENS -> "tokens";
            case SLOW_DOWN -> "rate_limit_error";
            case FLEX_UNAVAILABLE -> "resource_unavailable";
            case QUOTA -> "insufficient_quota";
            case OVERLOADED -> "service_unavailable_error";
            case SERVER_ERROR -> "server_error";
            case OTHER -> refusal.status() < 500 ? "invalid_request_error" : "server_error";
        };
    }

    private static @Nullable String code(Refusal refusal) {
        if (refusal.code() != null) {
            return refusal.code();
        }
        return switch (refusal.reason()) {
            case BAD_REQUEST, UNKNOWN_PATH, SERVER_ERROR, OTHER -> null;
            case WRONG_METHOD -> "method_not_supported";
            case TOO_LARGE -> "request_too_large";
            case UNKNOWN_MODEL -> "model_not_found";
            case BAD_KEY -> "invalid_api_key";
            case REQUESTS, TOKENS, CONCURRENCY -> "rate_limit_exceeded";
            case SLOW_DOWN -> "slow_down";
            case FLEX_UNAVAILABLE -> "resource_unavailable";
            case QUOTA -> "insufficient_quota";
            case OVERLOADED -> "server_is_overloaded";
        };
    }

    private static void nullable(JsonGenerator json, String name, @Nullable String value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, value);
        }
    }
}
