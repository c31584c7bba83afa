package dev.batchwright.langchain4j;

import dev.batchwright.Batchwright;
import dev.batchwright.JobSpec;
import dev.batchwright.job.RawJson;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.batch.BatchPage;
import dev.langchain4j.model.batch.BatchPagination;
import dev.langchain4j.model.batch.BatchRequest;
import dev.langchain4j.model.batch.BatchResponse;
import dev.langchain4j.model.embedding.BatchEmbeddingModel;
import dev.langchain4j.model.embedding.request.EmbeddingRequestParameters;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.model.output.Response;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * LangChain4j's batches of embeddings as durable jobs, in every way like {@link JobChatModel}. Each
 * text is a request of its own, so that one that is refused hurts no other.
 *
 * <p>Thread-safe, immutable.
 */
public final class JobEmbeddingModel implements BatchEmbeddingModel {
    private final Batchwright batchwright;
    private final String name;
    private final UnaryOperator<JobSpec<String>> settings;
    private final Fields fields;
    private final BatchJobs<TextSegment, Response<Embedding>> jobs;

    /**
     * Makes a model of a name.
     *
     * @param batchwright outlives this
     * @param name of its jobs
     * @param settings what else they are told: at least the model
     */
    public JobEmbeddingModel(
            Batchwright batchwright, String name, UnaryOperator<JobSpec<String>> settings) {
        this(batchwright, name, settings, Fields.NONE);
    }

    private JobEmbeddingModel(
            Batchwright batchwright,
            String name,
            UnaryOperator<JobSpec<String>> settings,
            Fields fields) {
        this.batchwright = batchwright;
        this.name = name;
        this.settings = settings;
        this.fields = fields;
        var form = new EmbeddingForm(fields);
        this.jobs =
                new BatchJobs<>(
                        batchwright,
                        name,
                        settings,
                        segment ->
                                form.write(
                                        List.of(segment.text()), EmbeddingRequestParameters.EMPTY),
                        JobEmbeddingModel::read);
    }

    private static Response<Embedding> read(RawJson body) {
        EmbeddingResponse response = EmbeddingForm.read(body, 1);
        return Response.from(response.embeddings().getFirst(), response.tokenUsage());
    }

    /**
     * Sets a field in the body of every request, as in {@code with("dimensions", 256)}.
     *
     * @param field its name
     * @param value a text, number, boolean, {@code null}, list or map
     * @return a new model that does
     */
    public JobEmbeddingModel with(String field, @Nullable Object value) {
        return new JobEmbeddingModel(batchwright, name, settings, fields.with(field, value));
    }

    /**
     * @throws dev.batchwright.InvalidJobException if something is wrong: nothing was sent
     */
    @Override
    public BatchResponse<Response<Embedding>> submit(BatchRequest<TextSegment> request) {
        return jobs.submit(request);
    }

    @Override
    public BatchResponse<Response<Embedding>> retrieve(String batchId) {
        return jobs.retrieve(batchId);
    }

    /**
     * @throws dev.langchain4j.exception.LangChain4jException if something came in the way at the
     *     provider; cancelling again tries it again
     */
    @Override
    public void cancel(String batchId) {
        jobs.cancel(batchId);
    }

    @Override
    public BatchPage<Response<Embedding>> list(@Nullable BatchPagination pagination) {
        return jobs.list(pagination);
    }
}
