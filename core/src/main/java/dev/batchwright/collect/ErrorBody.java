package dev.batchwright.collect;

import dev.batchwright.job.RawJson;

import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

import java.util.regex.Pattern;

/** Errors in the form of the API that was called, where the provider itself said none. */
final class ErrorBody {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern WAY =
            Pattern.compile(
                    "cancelled|missing_from_results|unexpected_answer|batch_failed|too_large"
                            + "|unreachable|connection|incomplete|not_executed|server_error");

    /** Both the code and, in OpenAI's form, the type of an error about money. */
    private static final String UNPAID = "insufficient_quota";

    private static final String MESSAGES = "/v1/messages";

    private ErrorBody() {}

    static RawJson of(String endpoint, int status, String code, String message) {
        ObjectNode body = JSON.createObjectNode();
        if (endpoint.equals(MESSAGES)) {
            body.put("type", "error");
            body.putObject("error").put("type", messagesType(status)).put("message", message);
        } else {
            body.putObject("error")
                    .put("message", message)
                    .put("type", type(status))
                    .putNull("param")
                    .put("code", code);
        }
        return RawJson.of(JSON.writeValueAsBytes(body));
    }

    private static String type(int status) {
        return switch (status) {
            case 429 -> UNPAID;
            default -> status < 500 ? "invalid_request_error" : "server_error";
        };
    }

    private static String messagesType(int status) {
        return switch (status) {
            case 429 -> "rate_limit_error";
            case 404 -> "not_found_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    /**
     * The status of an item that ended without a response: its time was over, it could not be paid
     * for, something went wrong on the way, or else the provider refused the line in a file for
     * what is wrong with it.
     */
    static int status(String code) {
        if (code.contains("expired") || code.contains("timeout")) {
            return 504;
        }
        if (code.equals(UNPAID)) {
            return 429;
        }
        return WAY.matcher(code).find() ? 502 : 400;
    }
}
