package dev.batchwright.openai;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.openai.core.ObjectMappers;
import com.openai.errors.OpenAIIoException;

import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.job.RawJson;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;

class AnswerResponseTest {
    private static final CollectedAnswer GOOD =
            new CollectedAnswer(200, "req_1", RawJson.of("{}"), Optional.empty(), Optional.empty());

    @Test
    void it_says_what_the_answer_says() {
        var response = new AnswerResponse(CompletableFuture.completedFuture(GOOD));
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.requestId()).contains("req_1");
        assertThat(response.headers().values("content-type")).containsExactly("application/json");
        assertThat(response.body()).hasContent("{}");
    }

    @Test
    void an_answer_that_will_not_come_is_the_exception_of_the_sdk_with_its_cause() {
        var response = new AnswerResponse(CompletableFuture.failedFuture(new TimeoutException()));
        assertThatThrownBy(response::statusCode)
                .isInstanceOf(OpenAIIoException.class)
                .hasMessageContaining("deadline")
                .hasCauseInstanceOf(TimeoutException.class);
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
