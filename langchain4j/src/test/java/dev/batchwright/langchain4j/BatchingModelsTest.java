package dev.batchwright.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import static java.util.Objects.requireNonNull;

import dev.batchwright.collect.NoAnswerException;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.exception.UnsupportedFeatureException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.ToolChoice;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.request.EmbeddingInputType;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.Response;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

@Timeout(120)
class BatchingModelsTest {
    private static final ToolSpecification WEATHER =
            ToolSpecification.builder()
                    .name("weather")
                    .parameters(
                            JsonObjectSchema.builder()
                                    .addStringProperty("place")
                                    .required("place")
                                    .build())
                    .build();

    @TempDir Path directory;
    private Scene scene;

    @BeforeEach
    void open() {
        scene = new Scene(directory, o -> o);
    }

    @AfterEach
    void close() {
        scene.close();
    }

    @Test
    void calls_of_one_window_travel_in_one_batch_and_each_gets_its_answer() throws Exception {
        ChatModel model = scene.chat().build();
        List<Future<String>> answers;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            answers =
                    IntStream.range(0, 20)
                            .mapToObj(i -> threads.submit(() -> model.chat("question " + i)))
                            .toList();
        }
        for (int i = 0; i < answers.size(); i++) {
            assertThat(answers.get(i).get()).isEqualTo("echo: question " + i);
        }
        assertThat(scene.batchSizes().stream().mapToLong(size -> size).sum()).isEqualTo(20);
        assertThat(scene.batchSizes().size()).isLessThan(20);
        assertThat(scene.server.bill().executed()).isZero();
    }

    @Test
    void an_answer_says_its_model_tokens_and_end() {
        ChatResponse response = scene.chat().build().chat(UserMessage.from("hello"));
        assertThat(response.aiMessage().text()).isEqualTo("echo: hello");
        assertThat(response.id()).startsWith("chatcmpl-");
        assertThat(response.modelName()).startsWith("gpt-4o-mini");
        assertThat(response.finishReason()).isEqualTo(FinishReason.STOP);
        assertThat(response.tokenUsage().totalTokenCount())
                .isEqualTo(
                        response.tokenUsage().inputTokenCount()
                                + response.tokenUsage().outputTokenCount())
                .isPositive();
    }

    @Test
    void an_answer_that_was_cut_says_so() {
        ChatModel model =
                scene.chat()
                        .defaultRequestParameters(
                                ChatRequestParameters.builder().maxOutputTokens(1).build())
                        .build();
        assertThat(model.chat(UserMessage.from("a long question")).finishReason())
                .isEqualTo(FinishReason.LENGTH);
    }

    private static ChatRequest callingATool() {
        return ChatRequest.builder()
                .messages(UserMessage.from("Rome"))
                .toolSpecifications(WEATHER)
                .toolChoice(ToolChoice.REQUIRED)
                .build();
    }

    @Test
    void tools_are_called() {
        ChatResponse response = scene.chat().build().chat(callingATool());
        assertThat(response.finishReason()).isEqualTo(FinishReason.TOOL_EXECUTION);
        ToolExecutionRequest call = response.aiMessage().toolExecutionRequests().getFirst();
        assertThat(call.name()).isEqualTo("weather");
        assertThat(call.arguments()).contains("place");
        assertThat(call.id()).isNotBlank();
    }

    @Test
    void a_schema_binds_the_answer() {
        ChatRequest request =
                ChatRequest.builder()
                        .messages(UserMessage.from("hello"))
                        .responseFormat(
                                ResponseFormat.builder()
                                        .type(ResponseFormatType.JSON)
                                        .jsonSchema(
                                                JsonSchema.builder()
                                                        .name("word")
                                                        .rootElement(WEATHER.parameters())
                                                        .build())
                                        .build())
                        .build();
        assertThat(scene.chat().build().chat(request).aiMessage().text()).startsWith("{\"place\":");
    }

    @Test
    void a_program_that_was_started_again_gets_the_answer_that_was_paid_for() {
        String first = scene.chat().build().chat("once");
        scene.restart(o -> o);
        assertThat(scene.chat().build().chat("once")).isEqualTo(first);
        assertThat(scene.batchSizes()).containsExactly(1L);
    }

    @Test
    void a_refusal_is_the_exception_for_its_status() {
        ChatModel model = scene.chat().with("temperature", 9).build();
        assertThatThrownBy(() -> model.chat("too hot"))
                .isInstanceOf(InvalidRequestException.class)
                .hasMessageContaining("temperature");
    }

    @Test
    void a_deadline_is_a_timeout() {
        scene.restart(o -> o.batchWindow(Duration.ofMinutes(5)).deadline(Duration.ofMillis(50)));
        assertThatThrownBy(() -> scene.chat().build().chat("hurry"))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void a_closed_collector_says_that_nothing_was_sent() {
        BatchingChatModel model = scene.chat().build();
        scene.restart(o -> o);
        assertThatThrownBy(() -> model.chat("too late"))
                .isInstanceOf(LangChain4jException.class)
                .hasMessageContaining("cost nothing")
                .hasCauseInstanceOf(NoAnswerException.class);
    }

    @Test
    void listeners_are_told() {
        var told = new CopyOnWriteArrayList<String>();
        ChatModel model =
                scene.chat()
                        .listeners(
                                List.of(
                                        new ChatModelListener() {
                                            @Override
                                            public void onResponse(
                                                    ChatModelResponseContext context) {
                                                told.add(context.chatResponse().aiMessage().text());
                                            }
                                        }))
                        .build();
        model.chat("hear me");
        assertThat(told).containsExactly("echo: hear me");
    }

    /** Writes down what it is told. */
    private static class Told implements StreamingChatResponseHandler {
        final List<String> parts = new ArrayList<>();
        final CompletableFuture<ChatResponse> end = new CompletableFuture<>();

        @Override
        public void onPartialResponse(String part) {
            parts.add(part);
        }

        @Override
        public void onCompleteToolCall(CompleteToolCall call) {
            parts.add(call.toolExecutionRequest().name());
        }

        @Override
        public void onCompleteResponse(ChatResponse response) {
            end.complete(response);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }
    }

    @Test
    void a_stream_has_the_whole_answer_and_its_end() {
        StreamingChatModel model = scene.chat().build();
        var text = new Told();
        var tool = new Told();
        model.chat("flow", text);
        model.chat(callingATool(), tool);
        assertThat(text.end.join().aiMessage()).isEqualTo(AiMessage.from("echo: flow"));
        assertThat(text.parts).containsExactly("echo: flow");
        assertThat(tool.end.join().aiMessage().hasToolExecutionRequests()).isTrue();
        assertThat(tool.parts).containsExactly("weather");
    }

    @Test
    void a_stream_tells_a_refusal_and_what_its_handler_threw() {
        var refused = new Told();
        scene.chat().with("temperature", 9).build().chat("too hot", refused);
        assertThatThrownBy(refused.end::join)
                .isInstanceOf(CompletionException.class)
                .hasCauseInstanceOf(InvalidRequestException.class);
        var clumsy =
                new Told() {
                    @Override
                    public void onPartialResponse(String part) {
                        throw new IllegalStateException("dropped");
                    }
                };
        scene.chat().build().chat("catch", clumsy);
        assertThatThrownBy(clumsy.end::join).hasMessageContaining("dropped");
    }

    @Test
    void a_stream_that_is_cancelled_tells_no_more() {
        var cancelled = new CompletableFuture<Boolean>();
        var told =
                new Told() {
                    @Override
                    public void onPartialResponse(
                            PartialResponse part, PartialResponseContext context) {
                        context.streamingHandle().cancel();
                        cancelled.complete(context.streamingHandle().isCancelled());
                    }
                };
        scene.chat().build().chat("enough", told);
        assertThat(cancelled.join()).isTrue();
        scene.restart(o -> o);
        assertThat(told.end).isNotDone();
    }

    @Test
    void texts_of_one_call_share_a_batch_and_keep_their_order() {
        var model = scene.embeddings().textsPerRequest(2).dimensions(8).build();
        List<TextSegment> texts =
                IntStream.range(0, 5).mapToObj(i -> TextSegment.from("text " + i)).toList();
        Response<List<Embedding>> together = model.embedAll(texts);
        assertThat(scene.batchSizes()).containsExactly(3L);
        assertThat(together.content()).hasSize(5).doesNotHaveDuplicates();
        assertThat(requireNonNull(together.tokenUsage()).inputTokenCount()).isPositive();
        assertThat(together.content().get(4)).isEqualTo(model.embed("text 4").content());
        assertThat(model.dimension()).isEqualTo(8);
        assertThat(model.modelName()).isEqualTo("text-embedding-3-small");
    }

    @Test
    void a_parameter_of_embeddings_without_counterpart_is_refused_by_name() {
        EmbeddingRequest request =
                EmbeddingRequest.builder()
                        .textSegment(TextSegment.from("hello"))
                        .parameters(
                                EmbeddingRequestParameters.builder()
                                        .inputType(EmbeddingInputType.QUERY)
                                        .build())
                        .build();
        assertThatThrownBy(() -> scene.embeddings().build().embed(request))
                .isInstanceOf(UnsupportedFeatureException.class)
                .hasMessageContaining("nput");
    }
}
