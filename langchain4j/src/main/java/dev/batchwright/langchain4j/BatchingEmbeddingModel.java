package dev.batchwright.langchain4j;

import dev.batchwright.JsonRequest;
import dev.batchwright.collect.Collector;
import dev.batchwright.collect.CollectorOptions;
import dev.batchwright.job.RawJson;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.request.DefaultEmbeddingRequestParameters;
import dev.langchain4j.model.embedding.request.EmbeddingInput;
import dev.langchain4j.model.embedding.request.EmbeddingParameter;
import dev.langchain4j.model.embedding.request.EmbeddingRequest;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.TokenUsage;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * An embedding model that gathers calls into batches: each returns when its batch has run. Many
 * texts of one call travel as several requests, of {@value #USUAL_TEXTS} texts each if nothing else
 * is said, in the same batch.
 *
 * <p>Of the parameters of a call, it knows the model and the dimensions; LangChain4j refuses
 * others, and what is no text, by name. Errors are those of {@link BatchingChatModel}.
 *
 * <p>Thread-safe. Closing it closes its collector, but not one that it was given.
 */
public final class BatchingEmbeddingModel implements EmbeddingModel, AutoCloseable {
    private static final int USUAL_TEXTS = 100;

    private final Calls calls;
    private final EmbeddingForm form;
    private final EmbeddingRequestParameters parameters;
    private final int textsPerRequest;
    private final List<EmbeddingModelListener> listeners;

    private BatchingEmbeddingModel(Builder builder) {
        this.form = new EmbeddingForm(builder.fields);
        this.parameters = builder.parameters.build();
        this.textsPerRequest = builder.textsPerRequest;
        this.listeners = builder.listeners;
        this.calls = builder.calls.get();
    }

    /** {@return a builder without a model or options} */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public EmbeddingResponse doEmbed(EmbeddingRequest request) {
        List<String> texts = request.inputs().stream().map(EmbeddingInput::text).toList();
        var parts = new ArrayList<List<String>>();
        for (int from = 0; from < texts.size(); from += textsPerRequest) {
            parts.add(texts.subList(from, Math.min(texts.size(), from + textsPerRequest)));
        }
        List<JsonRequest> requests =
                parts.stream().map(part -> form.write(part, request.parameters())).toList();
        List<RawJson> answers = calls.answers(requests);
        var responses = new ArrayList<EmbeddingResponse>();
        for (int i = 0; i < answers.size(); i++) {
            responses.add(EmbeddingForm.read(answers.get(i), parts.get(i).size()));
        }
        return together(responses);
    }

    private static EmbeddingResponse together(List<EmbeddingResponse> responses) {
        List<Embedding> embeddings =
                responses.stream().flatMap(part -> part.embeddings().stream()).toList();
        @Nullable TokenUsage usage = null;
        for (EmbeddingResponse part : responses) {
            usage = TokenUsage.sum(usage, part.tokenUsage());
        }
        return EmbeddingResponse.builder()
                .embeddings(embeddings)
                .modelName(responses.getFirst().modelName())
                .tokenUsage(usage)
                .build();
    }

    @Override
    public EmbeddingRequestParameters defaultRequestParameters() {
        return parameters;
    }

    @Override
    public Set<EmbeddingParameter<?>> supportedParameters() {
        return Set.of(EmbeddingRequestParameters.MODEL_NAME, EmbeddingRequestParameters.DIMENSIONS);
    }

    /** The length that was asked for; without one, a call finds it out. */
    @Override
    public int dimension() {
        Integer asked = parameters.dimensions();
        return asked == null ? EmbeddingModel.super.dimension() : asked;
    }

    @Override
    public String modelName() {
        String name = parameters.modelName();
        return name == null ? EmbeddingModel.super.modelName() : name;
    }

    @Override
    public List<EmbeddingModelListener> listeners() {
        return listeners;
    }

    @Override
    public void close() {
        calls.close();
    }

    /** Builds a model. Not thread-safe. */
    public static final class Builder {
        private Supplier<Calls> calls = () -> Calls.open(CollectorOptions.builder().build());
        private final DefaultEmbeddingRequestParameters.Builder<?> parameters =
                EmbeddingRequestParameters.builder();
        private Fields fields = Fields.NONE;
        private int textsPerRequest = USUAL_TEXTS;
        private List<EmbeddingModelListener> listeners = List.of();

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
            parameters.modelName(name);
            return this;
        }

        /**
         * Says the length of the vectors, where the model lets it be chosen.
         *
         * @param dimensions at least 1
         * @return this builder
         */
        public Builder dimensions(int dimensions) {
            parameters.dimensions(dimensions);
            return this;
        }

        /**
         * Says how many texts a request has.
         *
         * @param texts the most, at least 1; as many as the provider takes
         * @return this builder
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder textsPerRequest(int texts) {
            if (texts < 1) {
                throw new IllegalArgumentException("A request has at least 1 text, not " + texts);
            }
            textsPerRequest = texts;
            return this;
        }

        /**
         * Sets a field of the body of every request; see {@link BatchingChatModel.Builder#with}.
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
        public Builder listeners(List<EmbeddingModelListener> told) {
            listeners = List.copyOf(told);
            return this;
        }

        /**
         * {@return the model, to be closed}
         *
         * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be
         *     used
         */
        public BatchingEmbeddingModel build() {
            return new BatchingEmbeddingModel(this);
        }
    }
}
