package dev.batchwright.provider.gemini;

import dev.batchwright.job.ItemError;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An error as the API tells it, a {@code google.rpc.Status}; empty where it does not say.
 *
 * @param code an HTTP status in the answer to a call, a gRPC code in a row of a batch; 0 for none
 * @param status the code's name: {@code RESOURCE_EXHAUSTED}
 * @param reason of the detail {@code ErrorInfo}: {@code API_KEY_INVALID}
 * @param quotas the ids of the quotas that are used up
 * @param noQuota whether one of them allows nothing at all
 * @param retryDelay how long to wait, of the detail {@code RetryInfo}
 */
record ApiError(
        int code,
        String status,
        String message,
        String reason,
        List<String> quotas,
        boolean noQuota,
        Optional<Duration> retryDelay) {
    private static final int LONGEST_MESSAGE = 1000;
    private static final Pattern LIMIT_0 = Pattern.compile("limit: 0(?!\\d|\\.\\d)");

    static final ApiError NONE = new ApiError(0, "", "", "", List.of(), false, Optional.empty());

    ApiError {
        quotas = List.copyOf(quotas);
        message =
                message.length() > LONGEST_MESSAGE
                        ? message.substring(0, LONGEST_MESSAGE) + " ..."
                        : message;
        noQuota = noQuota || LIMIT_0.matcher(message).find();
    }

    /** For people and programs; the status of HTTP stands in where the error says nothing. */
    ItemError itemError(int httpStatus) {
        return new ItemError(
                status.isEmpty() ? "http_" + httpStatus : status.toLowerCase(Locale.ROOT),
                message.isEmpty()
                        ? "The server answered HTTP %d without a reason.".formatted(httpStatus)
                        : message);
    }

    boolean says(String text) {
        return message.toLowerCase(Locale.ROOT).contains(text);
    }

    boolean quotaNamed(String text) {
        return quotas.stream().anyMatch(id -> id.contains(text));
    }
}
