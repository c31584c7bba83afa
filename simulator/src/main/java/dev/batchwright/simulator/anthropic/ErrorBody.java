package dev.batchwright.simulator.anthropic;

import dev.batchwright.simulator.wire.Header;
import dev.batchwright.simulator.wire.Json;
import dev.batchwright.simulator.wire.Reason;
import dev.batchwright.simulator.wire.Refusal;
import dev.batchwright.simulator.wire.Reply;
import dev.batchwright.simulator.wire.RequestHash;

import tools.jackson.core.JsonGenerator;

import java.util.List;

/** Anthropic's words for refusals. */
final class ErrorBody {
    private static final String MONTHLY = "enforced_spend_limit_reached";

    private ErrorBody() {}

    static Reply of(Refusal refusal) {
        String id = "req_" + RequestHash.of(refusal.label() + refusal.message()).hex(24);
        byte[] body =
                Json.write(
                        json -> {
                            json.writeStartObject();
                            json.writeStringProperty("type", "error");
                            json.writeName("error");
                            error(json, refusal);
                            json.writeStringProperty("request_id", id);
                            json.writeEndObject();
                        });
        return Reply.json(status(refusal), body).with(List.of(new Header("request-id", id)));
    }

    private static void error(JsonGenerator json, Refusal refusal) {
        json.writeStartObject();
        json.writeStringProperty("type", type(refusal));
        json.writeStringProperty("message", message(refusal));
        if (refusal.reason() == Reason.QUOTA && status(refusal) == 429) {
            json.writeObjectPropertyStart("details");
            json.writeStringProperty("error_code", MONTHLY);
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** An error as the row of a batch has it: the whole envelope, without a request's id. */
    static void inRow(JsonGenerator json, Refusal refusal) {
        json.writeStartObject();
        json.writeStringProperty("type", "error");
        json.writeObjectPropertyStart("error");
        json.writeStringProperty("type", type(refusal));
        json.writeStringProperty("message", message(refusal));
        json.writeObjectPropertyStart("details");
        json.writeStringProperty("error_visibility", "user_facing");
        json.writeEndObject();
        json.writeEndObject();
        json.writeNullProperty("request_id");
        json.writeEndObject();
    }

    /** An empty account has several forms here; the code of the fault chooses one. */
    private static int status(Refusal refusal) {
        if (refusal.reason() != Reason.QUOTA || refusal.code() == null) {
            return refusal.status();
        }
        return switch (refusal.code()) {
            case "usage_limits", "workspace_usage_limits", "credit_balance" -> 400;
            case "billing_error" -> 402;
            default -> 429;
        };
    }

    private static String type(Refusal refusal) {
        return switch (refusal.reason()) {
            case BAD_REQUEST, WRONG_METHOD -> "invalid_request_error";
            case UNKNOWN_PATH, UNKNOWN_MODEL -> "not_found_error";
            case TOO_LARGE -> "request_too_large";
            case BAD_KEY -> "authentication_error";
            case REQUESTS, TOKENS, CONCURRENCY, SLOW_DOWN, FLEX_UNAVAILABLE -> "rate_limit_error";
            case OVERLOADED -> "overloaded_error";
            case SERVER_ERROR -> "api_error";
            case QUOTA, OTHER -> typeOf(status(refusal));
        };
    }

    private static String typeOf(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 409 -> "conflict_error";
            case 413 -> "request_too_large";
            case 429 -> "rate_limit_error";
            case 504 -> "timeout_error";
            case 529 -> "overloaded_error";
            default -> status < 500 ? "invalid_request_error" : "api_error";
        };
    }

    private static String message(Refusal refusal) {
        return switch (refusal.reason()) {
            case BAD_REQUEST, WRONG_METHOD, UNKNOWN_MODEL, BAD_KEY -> refusal.message();
            case UNKNOWN_PATH -> "Not found";
            case TOO_LARGE -> "Request exceeds the maximum size";
            case REQUESTS ->
                    "This request would exceed your organization's rate limit of requests per"
                            + " minute. Please reduce your request rate.";
            case TOKENS ->
                    "This request would exceed your organization's rate limit of tokens per minute."
                            + " Please reduce the prompt length or the maximum tokens requested.";
            case CONCURRENCY ->
                    "Number of concurrent connections has exceeded your rate limit. Please try"
                            + " again later.";
            case SLOW_DOWN ->
                    "This request would exceed your organization's maximum usage increase rate for"
                            + " tokens per minute. Please scale up your usage more gradually.";
            case FLEX_UNAVAILABLE -> "No capacity is available for this service tier.";
            case OVERLOADED -> "Overloaded";
            case SERVER_ERROR -> "Internal server error";
            case QUOTA -> spendLimit(refusal);
            case OTHER -> refusal.status() == 529 ? "Overloaded" : refusal.message();
        };
    }

    private static String spendLimit(Refusal refusal) {
        String code = refusal.code() == null ? "" : refusal.code();
        String regain = " You will regain access on 2027-01-01 at 00:00 UTC.";
        return switch (code) {
            case "usage_limits" -> "You have reached your specified API usage limits." + regain;
            case "workspace_usage_limits" ->
                    "You have reached your specified workspace API usage limits." + regain;
            case "credit_balance" ->
                    "Your credit balance is too low to access the Anthropic API. Please go to Plans"
                            + " & Billing to upgrade or purchase credits.";
            case "billing_error" -> "There is an issue with your billing or payment information.";
            default -> "Your organization has reached its monthly spend limit." + regain;
        };
    }
}
