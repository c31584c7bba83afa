package dev.batchwright.langchain4j;

import dev.batchwright.collect.CollectedAnswer;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A chat model that gathers calls into batches: each returns when its batch has run. As a streaming
 * model it returns at once, and tells the whole answer, in one part, when it is there.
 *
 * <pre>{@code
 * try (var model = BatchingChatModel.builder().modelName("gpt-4o-mini").build()) {
 *     String answer = model.chat("Why is the sky blue?");
 * }
 * }</pre>
 *
 * <p>Make many calls at once, each on a virtual thread: those of one window share a batch. An equal
 * call of a program that was started again gets the answer that was paid for (see {@link
 * Collector}).
 *
 * <p>A provider's refusal is LangChain4j's exception for its status; what a chat completion can't
 * say is an {@link dev.langchain4j.exception.UnsupportedFeatureException} before anything is sent.
 * A call that ends without an answer throws a {@link
 * dev.langchain4j.exception.LangChain4jException}, the cause of which says why.
 *
 * <p>Thread-safe. Closing it closes its collector, but not one that it was given.
 */
public final class BatchingChatModel implements ChatModel, StreamingChatModel, AutoCloseable {
    private final Calls calls;
    private final ChatForm form;
    private final ChatRequestParameters parameters;
    private final List<ChatModelListener> listeners;

    private BatchingChatModel(Builder builder) {
        ChatForm.check(builder.parameters);
        this.form = new ChatForm(builder.fields);
        this.parameters = builder.parameters;
        this.listeners = builder.listeners;
        this.calls = builder.calls.get();
    }

    /** {@return a builder without a model or options} */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        return ChatAnswer.read(calls.answers(List.of(form.write(request))).getFirst());
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        var told = new ToldAnswer(handler);
        CompletableFuture<CollectedAnswer> call = calls.submit(form.write(request));
        var unused = call.whenComplete(told::tell);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return parameters;
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    /** Which one it is, the options or the model say. */
    @Override
    public ModelProvider provider() {
        return ModelProvider.OTHER;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }

    @Override
    public void close() {
        calls.close();
    }

    /** Builds a model. Not thread-safe. */
    public static final class Builder {
        private Supplier<Calls> calls = () -> Calls.open(CollectorOptions.builder().build());
        private ChatRequestParameters parameters = ChatRequestParameters.builder().build();
        private Fields fields = Fields.NONE;
        private List<ChatModelListener> listeners = List.of();

        private Builder() {}

        /**
         * Says how calls are gathered, and where they go.
         *
         * @param options the defaults without it
         * @return this builder
         */
        public Builder options(CollectorOptions options) {
            calls = () -> Calls.open(options);
            return this;
        }

        /**
         * Gathers calls with those of others.
         *
         * @param collector stays open when the model is closed
         * @return this builder
         */
        public Builder collector(Collector collector) {
            calls = () -> Calls.of(collector);
            return this;
        }

        /**
         * Says the model of requests that name none.
         *
         * @param name as its provider calls it
         * @return this builder
         */
        public Builder modelName(String name) {
            return defaultRequestParameters(
                    ChatRequestParameters.builder().modelName(name).build());
        }

        /**
         * Says what a request has that does not say otherwise.
         *
         * @param defaults add to what was said before
         * @return this builder
         */
        public Builder defaultRequestParameters(ChatRequestParameters defaults) {
            parameters = parameters.overrideWith(defaults);
            return this;
        }

        /**
         * Sets a field of the body of every request, for what LangChain4j has no parameter, as in
         * {@code with("reasoning_effort", "low")}.
         *
         * @param name of the field
         * @param value a text, number, boolean, {@code null}, list or map
         * @return this builder
         */
        public Builder with(String name, @Nullable Object value) {
            fields = fields.with(name, value);
            return this;
        }

        /**
         * Says who is told of each call.
         *
         * @param told in this order
         * @return this builder
         */
        public Builder listeners(List<ChatModelListener> told) {
            listeners = List.copyOf(told);
            return this;
        }

        /**
         * {@return the model, to be closed}
         *
         * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be
         *     used
         */
        public BatchingChatModel build() {
            return new BatchingChatModel(this);
        }
    }
}
