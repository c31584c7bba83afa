package dev.batchwright.provider.openai;

import dev.batchwright.http.Headers;
import dev.batchwright.http.HttpResult;
import dev.batchwright.http.RateLimits;
import dev.batchwright.http.RetryAfter;
import dev.batchwright.job.ItemError;
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
import java.util.OptionalLong;

/**
 * Decides what an attempt came to; nothing else does, for this family. First the error's code
 * decides, then its type, then the HTTP status, as the wire sheet has it; {@code x-should-retry}
 * then overrules a retry or a refusal.
 */
final class Classifier {
    private final OpenAiApi api;
    private final Account account;

    Classifier(OpenAiApi api, Account account) {
        this.api = api;
        this.account = account;
    }

    AttemptOutcome classify(HttpResult result, String endpoint, Instant now) {
        return switch (result) {
            case HttpResult.Response response -> new Reading(response, endpoint, now).outcome();
            case HttpResult.Failure failure -> account.noAnswer().attempt(failure);
        };
    }

    /** One answer while it is judged. */
    private final class Reading {
        private final HttpResult.Response response;
        private final Headers headers;
        private final String endpoint;
        private final Instant now;
        private final Optional<Answer> answer;
        private final LimitReport limits;

        Reading(HttpResult.Response response, String endpoint, Instant now) {
            this.response = response;
            this.headers = response.headers();
            this.endpoint = endpoint;
            this.now = now;
            this.answer = Answer.parse(response.body());
            this.limits = RateLimits.parse(headers, api.requestsByTheMinute());
        }

        AttemptOutcome outcome() {
            if (response.status() < 200 || response.status() >= 300) {
                return asServerWishes(refusal(response.status()));
            }
            if (answer.isEmpty()) {
                return noJson();
            }
            Answer body = answer.get();
            if (body.isError()) {
                int number = body.error().number();
                return asServerWishes(refusal(number >= 400 && number < 600 ? number : 200));
            }
            return switch (AnswerKind.of(endpoint).judge(body)) {
                case COMPLETE -> new Success(reply(), body.usage(), limits);
                case UNFINISHED ->
                        rejected(
                                "unfinished_answer",
                                "The server answered before the work was done (status `%s`). Remove `background` from the request."
                                        .formatted(body.status()));
                case OTHER ->
                        retryable(
                                "unexpected_answer",
                                "The answer is not what %s gives.".formatted(endpoint),
                                false);
            };
        }

        private AttemptOutcome noJson() {
            boolean stream =
                    headers.first("content-type").orElse("").startsWith("text/event-stream");
            return stream
                    ? rejected(
                            "stream_unsupported",
                            "The answer is a stream of events. Remove `stream` from the request.")
                    : retryable("invalid_json", "The answer is not valid JSON.", false);
        }

        private AttemptOutcome refusal(int status) {
            ApiError error = answer.map(Answer::error).orElseGet(() -> ApiError.of("", "", ""));
            Meaning meaning = Meaning.of(status, error, api.forbidden());
            if (status == 404 && !answer.map(Answer::isOfAnApi).orElse(false)) {
                meaning = Meaning.NO_SUCH_PLACE;
            }
            if (meaning == Meaning.THROTTLED
                    && limits.requests().perMinute().equals(OptionalLong.of(0))) {
                meaning = Meaning.QUOTA;
            }
            String code = error.code(status);
            String message = error.message(status);
            return switch (meaning) {
                case THROTTLED -> new Throttled(retryAfter(), new ItemError(code, message), limits);
                case OVERLOADED -> retryable(code, message, true);
                case TRANSIENT -> retryable(code, message, false);
                case ITEM -> rejected(code, message);
                case KEY -> blocked(account.keyRefused(response.status(), code));
                case QUOTA -> blocked(account.nothingLeft(response.status(), code, message));
                case ACCOUNT -> blocked(account.refused(response.status(), code, message));
                case NO_SUCH_PLACE -> blocked(account.noSuchPlace(response.status(), endpoint));
            };
        }

        /** {@code x-should-retry} knows better than our reading of the error. */
        private AttemptOutcome asServerWishes(AttemptOutcome outcome) {
            String wish = headers.first("x-should-retry").orElse("");
            return switch (outcome) {
                case Rejected rejected when wish.equals("true") ->
                        retryable(rejected.error().code(), rejected.error().message(), false);
                case Transient failed when wish.equals("false") ->
                        rejected(failed.error().code(), failed.error().message());
                // Not the item's fault, and asking again is no use: the job waits, with its items.
                case Throttled throttled when wish.equals("false") ->
                        blocked(
                                account.limited(
                                        response.status(),
                                        throttled.error().code(),
                                        throttled.error().message()));
                default -> outcome;
            };
        }

        private Rejected rejected(String code, String message) {
            return new Rejected(new ItemError(code, message), reply(), limits);
        }

        private Transient retryable(String code, String message, boolean overloaded) {
            return new Transient(
                    new ItemError(code, message),
                    Optional.of(reply()),
                    overloaded,
                    retryAfter(),
                    answer.map(Answer::usage).orElse(Usage.NONE),
                    limits);
        }

        private Blocked blocked(String problem) {
            return new Blocked(problem, limits);
        }

        private Optional<Duration> retryAfter() {
            return RetryAfter.parse(headers, now);
        }

        private Reply reply() {
            return new Reply(
                    response.status(),
                    headers.first("x-request-id").orElse(""),
                    Answer.json(response.body(), answer.isPresent()));
        }
    }
}
