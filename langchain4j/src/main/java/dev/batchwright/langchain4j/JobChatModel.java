package dev.batchwright.langchain4j;

import dev.batchwright.Batchwright;
import dev.batchwright.JobSpec;
import dev.langchain4j.model.batch.BatchPage;
import dev.langchain4j.model.batch.BatchPagination;
import dev.langchain4j.model.batch.BatchRequest;
import dev.langchain4j.model.batch.BatchResponse;
import dev.langchain4j.model.chat.BatchChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;

import org.jspecify.annotations.Nullable;

import java.util.function.UnaryOperator;

/**
 * LangChain4j's batches of chat requests as durable jobs: of any size, for any provider, in batches
 * or live as is best, and gone on with after a crash.
 *
 * <pre>{@code
 * BatchChatModel model =
 *         new JobChatModel(batchwright, "triage", job -> job.model("gpt-4o-mini").maxCost("20 USD"));
 * String id = model.submit(new BatchRequest<>(requests)).batchId();
 * }</pre>
 *
 * <p>A batch is a job, its id the job's id: it can be asked for from any process that has the
 * store, and seen on the command line. Submitting equal requests under the same name is the same
 * job, unless {@link JobSpec#fresh} is set. {@link #retrieve} of an unfinished job takes it up, if
 * nobody works on it, and returns at once. When a job is over, there is a result for each request,
 * in their order: all at once in memory, as the interface has it.
 *
 * <p>A job that is blocked (a bad key, no quota) is {@code FAILED}, one that was stopped at its
 * deadline or budget is {@code EXPIRED}; submitted again, both go on. {@link #list} has the jobs of
 * the name, without their results.
 *
 * <p>Thread-safe, immutable. It is not LangChain4j's to close {@link Batchwright}.
 */
public final class JobChatModel implements BatchChatModel {
    private final Batchwright batchwright;
    private final String name;
    private final UnaryOperator<JobSpec<String>> settings;
    private final Fields fields;
    private final BatchJobs<ChatRequest, ChatResponse> jobs;

    /**
     * Makes a model of a name.
     *
     * @param batchwright outlives this
     * @param name of its jobs
     * @param settings what else they are told: at least the model, if requests name none
     */
    public JobChatModel(
            Batchwright batchwright, String name, UnaryOperator<JobSpec<String>> settings) {
        this(batchwright, name, settings, Fields.NONE);
    }

    private JobChatModel(
            Batchwright batchwright,
            String name,
            UnaryOperator<JobSpec<String>> settings,
            Fields fields) {
        this.batchwright = batchwright;
        this.name = name;
        this.settings = settings;
        this.fields = fields;
        this.jobs =
                new BatchJobs<>(
                        batchwright, name, settings, new ChatForm(fields)::write, ChatAnswer::read);
    }

    /**
     * Sets a field in the body of every request; see {@link BatchingChatModel.Builder#with}.
     *
     * @param field its name
     * @param value a text, number, boolean, {@code null}, list or map
     * @return a new model that does
     */
    public JobChatModel with(String field, @Nullable Object value) {
        return new JobChatModel(batchwright, name, settings, fields.with(field, value));
    }

    /**
     * @throws dev.langchain4j.exception.UnsupportedFeatureException if a request says something
     *     that a chat completion can't say: nothing was sent
     * @throws dev.batchwright.InvalidJobException if something else is wrong: nothing was sent
     */
    @Override
    public BatchResponse<ChatResponse> submit(BatchRequest<ChatRequest> request) {
        return jobs.submit(request);
    }

    @Override
    public BatchResponse<ChatResponse> retrieve(String batchId) {
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
    public BatchPage<ChatResponse> list(@Nullable BatchPagination pagination) {
        return jobs.list(pagination);
    }
}
