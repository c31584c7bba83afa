package dev.batchwright.simulator.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.core.http.StreamResponse;
import com.anthropic.errors.NotFoundException;
import com.anthropic.errors.RateLimitException;
import com.anthropic.errors.UnauthorizedException;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.RawMessageStreamEvent;
import com.anthropic.models.messages.StopReason;
import com.anthropic.models.messages.batches.BatchCreateParams;
import com.anthropic.models.messages.batches.MessageBatch;
import com.anthropic.models.messages.batches.MessageBatchIndividualResponse;
import com.anthropic.models.messages.batches.MessageBatchResult;

import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

@Timeout(60)
class AnthropicSdkTest {
    private Simulator simulator = start(SimulatorOptions.builder().key("sk-test"));
    private AnthropicClient client = client("sk-test");

    private static Simulator start(SimulatorOptions.Builder options) {
        return Simulator.start(options.provider("anthropic").eventLoops(1).build());
    }

    private AnthropicClient client(String key) {
        return AnthropicOkHttpClient.builder()
                .baseUrl(simulator.baseUrl())
                .apiKey(key)
                .maxRetries(0)
                .build();
    }

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private static MessageCreateParams saying(String text) {
        return MessageCreateParams.builder()
                .model("claude-haiku-4-5")
                .maxTokens(64)
                .addUserMessage(text)
                .build();
    }

    private static String text(Message message) {
        return message.content().getFirst().asText().text();
    }

    @Test
    void gets_a_message() {
        Message message = client.messages().create(saying("hello"));
        assertThat(message.validate().isValid()).isTrue();
        assertThat(text(message)).isEqualTo("echo: hello");
        assertThat(message.stopReason()).contains(StopReason.END_TURN);
        assertThat(message.usage().inputTokens()).isEqualTo(2);
    }

    @Test
    void reads_a_stream() {
        try (StreamResponse<RawMessageStreamEvent> events =
                client.messages().createStreaming(saying("a somewhat longer text"))) {
            String text =
                    events.stream()
                            .flatMap(event -> event.contentBlockDelta().stream())
                            .flatMap(delta -> delta.delta().text().stream())
                            .map(delta -> delta.text())
                            .collect(Collectors.joining());
            assertThat(text).isEqualTo("echo: a somewhat longer text");
        }
    }

    @Test
    void knows_refusals_by_their_kind() {
        AnthropicClient stranger = client("sk-wrong");
        assertThatThrownBy(() -> stranger.messages().create(saying("hello")))
                .isInstanceOf(UnauthorizedException.class)
                .hasMessageContaining("invalid x-api-key");
        stranger.close();
        close();
        simulator = start(SimulatorOptions.builder().fault("429"));
        client = client("sk-test");
        assertThatThrownBy(() -> client.messages().create(saying("hello")))
                .isInstanceOf(RateLimitException.class);
    }

    @Test
    void runs_a_batch_to_its_results() {
        MessageBatch created =
                client.messages()
                        .batches()
                        .create(
                                BatchCreateParams.builder()
                                        .addRequest(request("a", "hello", "claude-haiku-4-5"))
                                        .addRequest(request("b", "world", "claude-opus-5"))
                                        .addRequest(request("c", "", "claude-opus-5"))
                                        .build());
        assertThat(created.validate().isValid()).isTrue();
        assertThat(created.processingStatus()).isEqualTo(MessageBatch.ProcessingStatus.IN_PROGRESS);
        assertThatThrownBy(() -> client.messages().batches().resultsStreaming(created.id()))
                .isInstanceOf(NotFoundException.class);

        simulator.time().advance(Duration.ofHours(1));
        MessageBatch ended = client.messages().batches().retrieve(created.id());
        assertThat(ended.validate().processingStatus())
                .isEqualTo(MessageBatch.ProcessingStatus.ENDED);
        assertThat(ended.requestCounts().succeeded()).isEqualTo(2);
        assertThat(ended.requestCounts().errored()).isEqualTo(1);
        try (StreamResponse<MessageBatchIndividualResponse> rows =
                client.messages().batches().resultsStreaming(created.id())) {
            Map<String, MessageBatchResult> results =
                    rows.stream()
                            .map(MessageBatchIndividualResponse::validate)
                            .collect(
                                    Collectors.toMap(
                                            MessageBatchIndividualResponse::customId,
                                            MessageBatchIndividualResponse::result));
            Function<String, MessageBatchResult> result =
                    id ->
                            results.entrySet().stream()
                                    .filter(entry -> entry.getKey().equals(id))
                                    .findFirst()
                                    .orElseThrow()
                                    .getValue();
            assertThat(text(result.apply("b").asSucceeded().message())).isEqualTo("echo: world");
            assertThat(result.apply("c").asErrored().error().error().isInvalidRequestError())
                    .isTrue();
        }
        assertThat(client.messages().batches().list().data()).hasSize(1);
        assertThat(client.messages().batches().delete(created.id()).id()).isEqualTo(created.id());
    }

    private static BatchCreateParams.Request request(String id, String text, String model) {
        return BatchCreateParams.Request.builder()
                .customId(id)
                .params(
                        BatchCreateParams.Request.Params.builder()
                                .model(model)
                                .maxTokens(64)
                                .addUserMessage(text)
                                .build())
                .build();
    }
}
