package dev.batchwright.provider;

import dev.batchwright.http.HttpResult;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.RawJson;
import dev.batchwright.job.Reply;
import dev.batchwright.job.Usage;
import dev.batchwright.limit.LimitReport;
import dev.batchwright.provider.AttemptOutcome.Blocked;
import dev.batchwright.provider.AttemptOutcome.Rejected;
import dev.batchwright.provider.AttemptOutcome.Transient;
import dev.batchwright.provider.AttemptOutcome.Unreachable;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides what a call came to that a server gave no answer to, live and in batches: nothing else
 * decides this, for any provider. What was not sent, or not to the right server, is certain not to
 * be done; of all else nothing is certain.
 *
 * @param place where the calls go, for the user
 */
public record NoAnswer(String place) {
    /** How problems of an account end: with what to do when they are settled. */
    public static final String GO_ON =
            "Then run the same command again: what was not done is untouched.";

    /** Of a live call. */
    public AttemptOutcome attempt(HttpResult.Failure failure) {
        return switch (failure) {
            case HttpResult.Unreachable(var cause) ->
                    new Unreachable(unreachable(cause), LimitReport.NONE);
            case HttpResult.Broken broken -> passing(error(broken), false);
            case HttpResult.TimedOut(var timeout) ->
                    passing(
                            new ItemError(
                                    "timeout",
                                    "No complete answer in %s.".formatted(seconds(timeout))),
                            true);
            case HttpResult.TooLarge large ->
                    new Rejected(error(large), new Reply(0, "", RawJson.NULL), LimitReport.NONE);
            case HttpResult.Untrusted(var cause) -> new Blocked(untrusted(cause), LimitReport.NONE);
            case HttpResult.Redirected(var status, var origin) ->
                    new Blocked(elsewhere(status, origin), LimitReport.NONE);
        };
    }

    /** Of a call of a batch API. */
    public <T> BatchAnswer<T> batch(HttpResult.Failure failure) {
        return switch (failure) {
            case HttpResult.Unreachable(var cause) ->
                    new BatchAnswer.Later<>(
                            new ItemError(BatchAnswer.UNREACHABLE, unreachable(cause)),
                            Optional.empty(),
                            false);
            case HttpResult.Broken broken -> unknown(error(broken));
            case HttpResult.TimedOut(var timeout) ->
                    unknown(
                            new ItemError(
                                    "timeout", "Nothing came for %s.".formatted(seconds(timeout))));
            case HttpResult.TooLarge large -> unknown(error(large));
            case HttpResult.Untrusted(var cause) -> new BatchAnswer.Blocked<>(untrusted(cause));
            case HttpResult.Redirected(var status, var origin) ->
                    new BatchAnswer.Blocked<>(elsewhere(status, origin));
        };
    }

    private static Transient passing(ItemError error, boolean overloaded) {
        return new Transient(
                error,
                Optional.empty(),
                overloaded,
                Optional.empty(),
                Usage.NONE,
                LimitReport.NONE);
    }

    private static <T> BatchAnswer<T> unknown(ItemError error) {
        return new BatchAnswer.Unknown<>(error, Optional.empty());
    }

    private static ItemError error(HttpResult.Broken broken) {
        return new ItemError("connection_broken", "The call broke: %s.".formatted(broken.cause()));
    }

    private static ItemError error(HttpResult.TooLarge large) {
        return new ItemError(
                "answer_too_large",
                "The answer is larger than %d MB.".formatted(large.limit() >> 20));
    }

    private static String seconds(Duration duration) {
        return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString()
                + " s";
    }

    private String unreachable(String cause) {
        return "No connection to %s: %s. Check the base URL, the network and the proxy (HTTPS_PROXY). %s"
                .formatted(place, cause, GO_ON);
    }

    private String untrusted(String cause) {
        return "%s could not prove who it is (%s), so nothing was sent. Check the base URL; a certificate of your own belongs into the Java trust store. %s"
                .formatted(place, cause, GO_ON);
    }

    private String elsewhere(int status, String origin) {
        return "%s sends calls elsewhere (HTTP %d to %s), and the key is not taken there. If that is the right server, name it with --base-url. %s"
                .formatted(place, status, origin, GO_ON);
    }
}
