package dev.batchwright.collect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

@Timeout(60)
class PendingAnswerTest {
    private static final CollectedAnswer GOOD =
            new CollectedAnswer(200, "req_1", RawJson.of("{}"), Optional.empty(), Optional.empty());

    private final CompletableFuture<CollectedAnswer> future = new CompletableFuture<>();
    private final PendingAnswer answer = new PendingAnswer(future, SdkException::new);

    private static final class SdkException extends RuntimeException {
        private static final long serialVersionUID = 1;

        SdkException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    @Test
    void it_is_given_before_the_answer_is_there_and_who_looks_waits() throws Exception {
        var given = new CompletableFuture<CollectedAnswer>();
        Thread caller = Thread.ofPlatform().start(() -> given.complete(answer.get()));
        while (caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        future.complete(GOOD);
        assertThat(given.get()).isSameAs(GOOD);
        assertThat(answer.body()).hasContent("{}").isSameAs(answer.body());
    }

    @Test
    void an_interrupt_ends_the_waiting() throws Exception {
        var thrown = new CompletableFuture<Throwable>();
        Thread caller =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        answer.get();
                                    } catch (SdkException e) {
                                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                                        thrown.complete(e);
                                    }
                                });
        caller.interrupt();
        assertThat(thrown.get()).hasMessageContaining("Interrupted");
        assertThat(future).isCancelled();
    }

    @Test
    void an_answer_that_will_not_come_is_the_exception_of_the_sdk_with_its_cause() {
        future.completeExceptionally(new TimeoutException());
        assertThatThrownBy(answer::get)
                .isInstanceOf(SdkException.class)
                .hasMessageContaining("deadline")
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void who_closes_it_waits_no_more_and_an_answer_that_is_there_stays() {
        answer.close();
        assertThat(future).isCancelled();
        var there = new PendingAnswer(CompletableFuture.completedFuture(GOOD), SdkException::new);
        there.close();
        assertThat(there.get()).isSameAs(GOOD);
    }
}
