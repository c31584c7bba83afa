package dev.batchwright.provider.gemini;

import dev.batchwright.http.HttpResult;
import dev.batchwright.http.RateLimits;
import dev.batchwright.http.RetryAfter;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Success;
import dev.batchwright.provider.AttemptOutcome.Throttled;
import dev.batchwright.provider.AttemptOutcome.Transient;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * Decides what a live call came to; nothing else does. An error's {@link Meaning} decides, and the
 * wait is in the error's body rather than in a header.
 *
 * <p>A quota of the day that is used up blocks the job: it is renewed at midnight in California,
 * and a command that says so and can be run again then is of more use than one that stands still.
 */
final class Classifier {
    private final Account account;

    Classifier(Account account) {
        this.account = account;
    }

    AttemptOutcome classify(HttpResult result, Call call, String model, Instant now) {
        return switch (result) {
            case HttpResult.Response response -> new Reading(response, call, model, now).outcome();
            case HttpResult.Failure failure -> account.noAnswer().attempt(failure);
        };
    }

    /** One answer while it is judged. */
    private final class Reading {
        private final HttpResult.Response response;
        private final Call call;
        private final String model;
        private final Instant now;
        private final Optional<Answer> answer;
        private final LimitReport limits;

        Reading(HttpResult.Response response, Call call, String model, Instant now) {
            this.response = response;
            this.call = call;
            this.model = model;
            this.now = now;
            this.answer = Answer.parse(response.body());
            this.limits = RateLimits.parse(response.headers(), true);
        }

        AttemptOutcome outcome() {
            Optional<ApiError> error = answer.flatMap(Answer::error);
            if (response.status() < 200 || response.status() >= 300) {
                return refusal(response.status(), error.orElse(ApiError.NONE));
            }
            if (error.isPresent()) {
                int code = error.get().code();
                return refusal(code >= 400 && code < 600 ? code : 500, error.get());
            }
            if (answer.isEmpty()) {
                return retryable(
                        new ItemError("invalid_json", "The answer is not valid JSON."), false);
            }
            return answer.get().answers(call)
                    ? new Success(translated(answer.get()), answer.get().usage(), limits)
                    : retryable(
                            new ItemError(
                                    "unexpected_answer",
                                    "The answer is not what %s gives.".formatted(call.method())),
                            false);
        }

        private Reply translated(Answer read) {
            byte[] body = response.body();
            RawJson translated =
                    switch (call) {
                        case GENERATE, EMBED -> Json.body(body, true);
                        case CHAT -> ChatAnswer.translate(body, 0, body.length, model, now);
                        case EMBEDDINGS ->
                                EmbeddingsAnswer.translate(
                                        body, 0, body.length, model, read.usage());
                    };
            return new Reply(response.status(), read.responseId(), translated);
        }

        private AttemptOutcome refusal(int status, ApiError error) {
            ItemError said = error.itemError(status);
            return switch (Meaning.of(status, error)) {
                case THROTTLED -> new Throttled(retryAfter(error), said, limits);
                case OVERLOADED -> retryable(said, true);
                case TRANSIENT -> retryable(said, false);
                case REQUEST, FILE -> new Rejected(said, reply(), limits);
                case NOT_FOUND ->
                        answer.flatMap(Answer::error).isPresent()
                                ? new Rejected(said, reply(), limits)
                                : new Blocked(account.noSuchPlace(status), limits);
                case KEY -> new Blocked(account.badKey(status, said), limits);
                case QUOTA -> new Blocked(account.noQuota(status, said), limits);
                case DAY -> new Blocked(account.dayUsedUp(status, said), limits);
                case ACCOUNT -> new Blocked(account.refused(status, said), limits);
            };
        }

        private Transient retryable(ItemError error, boolean overloaded) {
            return new Transient(
                    error,
                    Optional.of(reply()),
                    overloaded,
                    retryAfter(answer.flatMap(Answer::error).orElse(ApiError.NONE)),
                    answer.map(Answer::usage).orElse(Usage.NONE),
                    limits);
        }

        private Optional<Duration> retryAfter(ApiError error) {
            return error.retryDelay().or(() -> RetryAfter.parse(response.headers(), now));
        }

        private Reply reply() {
            return new Reply(
                    response.status(),
                    answer.map(Answer::responseId).orElse(""),
                    Json.body(response.body(), answer.isPresent()));
        }
    }
}
