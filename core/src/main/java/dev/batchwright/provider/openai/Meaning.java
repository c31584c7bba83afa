package dev.batchwright.provider.openai;

import dev.batchwright.provider.openai.OpenAiApi.Forbidden;

import java.util.Map;
import java.util.Optional;

/** Whom or what an error is about. */
enum Meaning {
    /** Too fast. */
    THROTTLED,
    /** The server has too much to do. */
    OVERLOADED,
    /** Bad luck. */
    TRANSIENT,
    /** What this item asks. */
    ITEM,
    /** The key. */
    KEY,
    /** Money, or an allowance that ran out. */
    QUOTA,
    /** Anything else about the account: country, membership, permission. */
    ACCOUNT,
    /** The address: another server than the one meant. */
    NO_SUCH_PLACE;

    private static final Map<String, Meaning> BY_CODE =
            Map.ofEntries(
                    Map.entry("invalid_api_key", KEY),
                    // Fireworks, with 403.
                    Map.entry("unauthorized", KEY),
                    Map.entry("insufficient_quota", QUOTA),
                    Map.entry("credit_balance_exhausted", QUOTA),
                    Map.entry("organization_spend_limit_exceeded", QUOTA),
                    Map.entry("project_spend_limit_exceeded", QUOTA),
                    Map.entry("organization_usage_limit_exceeded", QUOTA),
                    Map.entry("billing_hard_limit_reached", QUOTA),
                    Map.entry("account_deactivated", ACCOUNT),
                    Map.entry("unsupported_country_region_territory", ACCOUNT),
                    Map.entry("rate_limit_exceeded", THROTTLED),
                    Map.entry("slow_down", THROTTLED),
                    Map.entry("server_is_overloaded", OVERLOADED),
                    Map.entry("server_error", TRANSIENT),
                    Map.entry("request_timeout", TRANSIENT),
                    Map.entry("batch_expired", TRANSIENT),
                    Map.entry("batch_cancelled", TRANSIENT),
                    Map.entry("batch_client_error", ITEM),
                    Map.entry("model_not_found", ITEM),
                    Map.entry("unknown_model", ITEM),
                    Map.entry("context_length_exceeded", ITEM),
                    Map.entry("content_filter", ITEM),
                    Map.entry("content_policy_violation", ITEM),
                    Map.entry("invalid_prompt", ITEM),
                    Map.entry("invalid_value", ITEM),
                    Map.entry("invalid_type", ITEM),
                    Map.entry("missing_required_parameter", ITEM),
                    Map.entry("unsupported_parameter", ITEM));

    private static final Map<String, Meaning> BY_TYPE =
            Map.of(
                    "insufficient_quota", QUOTA,
                    "authentication_error", KEY,
                    "requests", THROTTLED,
                    "tokens", THROTTLED,
                    "rate_limit_error", THROTTLED,
                    "rate_limited", THROTTLED,
                    "service_unavailable_error", OVERLOADED,
                    "server_error", TRANSIENT);

    /**
     * @param status of HTTP, or what the error itself gives as such
     */
    static Meaning of(int status, ApiError error, Forbidden forbidden) {
        // One request larger than the whole limit is refused in the words of a rate limit. Waiting
        // would not make it smaller.
        if (status == 413 || error.message().startsWith("Request too large")) {
            return ITEM;
        }
        return Optional.ofNullable(BY_CODE.get(error.code()))
                .or(() -> Optional.ofNullable(BY_TYPE.get(error.type())))
                .orElseGet(() -> byStatus(status, error, forbidden));
    }

    /** Whether another attempt may go better. */
    boolean isPassing() {
        return this == THROTTLED || this == OVERLOADED || this == TRANSIENT;
    }

    private static Meaning byStatus(int status, ApiError error, Forbidden forbidden) {
        return switch (status) {
            // xAI's way to say 401.
            case 400 -> error.message().startsWith("Incorrect API key provided") ? KEY : ITEM;
            case 401 -> KEY;
            case 402 -> QUOTA;
            case 403 -> forbidden == Forbidden.THE_ITEM ? ITEM : ACCOUNT;
            case 408, 409, 425 -> TRANSIENT;
            case 429 -> THROTTLED;
            // Groq: no capacity in the flex tier.
            case 498, 503, 504, 529 -> OVERLOADED;
            case 501, 505 -> ITEM;
            // An error inside a 200: a refusal if it says so.
            case 200 -> error.type().equals("invalid_request_error") ? ITEM : TRANSIENT;
            default -> status >= 400 && status < 500 ? ITEM : TRANSIENT;
        };
    }
}
