package dev.batchwright.server.calls;

import dev.batchwright.collect.CallStatus;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.CollectorFullException;
import dev.batchwright.collect.NoAnswerException;
import dev.batchwright.collect.Ticket;
import dev.batchwright.server.edge.ApiError;
import dev.batchwright.server.edge.Reply;
import dev.batchwright.store.StoreException;
import dev.batchwright.workbench.RefusedException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import tools.jackson.databind.json.JsonMapper;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;

/** What becomes of a call, as an answer to its client. */
final class Answers {
    private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String ASK = "/v1/batchwright/calls/";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration LATER = Duration.ofSeconds(5);
    private static final Duration MUCH_LATER = Duration.ofSeconds(60);

    private Answers() {}

    /** The provider's answer, or its refusal, with where it is from. */
    static Reply of(CollectedAnswer answer) {
        return new Reply(
                answer.status(),
                answer.contentType(),
                headers(answer),
                new Reply.Body.Whole(answer.content()));
    }

    private static List<Reply.Header> headers(CollectedAnswer answer) {
        var headers = new ArrayList<Reply.Header>();
        answer.origin()
                .ifPresent(
                        origin -> {
                            headers.add(new Reply.Header("Batchwright-Job", origin.job().value()));
                            headers.add(
                                    new Reply.Header(
                                            "Batchwright-Lane",
                                            origin.lane().name().toLowerCase(Locale.ROOT)));
                            headers.add(
                                    new Reply.Header(
                                            "Batchwright-Cached",
                                            Boolean.toString(origin.known())));
                        });
        if (!answer.requestId().isEmpty() && isHeader(answer.requestId())) {
            headers.add(new Reply.Header("Batchwright-Provider-Request-Id", answer.requestId()));
        }
        if (answer.status() == 429) {
            // Nobody is too fast here: there is no money, and SDKs need not try again.
            headers.add(new Reply.Header("x-should-retry", "false"));
        }
        return headers;
    }

    // It comes from the backend, which may be anybody's.
    private static boolean isHeader(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7f);
    }

    /** The call is stored, and its answer can be asked for. */
    static Reply accepted(Ticket.Accepted place) {
        return underWay(place.id(), place.job().value());
    }

    /** What is known of a call that is asked for. */
    static Reply of(String id, CallStatus status) {
        return switch (status) {
            case CallStatus.Answered(CollectedAnswer answer) ->
                    of(answer).with("Batchwright-Call", id);
            case CallStatus.UnderWay(var job) ->
                    underWay(id, job.value()).with("Retry-After", Long.toString(LATER.toSeconds()));
            case CallStatus.Unknown unknown ->
                    throw ApiError.notFound(
                                    "There is no call of this id, or its time is over. Make the"
                                            + " call again.")
                            .code("call_not_found");
            case CallStatus.Ended(var job, var state) ->
                    throw gone(
                            "The job of this call ended without its answer. Make the call again.");
        };
    }

    private static Reply underWay(String id, String job) {
        var body = JSON.createObjectNode();
        body.put("id", id)
                .put("object", "batchwright.call")
                .put("status", "in_progress")
                .put("url", ASK + id);
        return Reply.json(202, JSON.writeValueAsBytes(body))
                .with("Location", ASK + id)
                .with("Preference-Applied", "respond-async")
                .with("Batchwright-Call", id)
                .with("Batchwright-Job", job);
    }

    /** Why there is no answer, in words that say nothing of the server's inside. */
    static ApiError problem(Throwable problem) {
        return switch (problem) {
            case CompletionException e when e.getCause() != null -> problem(e.getCause());
            case ApiError known -> known;
            case NoAnswerException none -> noAnswer(none);
            case TimeoutException late ->
                    ApiError.of(
                                    504,
                                    "server_error",
                                    "The deadline of this call was reached without its answer. What"
                                            + " is under way goes on: the same call made again gets"
                                            + " it.")
                            .code("deadline_exceeded");
            case CollectorFullException full ->
                    ApiError.tooMany(
                            full.getMessage() + " Nothing was stored; try again later.", LATER);
            case StoreException store -> {
                LOG.warn("Calls were refused: {}", store.getMessage());
                yield ApiError.unavailable(
                                "The store can't take calls at the moment. Nothing was sent, and"
                                        + " what was accepted before is safe. Try again later.",
                                LATER)
                        .code("store_unavailable");
            }
            case RefusedException refused ->
                    ApiError.of(502, "server_error", String.valueOf(refused.getMessage()))
                            .code("backend_unreachable");
            default -> {
                LOG.error("A call was not answered", problem);
                yield ApiError.of(
                                500,
                                "server_error",
                                "The server had an error while processing your request. What was"
                                        + " accepted is not lost: make the same call again.")
                        .code("internal_error");
            }
        };
    }

    private static ApiError noAnswer(NoAnswerException none) {
        String why = String.valueOf(none.getMessage());
        return switch (none.reason()) {
            case BLOCKED ->
                    ApiError.of(502, "server_error", why)
                            .code("backend_blocked")
                            .retryAfter(MUCH_LATER);
            case STOPPED -> ApiError.of(504, "server_error", why).code("deadline_exceeded");
            case CANCELLED -> gone(why);
            case CLOSED ->
                    ApiError.unavailable(
                                    "The server is being stopped. Nothing is lost: the same call"
                                            + " made again gets the answer that is under way.",
                                    SOON)
                            .code("server_stopping");
        };
    }

    // SDKs repeat 409 and 5xx by themselves, and this should be a decision.
    private static ApiError gone(String message) {
        return ApiError.of(410, "invalid_request_error", message).code("job_cancelled");
    }
}
