package dev.batchwright.provider.openai;

import java.util.Locale;

/**
 * An error as a server tells it, in whichever of its shapes; empty strings where it does not say.
 *
 * @param code lower case; a number that stands in its place is in {@code number}
 * @param number a code that is a number, as vLLM and OpenRouter give it; else 0
 */
record ApiError(String code, int number, String type, String message) {
    static final ApiError NONE = new ApiError("", 0, "", "");
    private static final int LONGEST_MESSAGE = 1000;

    static ApiError of(String code, String type, String message) {
        boolean number = code.matches("\\d{1,9}");
        return new ApiError(
                number ? "" : code.toLowerCase(Locale.ROOT),
                number ? Integer.parseInt(code) : 0,
                type.toLowerCase(Locale.ROOT),
                message.length() > LONGEST_MESSAGE
                        ? message.substring(0, LONGEST_MESSAGE) + " ..."
                        : message);
    }

    boolean isEmpty() {
        return equals(NONE);
    }

    /** The code, or the best there is in its place. */
    String code(int status) {
        if (!code.isEmpty()) {
            return code;
        }
        return type.isEmpty() ? "http_" + status : type;
    }

    /** The message, or that there is none. */
    String message(int status) {
        return message.isEmpty()
                ? "The server answered HTTP %d without a reason.".formatted(status)
                : message;
    }
}
