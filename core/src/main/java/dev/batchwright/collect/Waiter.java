package dev.batchwright.collect;

import dev.batchwright.input.CallBody;
import dev.batchwright.store.CallKey;
import dev.batchwright.stream.AnswerStream;

import org.jspecify.annotations.Nullable;

import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Somebody who waits for the answer to a call. Its body is let go as soon as it is stored. The
 * fields are the collector's thread's, but for what never changes.
 */
final class Waiter {
    final String endpoint;
    final Optional<Instant> deadline;
    final Optional<AnswerStream> stream;
    final CompletableFuture<CollectedAnswer> future = new CompletableFuture<>();
    @Nullable CallBody body;
    @Nullable CallKey key;

    Waiter(String endpoint, CallBody body, Optional<Instant> deadline) {
        this.endpoint = endpoint;
        this.body = body;
        this.deadline = deadline;
        this.stream =
                body.streamed()
                        ? AnswerStream.of(endpoint, body.usageStreamed())
                        : Optional.empty();
    }

    boolean isGone() {
        return future.isDone();
    }

    // What callers do with their answers happens on their own threads, not on the collector's.
    void answer(CollectedAnswer answer) {
        Thread.ofVirtual().name("answer").start(() -> future.complete(answer));
    }

    void fail(Throwable problem) {
        Thread.ofVirtual().name("answer").start(() -> future.completeExceptionally(problem));
    }

    /** Refuses the call in the words of its API. */
    void refuse(int status, String code, String message) {
        body = null;
        answer(
                new CollectedAnswer(
                        status, "", ErrorBody.of(endpoint, status, code, message), stream));
    }
}
