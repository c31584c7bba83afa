package dev.batchwright.provider.anthropic;

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

/**
 * Decides what an attempt came to; nothing else does, for Anthropic. The reply is the provider's
 * own body; only a message that answers a translated request is given as the completion that was
 * asked for. An error is not: its {@code error.message} stands where OpenAI's does, and nothing
 * else of it is lost.
 */
final class Classifier {
    private final Account account;

    Classifier(Account account) {
        this.account = account;
    }

    /**
     * @param translated whether the request was written as a chat completion
     */
    AttemptOutcome classify(HttpResult result, boolean translated, Instant now) {
        return switch (result) {
            case HttpResult.Response response ->
                    new Reading(Answer.of(response), translated, now).outcome();
            case HttpResult.Failure failure -> account.noAnswer().attempt(failure);
        };
    }

    /** Whether a body is a message, and not some other server's idea of an answer. */
    static boolean isMessage(JsonPart body) {
        return body.field("content").filter(JsonPart::isArray).isPresent()
                && (body.field("type").isEmpty() || body.text("type").equals("message"));
    }

    /** One answer while it is judged. */
    private final class Reading {
        private final Answer answer;
        private final boolean translated;
        private final Instant now;
        private final LimitReport limits;

        Reading(Answer answer, boolean translated, Instant now) {
            this.answer = answer;
            this.translated = translated;
            this.now = now;
            this.limits = RateLimits.parseAnthropic(answer.headers(), now);
        }

        AttemptOutcome outcome() {
            if (!answer.isGood() || answer.isError()) {
                return asServerWishes(refusal());
            }
            if (answer.body().isEmpty()) {
                return noJson();
            }
            JsonPart body = answer.body().get();
            return isMessage(body)
                    ? new Success(reply(body), MessageUsage.of(body), limits)
                    : retryable(
                            new ItemError("unexpected_answer", "The answer is not a message."),
                            false);
        }

        private Reply reply(JsonPart message) {
            return translated
                    ? new Reply(
                            answer.status(),
                            answer.requestId(),
                            MessageToChat.translate(message, now))
                    : answer.reply();
        }

        private AttemptOutcome noJson() {
            boolean stream =
                    answer.headers()
                            .first("content-type")
                            .orElse("")
                            .startsWith("text/event-stream");
            return stream
                    ? rejected(
                            new ItemError(
                                    "stream_unsupported",
                                    "The answer is a stream of events. Remove `stream` from the"
                                            + " request."))
                    : retryable(
                            new ItemError("invalid_json", "The answer is not valid JSON."), false);
        }

        private AttemptOutcome refusal() {
            ItemError error = answer.itemError();
            return switch (Meaning.of(answer)) {
                case THROTTLED -> new Throttled(retryAfter(), error, limits);
                case OVERLOADED -> retryable(error, true);
                case TRANSIENT -> retryable(error, false);
                case ITEM -> rejected(error);
                case KEY -> blocked(account.keyRefused(answer.status(), error.code()));
                case QUOTA ->
                        blocked(
                                account.nothingLeft(
                                        answer.status(), error.code(), error.message()));
                case ACCOUNT ->
                        blocked(account.refused(answer.status(), error.code(), error.message()));
                case NO_SUCH_PLACE -> blocked(account.noSuchPlace(Wire.MESSAGES, answer.status()));
            };
        }

        /** {@code x-should-retry} knows better than our reading of the error. */
        private AttemptOutcome asServerWishes(AttemptOutcome outcome) {
            String wish = answer.headers().first("x-should-retry").orElse("");
            return switch (outcome) {
                case Rejected rejected when wish.equals("true") ->
                        retryable(rejected.error(), false);
                case Transient failed when wish.equals("false") -> rejected(failed.error());
                // Not the item's fault, and asking again is no use: the job waits, with its items.
                case Throttled throttled when wish.equals("false") ->
                        blocked(
                                account.noUseAskingAgain(
                                        answer.status(),
                                        throttled.error().code(),
                                        throttled.error().message()));
                default -> outcome;
            };
        }

        private Rejected rejected(ItemError error) {
            return new Rejected(error, answer.reply(), limits);
        }

        private Transient retryable(ItemError error, boolean overloaded) {
            return new Transient(
                    error,
                    Optional.of(answer.reply()),
                    overloaded,
                    retryAfter(),
                    answer.body().map(MessageUsage::of).orElse(Usage.NONE),
                    limits);
        }

        private Blocked blocked(String problem) {
            return new Blocked(problem, limits);
        }

        private Optional<Duration> retryAfter() {
            return RetryAfter.parse(answer.headers(), now);
        }
    }
}
