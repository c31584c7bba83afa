package dev.batchwright.collect;

import dev.batchwright.input.CallBody;
import dev.batchwright.job.Mode;
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
final class Waiter implements Ticket {
    final String endpoint;
    final Call.Terms terms;
    final Optional<Instant> deadline;
    final Optional<AnswerStream> stream;
    private final CompletableFuture<Accepted> accepted = new CompletableFuture<>();
    private final CompletableFuture<CollectedAnswer> answer = new CompletableFuture<>();
    @Nullable CallBody body;

    /** How it travels; empty until that is decided by where it goes. */
    Optional<Mode> mode;

    /** Whether it is a message, and its item a chat completion. */
    boolean translated;

    /** Another one who waits for the same item. */
    @Nullable Waiter next;

    /** Whether an equal call was made before. */
    boolean known;

    Waiter(Call call, CallBody body, Optional<Mode> mode, Optional<Instant> deadline) {
        this.endpoint = call.endpoint();
        this.terms = call.terms();
        this.mode = mode;
        this.body = body;
        this.deadline = deadline;
        this.stream =
                body.streamed()
                        ? AnswerStream.of(endpoint, body.usageStreamed())
                        : Optional.empty();
    }

    @Override
    public CompletableFuture<Accepted> accepted() {
        return accepted;
    }

    @Override
    public CompletableFuture<CollectedAnswer> answer() {
        return answer;
    }

    @Override
    public boolean isStreamed() {
        return stream.isPresent();
    }

    boolean isGone() {
        return answer.isDone();
    }

    /** Its item is stored. */
    void accept(CallKey key, WaitingJob job, boolean wasKnown) {
        body = null;
        known = wasKnown;
        var place = new Accepted(CallId.of(key), job.id(), wasKnown);
        if (accepted.getNumberOfDependents() == 0) {
            accepted.complete(place);
        } else {
            Thread.ofVirtual().name("accepted").start(() -> accepted.complete(place));
        }
    }

    // What callers do with their answers happens on their own threads, not on the collector's.
    void answer(CollectedAnswer told) {
        boolean asMessage = translated;
        Thread.ofVirtual().name("answer").start(() -> complete(told, asMessage));
    }

    private void complete(CollectedAnswer told, boolean asMessage) {
        try {
            answer.complete(asMessage ? ChatToMessage.translate(told) : told);
        } catch (RuntimeException e) {
            // The edge of the thread: whoever waits must hear of it.
            answer.completeExceptionally(e);
        }
    }

    void fail(Throwable problem) {
        body = null;
        Thread.ofVirtual()
                .name("answer")
                .start(
                        () -> {
                            accepted.completeExceptionally(problem);
                            answer.completeExceptionally(problem);
                        });
    }

    /** Refuses the call in the words of its API. */
    void refuse(int status, String code, String message) {
        body = null;
        answer(
                new CollectedAnswer(
                        status,
                        "",
                        ErrorBody.of(endpoint, status, code, message),
                        stream,
                        Optional.empty()));
    }
}
