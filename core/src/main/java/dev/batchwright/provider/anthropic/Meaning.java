package dev.batchwright.provider.anthropic;

import java.util.Map;
import java.util.Optional;

/** Whom or what an error is about: its type decides, or else the HTTP status. */
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
    /** Anything else about the account. */
    ACCOUNT,
    /** The address: another server than the one meant. */
    NO_SUCH_PLACE;

    private static final Map<String, Meaning> BY_TYPE =
            Map.of(
                    "invalid_request_error", ITEM,
                    "authentication_error", KEY,
                    "billing_error", QUOTA,
                    "permission_error", ACCOUNT,
                    "not_found_error", ITEM,
                    "conflict_error", TRANSIENT,
                    "request_too_large", ITEM,
                    "rate_limit_error", THROTTLED,
                    "api_error", TRANSIENT,
                    "timeout_error", TRANSIENT);

    private static final Map<String, Integer> STATUS =
            Map.of(
                    "invalid_request_error", 400,
                    "authentication_error", 401,
                    "billing_error", 402,
                    "permission_error", 403,
                    "not_found_error", 404,
                    "conflict_error", 409,
                    "request_too_large", 413,
                    "rate_limit_error", 429,
                    "timeout_error", 504,
                    "overloaded_error", 529);

    static Meaning of(Answer answer) {
        if (answer.isOfSpending()) {
            return QUOTA;
        }
        if (answer.status() == 404 && !answer.isError()) {
            return NO_SUCH_PLACE;
        }
        return ofType(answer.errorType()).orElseGet(() -> ofStatus(answer.status()));
    }

    /** Of an error that came without an HTTP status, as in a batch's results. */
    static Meaning of(String type, String message) {
        return isOfSpending(message) ? QUOTA : ofType(type).orElse(TRANSIENT);
    }

    private static Optional<Meaning> ofType(String type) {
        return type.equals("overloaded_error")
                ? Optional.of(OVERLOADED)
                : Optional.ofNullable(BY_TYPE.get(type));
    }

    private static Meaning ofStatus(int status) {
        return switch (status) {
            case 401 -> KEY;
            case 402 -> QUOTA;
            case 403 -> ACCOUNT;
            case 408, 409, 425 -> TRANSIENT;
            case 429 -> THROTTLED;
            case 503, 504, 529 -> OVERLOADED;
            default -> status >= 400 && status < 500 ? ITEM : TRANSIENT;
        };
    }

    /** Limits that a user set for themselves, and empty accounts, come as invalid requests. */
    static boolean isOfSpending(String message) {
        return message.startsWith("You have reached your specified API usage limits")
                || message.contains("workspace API usage limits")
                || message.contains("credit balance is too low");
    }

    /** The HTTP status with which an error of this type would come. */
    static int status(String type) {
        return STATUS.getOrDefault(type, 500);
    }
}
