package dev.batchwright.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.core.ObjectMappers;
import com.anthropic.errors.AnthropicIoException;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;

import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

@Timeout(60)
class AnswerResponseTest {
    private static final CollectedAnswer GOOD =
            new CollectedAnswer(200, "req_1", RawJson.of("{}"), Optional.empty(), Optional.empty());

    private final CompletableFuture<CollectedAnswer> answer = new CompletableFuture<>();
    private final AnswerResponse response = new AnswerResponse(answer);

    @Test
    void it_is_given_before_the_answer_is_there_and_who_looks_waits() throws Exception {
        var status = new CompletableFuture<Integer>();
        Thread caller = Thread.ofPlatform().start(() -> status.complete(response.statusCode()));
        while (caller.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        answer.complete(GOOD);
        assertThat(status.get()).isEqualTo(200);
        assertThat(response.requestId()).contains("req_1");
        assertThat(response.body()).hasContent("{}").isSameAs(response.body());
    }

    @Test
    void an_interrupt_ends_the_waiting() throws Exception {
        var thrown = new CompletableFuture<Throwable>();
        Thread caller =
                Thread.ofVirtual()
                        .start(
                                () -> {
                                    try {
                                        response.statusCode();
                                    } catch (AnthropicIoException e) {
                                        assertThat(Thread.currentThread().isInterrupted()).isTrue();
                                        thrown.complete(e);
                                    }
                                });
        caller.interrupt();
        assertThat(thrown.get()).hasMessageContaining("Interrupted");
        assertThat(answer).isCancelled();
    }

    @Test
    void an_answer_that_will_not_come_is_the_exception_of_the_sdk_with_its_cause() {
        answer.completeExceptionally(new TimeoutException());
        assertThatThrownBy(response::statusCode)
                .isInstanceOf(AnthropicIoException.class)
                .hasMessageContaining("deadline")
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void who_closes_it_waits_no_more_and_an_answer_that_is_there_stays() {
        response.close();
        assertThat(answer).isCancelled();
        var there = new AnswerResponse(CompletableFuture.completedFuture(GOOD));
        there.close();
        assertThat(there.statusCode()).isEqualTo(200);
    }

    @Test
    void a_wrapped_client_writes_the_same_and_keeps_no_buffers_for_threads() throws Exception {
        var before = ObjectMappers.jsonMapper();
        var lean = ManyThreads.prepare(before);
        var value = Map.of("text", "\u00e9\n", "list", Optional.of(2));
        assertThat(lean.writeValueAsString(value)).isEqualTo(before.writeValueAsString(value));
        assertThat(lean.getFactory()._getRecyclerPool())
                .isSameAs(JsonRecyclerPools.nonRecyclingPool());
        assertThat(before.getFactory()._getRecyclerPool())
                .isNotSameAs(JsonRecyclerPools.nonRecyclingPool());
    }
}
