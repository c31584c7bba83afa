package dev.batchwright.server.edge;

import java.time.Duration;
import java.util.Optional;

/**
 * A request that is answered with an error. Thrown by plain code; the edge writes it in the form of
 * the API of the path.
 *
 * <p>The message goes to the client: what happened, where, what to do, and never what is another's.
 */
public final class ApiError extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String type;
    private final Optional<String> code;
    private final Optional<String> param;
    private final Optional<Duration> retryAfter;

    /**
     * @param type OpenAI's word for the kind of error; Anthropic's follows from the status
     * @param code OpenAI's name for the error, where it has one
     * @param param the parameter that is wrong
     * @param retryAfter when it is worth to try again
     */
    public ApiError(
            int status,
            String type,
            Optional<String> code,
            Optional<String> param,
            String message,
            Optional<Duration> retryAfter) {
        super(message, null, false, false); // No stack trace: it is an answer, not a mistake.
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    /** The request is wrong in itself. */
    public static ApiError invalid(String message) {
        return of(400, "invalid_request_error", message);
    }

    /** A parameter of the request is wrong. */
    public static ApiError invalid(String param, String message) {
        return invalid(message).param(param);
    }

    /** There is no such thing, or it is another's. */
    public static ApiError notFound(String message) {
        return of(404, "invalid_request_error", message);
    }

    /** It collides with something that is there. */
    public static ApiError conflict(String message) {
        return of(409, "invalid_request_error", message);
    }

    /** The body is larger than it may be here. */
    public static ApiError tooLarge(long most) {
        return of(
                        413,
                        "invalid_request_error",
                        "The body is larger than %,d bytes, the most that is taken here."
                                .formatted(most))
                .code("request_too_large");
    }

    /** Whoever calls is too fast, or has too much under way. */
    public static ApiError tooMany(String message, Duration retryAfter) {
        return of(429, "rate_limit_error", message)
                .code("rate_limit_exceeded")
                .retryAfter(retryAfter);
    }

    /** The server can't serve now; nothing was lost or begun. */
    public static ApiError unavailable(String message, Duration retryAfter) {
        return of(503, "server_error", message).code("service_unavailable").retryAfter(retryAfter);
    }

    /** An error without more to say. */
    public static ApiError of(int status, String type, String message) {
        return new ApiError(
                status, type, Optional.empty(), Optional.empty(), message, Optional.empty());
    }

    /** The same with OpenAI's name for it. */
    public ApiError code(String value) {
        return new ApiError(status, type, Optional.of(value), param, message(), retryAfter);
    }

    /** The same about a parameter. */
    public ApiError param(String value) {
        return new ApiError(status, type, code, Optional.of(value), message(), retryAfter);
    }

    /** The same with a time to try again after. */
    public ApiError retryAfter(Duration value) {
        return new ApiError(status, type, code, param, message(), Optional.of(value));
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** OpenAI's word for the kind of error. */
    public String type() {
        return type;
    }

    /** OpenAI's name for the error. */
    public Optional<String> code() {
        return code;
    }

    /** The parameter that is wrong. */
    public Optional<String> param() {
        return param;
    }

    /** When it is worth to try again. */
    public Optional<Duration> retryAfter() {
        return retryAfter;
    }

    /** What the client is told. */
    public String message() {
        return String.valueOf(getMessage());
    }
}
