package dev.batchwright.openai;

import com.openai.core.http.Headers;
import com.openai.core.http.HttpResponse;
import com.openai.errors.OpenAIIoException;

import dev.batchwright.collect.CollectedAnswer;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * An answer as the response that the SDK expects. It may be given to the SDK before the answer is
 * there: who looks at it first waits. By then the SDK has left the methods that made the request,
 * and holds it no longer: a thread that waits keeps a third of the stack, and no request. Holds
 * nothing that must be closed. For one thread.
 */
final class AnswerResponse implements HttpResponse {
    private final CompletableFuture<CollectedAnswer> future;
    private @Nullable CollectedAnswer answer;
    private @Nullable InputStream body;

    AnswerResponse(CompletableFuture<CollectedAnswer> future) {
        this.future = future;
    }

    @Override
    public int statusCode() {
        return answer().status();
    }

    @Override
    public Headers headers() {
        CollectedAnswer given = answer();
        Headers.Builder headers = Headers.builder().put("content-type", given.contentType());
        if (!given.requestId().isEmpty()) {
            headers.put("x-request-id", given.requestId());
        }
        return headers.build();
    }

    @Override
    public InputStream body() {
        InputStream stream = body;
        if (stream == null) {
            stream = new ByteArrayInputStream(answer().content());
            body = stream;
        }
        return stream;
    }

    private CollectedAnswer answer() {
        CollectedAnswer given = answer;
        if (given == null) {
            given = await();
            answer = given;
        }
        return given;
    }

    private CollectedAnswer await() {
        try {
            return CollectedAnswer.await(future);
        } catch (ExecutionException e) {
            throw noAnswer(Objects.requireNonNullElse(e.getCause(), e));
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw new OpenAIIoException("Interrupted while waiting for a batch", e);
        }
    }

    static OpenAIIoException noAnswer(Throwable cause) {
        String message = cause.getMessage();
        return new OpenAIIoException(
                message == null ? "The call's deadline passed before its answer came." : message,
                cause);
    }

    /** Who closes it without having looked waits no more. */
    @Override
    public void close() {
        future.cancel(true);
    }
}
