package dev.batchwright.collect;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.BiFunction;

/**
 * What an SDK is given as the response to its call, maybe before the answer is there: who looks at
 * it first waits. By then the SDK has left the methods that made the request, and holds it no
 * longer: a thread that waits keeps a third of the stack, and no request. Holds nothing that must
 * be closed. For one thread.
 */
public final class PendingAnswer implements AutoCloseable {
    private final CompletableFuture<CollectedAnswer> future;
    private final BiFunction<String, Throwable, ? extends RuntimeException> exception;
    private @Nullable CollectedAnswer answer;
    private @Nullable InputStream body;

    /**
     * Of a call that was made.
     *
     * @param future as {@link Collector#submit} gave it
     * @param exception the SDK's for a call that gets no response, of a message and a cause
     */
    public PendingAnswer(
            CompletableFuture<CollectedAnswer> future,
            BiFunction<String, Throwable, ? extends RuntimeException> exception) {
        this.future = future;
        this.exception = exception;
    }

    /**
     * Waits for the answer, if need be. Where there is none, or the thread is interrupted, the
     * SDK's exception is thrown.
     *
     * @return the answer
     */
    public CollectedAnswer get() {
        CollectedAnswer given = answer;
        if (given == null) {
            given = await();
            answer = given;
        }
        return given;
    }

    /**
     * Waits for the answer, if need be.
     *
     * @return its bytes, always as the same stream
     */
    public InputStream body() {
        InputStream stream = body;
        if (stream == null) {
            stream = new ByteArrayInputStream(get().content());
            body = stream;
        }
        return stream;
    }

    private CollectedAnswer await() {
        try {
            return CollectedAnswer.await(future);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw exception.apply(reason(cause), cause);
        } catch (InterruptedException e) {
            future.cancel(true);
            Thread.currentThread().interrupt();
            throw exception.apply("Interrupted while waiting for a batch", e);
        }
    }

    /**
     * Says why a call got no answer.
     *
     * @param cause with which its future completed
     * @return a message for people
     */
    public static String reason(Throwable cause) {
        return Objects.requireNonNullElse(
                cause.getMessage(), "The call's deadline passed before its answer came.");
    }

    /** Who closes it without having looked waits no more. */
    @Override
    public void close() {
        future.cancel(true);
    }
}
