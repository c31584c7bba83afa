package dev.batchwright.provider.gemini;

import java.util.Arrays;
import java.util.Locale;

/** The codes of gRPC, which rows and ends of batches carry, as HTTP would have them. */
enum GrpcCode {
    OK(200),
    CANCELLED(499),
    UNKNOWN(500),
    INVALID_ARGUMENT(400),
    DEADLINE_EXCEEDED(504),
    NOT_FOUND(404),
    ALREADY_EXISTS(409),
    PERMISSION_DENIED(403),
    RESOURCE_EXHAUSTED(429),
    FAILED_PRECONDITION(400),
    ABORTED(409),
    OUT_OF_RANGE(400),
    UNIMPLEMENTED(501),
    INTERNAL(500),
    UNAVAILABLE(503),
    DATA_LOSS(500),
    UNAUTHENTICATED(401);

    private final int httpStatus;

    GrpcCode(int httpStatus) {
        this.httpStatus = httpStatus;
    }

    /** Of a code of gRPC, or of HTTP in its place; any other number is taken for bad luck. */
    static GrpcCode of(int code) {
        if (code > 0 && code < values().length) {
            return values()[code];
        }
        return Arrays.stream(values())
                .filter(each -> each != OK && each.httpStatus == code)
                .findFirst()
                .orElse(UNKNOWN);
    }

    int httpStatus() {
        return httpStatus;
    }

    /** Its name as an error's code. */
    String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the same request may go better another time. */
    boolean passes() {
        return switch (this) {
            case CANCELLED,
                    UNKNOWN,
                    DEADLINE_EXCEEDED,
                    RESOURCE_EXHAUSTED,
                    ABORTED,
                    INTERNAL,
                    UNAVAILABLE,
                    DATA_LOSS ->
                    true;
            case OK,
                    INVALID_ARGUMENT,
                    NOT_FOUND,
                    ALREADY_EXISTS,
                    PERMISSION_DENIED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    UNIMPLEMENTED,
                    UNAUTHENTICATED ->
                    false;
        };
    }
}
