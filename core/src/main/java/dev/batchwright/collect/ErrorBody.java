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
                    .put("type", status < 500 ? "invalid_request_error" : "server_error")
                    .putNull("param")
                    .put("code", code);
        }
        return RawJson.of(JSON.writeValueAsBytes(body));
    }

    private static String messagesType(int status) {
        return switch (status) {
            case 404 -> "not_found_error";
            case 504 -> "timeout_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    /**
     * The status of an item that ended without a response: its time was over, something went wrong
     * on the way, or else the provider refused the line in a file for what is wrong with it.
     */
    static int status(String code) {
        if (code.contains("expired") || code.contains("timeout")) {
            return 504;
        }
        return WAY.matcher(code).find() ? 502 : 400;
    }
}
