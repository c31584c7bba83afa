package dev.batchwright.langchain4j;

import dev.batchwright.Request;
import dev.batchwright.collect.Call;
import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.job.RawJson;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.ModelNotFoundException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Calls that a collector gathers; what they come to is said by LangChain4j's exceptions. */
record Calls(Collector collector, boolean owned) implements AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    static Calls open(CollectorOptions options) {
        return new Calls(Collector.open(options), true);
    }

    static Calls of(Collector collector) {
        return new Calls(collector, false);
    }

    CompletableFuture<CollectedAnswer> submit(Request request) {
        return collector.submit(Call.of(request.endpoint(), request.body()));
    }

    /** The bodies of the answers, in the order of the requests, which travel together. */
    List<RawJson> answers(List<? extends Request> requests) {
        List<CompletableFuture<CollectedAnswer>> calls =
                requests.stream().map(this::submit).toList();
        try {
            var all = CompletableFuture.allOf(calls.toArray(CompletableFuture<?>[]::new));
            all.get();
            return calls.stream().map(call -> body(call.join())).toList();
        } catch (ExecutionException e) {
            throw noAnswer(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            calls.forEach(call -> call.cancel(true));
            Thread.currentThread().interrupt();
            throw new LangChain4jException("Interrupted while waiting for a batch", e);
        }
    }

    /**
     * @throws LangChain4jException if the provider refused; its kind says how
     */
    static RawJson body(CollectedAnswer answer) {
        if (answer.isGood()) {
            return answer.body();
        }
        throw refusal(answer.status(), message(answer.body()));
    }

    private static String message(RawJson body) {
        try {
            return JSON.readTree(body.toByteArray()).at("/error/message").asString("");
        } catch (JacksonException e) {
            return ""; // The status says enough.
        }
    }

    private static LangChain4jException refusal(int status, String message) {
        var cause = new HttpException(status, message);
        return switch (status) {
            case 401, 403 -> new AuthenticationException(message, cause);
            case 404 -> new ModelNotFoundException(message, cause);
            case 408, 504 -> new TimeoutException(message, cause);
            case 429 -> new RateLimitException(message, cause);
            default ->
                    status >= 500
                            ? new InternalServerException(message, cause)
                            : new InvalidRequestException(message, cause);
        };
    }

    /** There is none, for a reason that lies not in the call itself. */
    static LangChain4jException noAnswer(Throwable cause) {
        return cause instanceof java.util.concurrent.TimeoutException
                ? new TimeoutException("The call's deadline passed before its answer came.", cause)
                : new LangChain4jException(cause.getMessage(), cause);
    }

    @Override
    public void close() {
        if (owned) {
            collector.close();
        }
    }
}
