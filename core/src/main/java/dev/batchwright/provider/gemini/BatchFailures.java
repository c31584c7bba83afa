package dev.batchwright.provider.gemini;

import dev.batchwright.http.HttpResult;
import dev.batchwright.http.RetryAfter;
import dev.batchwright.job.ItemError;
import dev.batchwright.provider.BatchAnswer;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Decides what a call of the batch API came to that did not go well; nothing else does. */
final class BatchFailures {
    private static final ZoneId CALIFORNIA = ZoneId.of("America/Los_Angeles");

    /** What a call was about, as far as its failure means something else. */
    enum Step {
        UPLOAD,
        /** Of a batch: names a model and a file. */
        CREATE,
        /** Looks at something, or ends it. */
        OTHER
    }

    private final Account account;
    private final Clock clock;

    BatchFailures(Account account, Clock clock) {
        this.account = account;
        this.clock = clock;
    }

    <T> BatchAnswer<T> judge(HttpResult result, Step step) {
        return switch (result) {
            case HttpResult.Response response -> judge(response, step);
            case HttpResult.Failure failure -> account.noAnswer().batch(failure);
        };
    }

    static <T> BatchAnswer<T> unknown(String code, String message) {
        return new BatchAnswer.Unknown<>(new ItemError(code, message), Optional.empty());
    }

    private <T> BatchAnswer<T> judge(HttpResult.Response response, Step step) {
        int status = response.status();
        Optional<ApiError> told = Answer.parse(response.body()).flatMap(Answer::error);
        ApiError error = told.orElse(ApiError.NONE);
        ItemError said = error.itemError(status);
        Instant now = clock.instant();
        Optional<Duration> wait =
                error.retryDelay().or(() -> RetryAfter.parse(response.headers(), now));
        return switch (Meaning.of(status, error)) {
            case THROTTLED ->
                    new BatchAnswer.Later<>(said, wait, step == Step.CREATE && isQueue(error));
            case DAY -> new BatchAnswer.Later<>(said, Optional.of(untilMidnight(now)), false);
            case OVERLOADED, TRANSIENT -> new BatchAnswer.Unknown<>(said, wait);
            case REQUEST -> new BatchAnswer.Refused<>(said, List.of());
            case FILE ->
                    step == Step.CREATE
                            ? new BatchAnswer.Later<>(said, wait, false)
                            : new BatchAnswer.Missing<>(said);
            case NOT_FOUND -> {
                if (told.isEmpty()) {
                    yield new BatchAnswer.Blocked<>(account.noSuchPlace(status));
                }
                if (step != Step.CREATE) {
                    yield new BatchAnswer.Missing<>(said);
                }
                // What a batch asks for is its model, by name, and its file, which may be too new
                // to be seen: that is told as an entity.
                yield error.says("entity")
                        ? new BatchAnswer.Later<>(said, wait, false)
                        : new BatchAnswer.Refused<>(said, List.of());
            }
            case KEY -> new BatchAnswer.Blocked<>(account.badKey(status, said));
            case QUOTA -> new BatchAnswer.Blocked<>(account.noQuota(status, said));
            case ACCOUNT -> new BatchAnswer.Blocked<>(account.refused(status, said));
        };
    }

    // Too many batches and too many tokens that wait are told in the same words; only the quotas
    // of calls have their minute in their name.
    private static boolean isQueue(ApiError error) {
        return !error.quotaNamed("PerMinute");
    }

    /** When the quotas of the day are renewed. */
    private static Duration untilMidnight(Instant now) {
        ZonedDateTime here = now.atZone(CALIFORNIA);
        ZonedDateTime midnight = here.truncatedTo(ChronoUnit.DAYS).plusDays(1);
        return Duration.between(now, midnight.toInstant()).plusMinutes(1);
    }
}
