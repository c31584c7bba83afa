package dev.batchwright.anthropic;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.errors.BadRequestException;
import com.anthropic.helpers.MessageAccumulator;
import com.anthropic.models.messages.Message;
import com.anthropic.models.messages.MessageCountTokensParams;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Tool;
import com.anthropic.models.messages.ToolChoiceTool;

import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.simulator.Provider;
import dev.batchwright.simulator.Simulator;
import dev.batchwright.simulator.SimulatorOptions;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

@Timeout(120)
class BatchingTransportTest {
    private static final String KEY = "sk-ant-test";

    @TempDir Path directory;
    private final Simulator server =
            Simulator.start(
                    SimulatorOptions.builder()
                            .provider(Provider.parse("anthropic"))
                            .key(KEY)
                            .eventLoops(1)
                            .timeScale(50)
                            .build());
    private final AnthropicClient direct =
            AnthropicOkHttpClient.builder().baseUrl(server.baseUrl()).apiKey(KEY).build();

    @AfterEach
    void close() {
        direct.close();
        server.close();
    }

    private Collector program(int size) {
        return Collector.open(
                CollectorOptions.builder()
                        .provider("anthropic")
                        .baseUrl(server.baseUrl())
                        .store(directory.resolve("store.db").toString())
                        .batchWindow(Duration.ofSeconds(2))
                        .batchSize(size)
                        .pollInterval(Duration.ofMillis(20))
                        .build(),
                Map.of("ANTHROPIC_API_KEY", KEY));
    }

    private static MessageCreateParams.Builder message(String prompt) {
        return MessageCreateParams.builder()
                .model("claude-haiku-4-5")
                .maxTokens(100)
                .addUserMessage(prompt);
    }

    private static String text(Message message) {
        return message.content().getFirst().asText().text();
    }

    @Test
    void messages_travel_in_one_batch_and_a_restarted_program_gets_its_paid_answers() {
        List<String> first = ids(program(10));
        List<String> second = ids(program(10));
        assertThat(second).isEqualTo(first);
        assertThat(server.bill().batches()).hasSize(1);
        assertThat(server.bill().executedInBatches()).isEqualTo(10);
        assertThat(server.bill().executed()).isZero();
    }

    private List<String> ids(Collector collector) {
        try (collector) {
            AnthropicClient client = BatchingTransport.wrap(direct, collector);
            List<CompletableFuture<Message>> answers =
                    IntStream.range(0, 10)
                            .mapToObj(
                                    i -> client.async().messages().create(message("q" + i).build()))
                            .toList();
            for (int i = 0; i < 10; i++) {
                assertThat(text(answers.get(i).join())).isEqualTo("echo: q" + i);
            }
            return answers.stream().map(answer -> answer.join().id()).toList();
        }
    }

    @Test
    void a_streamed_message_is_one_stream_of_the_whole_answer() {
        try (Collector collector = program(1)) {
            AnthropicClient client = BatchingTransport.wrap(direct, collector);
            var accumulator = MessageAccumulator.create();
            try (var stream = client.messages().createStreaming(message("stream me").build())) {
                stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
            }
            assertThat(text(accumulator.message())).isEqualTo("echo: stream me");
            assertThat(accumulator.message().usage().outputTokens()).isPositive();
        }
    }

    @Test
    void a_streamed_tool_call_has_its_input() {
        try (Collector collector = program(1)) {
            AnthropicClient client = BatchingTransport.wrap(direct, collector);
            var call =
                    message("weather")
                            .addTool(
                                    Tool.builder()
                                            .name("weather")
                                            .inputSchema(
                                                    Tool.InputSchema.builder()
                                                            .properties(
                                                                    Tool.InputSchema.Properties
                                                                            .builder()
                                                                            .build())
                                                            .build())
                                            .build())
                            .toolChoice(ToolChoiceTool.builder().name("weather").build())
                            .build();
            var accumulator = MessageAccumulator.create();
            try (var stream = client.messages().createStreaming(call)) {
                stream.stream().forEach(event -> accumulator.accumulate(event.validate()));
            }
            assertThat(accumulator.message().content().getFirst().asToolUse().name())
                    .isEqualTo("weather");
        }
    }

    @Test
    void a_refusal_is_the_exception_of_its_status() {
        try (Collector collector = program(1)) {
            AnthropicClient client = BatchingTransport.wrap(direct, collector);
            assertThatThrownBy(() -> client.messages().create(message("bad").maxTokens(0).build()))
                    .isInstanceOf(BadRequestException.class)
                    .hasMessageContaining("max_tokens");
        }
    }

    @Test
    void what_no_batch_carries_goes_straight_through() {
        try (Collector collector = program(1)) {
            AnthropicClient client = BatchingTransport.wrap(direct, collector);
            var count =
                    client.messages()
                            .countTokens(
                                    MessageCountTokensParams.builder()
                                            .model("claude-haiku-4-5")
                                            .addUserMessage("how many")
                                            .build());
            assertThat(count.inputTokens()).isPositive();
            var beta =
                    message("now").putAdditionalHeader("anthropic-beta", "some-2026-01-01").build();
            assertThat(text(client.messages().create(beta))).isEqualTo("echo: now");
            assertThat(server.bill().batches()).isEmpty();
        }
    }
}
