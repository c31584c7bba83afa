package dev.batchwright.server.edge;

import dev.batchwright.server.access.Allowance;
import dev.batchwright.server.access.Scope;

/** What those are told who are not let in, in the words that OpenAI's API has for it. */
final class AccessErrors {
    private AccessErrors() {}

    static ApiError noKey() {
        return ApiError.of(
                        401,
                        "invalid_request_error",
                        "You didn't provide an API key. Provide one of this server's keys in the"
                                + " header `Authorization: Bearer KEY` (or `x-api-key: KEY`).")
                .code("missing_api_key");
    }

    static ApiError wrongKey() {
        return ApiError.of(
                        401,
                        "invalid_request_error",
                        "Incorrect API key provided. This server has keys of its own; ask who runs"
                                + " it for one.")
                .code("invalid_api_key");
    }

    static ApiError noScope(Scope scope) {
        return ApiError.of(
                        403,
                        "invalid_request_error",
                        "This key has no scope `%s`. Use another, or have that scope given to it in the server's configuration."
                                .formatted(scope.word()))
                .code("insufficient_permissions");
    }

    static ApiError foreign() {
        return ApiError.of(
                403,
                "invalid_request_error",
                "The request comes from a page of another site, which may not use this server.");
    }

    static ApiError notOurName() {
        return ApiError.of(
                421,
                "invalid_request_error",
                "Without keys this server is there for this machine alone, as localhost. Ask for it"
                        + " under that name, or set up keys to reach it under another.");
    }

    static ApiError wait(Allowance.Verdict.Wait wait) {
        return ApiError.tooMany(
                "Rate limit reached for this key on %s per minute: the limit is %,d. Please try again in %.1fs."
                        .formatted(wait.what(), wait.perMinute(), wait.span().toMillis() / 1000.0),
                wait.span());
    }
}
