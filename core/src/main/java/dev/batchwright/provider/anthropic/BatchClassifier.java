package dev.batchwright.provider.anthropic;

import dev.batchwright.http.HttpResult;
import dev.batchwright.http.RetryAfter;
import dev.batchwright.job.ItemError;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.InputProblem;

import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Decides what a call of the batch API came to. Whatever may have been executed is {@link
 * BatchAnswer.Unknown}: a connection that broke, silence, a server error, an answer that can't be
 * read.
 */
final class BatchClassifier {
    // Counted from 0 there, from 1 here.
    private static final Pattern PLACE = Pattern.compile("\\brequests\\.(\\d{1,9})\\b");
    private static final Pattern DUPLICATE =
            Pattern.compile("Duplicate custom_id found: ([a-zA-Z0-9_-]{1,64})");

    private final Account account;
    private final Clock clock;

    BatchClassifier(Account account, Clock clock) {
        this.account = account;
        this.clock = clock;
    }

    /** What the call was about, which is what a 404 denies. */
    enum Subject {
        /** The batches as such: that there are none is another server. */
        ALL,
        /** One of them. */
        ONE
    }

    /**
     * @param read what a good answer says; empty if it does not say it
     */
    <T> BatchAnswer<T> classify(
            HttpResult result, Subject subject, Function<Answer, Optional<T>> read) {
        return switch (result) {
            case HttpResult.Response response -> {
                Answer answer = Answer.of(response);
                yield answer.isGood() && !answer.isError()
                        ? good(answer, read)
                        : refusal(answer, subject);
            }
            case HttpResult.Failure failure -> account.noAnswer().batch(failure);
        };
    }

    private static <T> BatchAnswer<T> good(Answer answer, Function<Answer, Optional<T>> read) {
        return read.apply(answer)
                .<BatchAnswer<T>>map(BatchAnswer.Given::new)
                .orElseGet(
                        () ->
                                unknown(
                                        "unexpected_answer",
                                        "The server answered HTTP %d, and not with what was asked for."
                                                .formatted(answer.status())));
    }

    private static <T> BatchAnswer<T> unknown(String code, String message) {
        return new BatchAnswer.Unknown<>(new ItemError(code, message), Optional.empty());
    }

    private <T> BatchAnswer<T> refusal(Answer answer, Subject subject) {
        ItemError error = answer.itemError();
        int status = answer.status();
        // Whatever the body says: only an answer that says no proves that nothing was done.
        if (status >= 500 || status == 408) {
            return new BatchAnswer.Unknown<>(error, retryAfter(answer));
        }
        return switch (Meaning.of(answer)) {
            case THROTTLED -> throttled(answer);
            case OVERLOADED, TRANSIENT -> new BatchAnswer.Unknown<>(error, retryAfter(answer));
            case KEY -> new BatchAnswer.Blocked<>(account.keyRefused(status, error.code()));
            case QUOTA ->
                    new BatchAnswer.Blocked<>(
                            account.nothingLeft(status, error.code(), error.message()));
            case ACCOUNT ->
                    new BatchAnswer.Blocked<>(
                            account.refused(status, error.code(), error.message()));
            case NO_SUCH_PLACE ->
                    new BatchAnswer.Blocked<>(account.noSuchPlace(Wire.BATCHES, status));
            case ITEM ->
                    status == 404
                            ? notFound(error, subject)
                            : new BatchAnswer.Refused<>(error, problems(error));
        };
    }

    private <T> BatchAnswer<T> notFound(ItemError error, Subject subject) {
        return switch (subject) {
            case ALL -> new BatchAnswer.Blocked<>(account.noSuchPlace(Wire.BATCHES, 404));
            case ONE -> new BatchAnswer.Missing<>(error);
        };
    }

    private <T> BatchAnswer<T> throttled(Answer answer) {
        ItemError error = answer.itemError();
        if (answer.headers().first("x-should-retry").orElse("").equals("false")) {
            return new BatchAnswer.Blocked<>(
                    account.noUseAskingAgain(answer.status(), error.code(), error.message()));
        }
        boolean queueFull = error.message().toLowerCase(Locale.ROOT).contains("queue");
        return new BatchAnswer.Later<>(error, retryAfter(answer), queueFull);
    }

    private Optional<Duration> retryAfter(Answer answer) {
        return RetryAfter.parse(answer.headers(), clock.instant());
    }

    private static List<InputProblem> problems(ItemError error) {
        var problems = new ArrayList<InputProblem>();
        Matcher place = PLACE.matcher(error.message());
        while (place.find()) {
            long line = Long.parseLong(place.group(1)) + 1;
            problems.add(new InputProblem(Optional.of(line), Optional.empty(), error));
        }
        Matcher duplicate = DUPLICATE.matcher(error.message());
        while (duplicate.find()) {
            problems.add(
                    new InputProblem(Optional.empty(), Optional.of(duplicate.group(1)), error));
        }
        return problems;
    }
}
