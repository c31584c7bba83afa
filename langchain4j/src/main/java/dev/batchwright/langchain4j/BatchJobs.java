package dev.batchwright.langchain4j;

import dev.batchwright.Answer;
import dev.batchwright.Batchwright;
import dev.batchwright.Job;
import dev.batchwright.JobSpec;
import dev.batchwright.JobStatus;
import dev.batchwright.Request;
import dev.batchwright.Result;
import dev.batchwright.job.RawJson;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.model.batch.BatchError;
import dev.langchain4j.model.batch.BatchItemResult;
import dev.langchain4j.model.batch.BatchPage;
import dev.langchain4j.model.batch.BatchPagination;
import dev.langchain4j.model.batch.BatchRequest;
import dev.langchain4j.model.batch.BatchResponse;
import dev.langchain4j.model.batch.BatchState;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Jobs of one name as batches of LangChain4j.
 *
 * @param name of every job
 * @param settings what else a job is told
 * @param write makes a request of what is asked
 * @param read makes an answer of its body
 */
record BatchJobs<Q, A>(
        Batchwright batchwright,
        String name,
        UnaryOperator<JobSpec<String>> settings,
        Function<Q, Request> write,
        Function<RawJson, A> read) {
    private static final String NOT_EXECUTED = "not_executed";

    BatchResponse<A> submit(BatchRequest<Q> request) {
        JobSpec<String> spec = settings.apply(JobSpec.of(name)).items(request.requests(), write);
        return retrieve(batchwright.submit(spec));
    }

    BatchResponse<A> retrieve(String id) {
        return retrieve(job(id));
    }

    private Job<String> job(String id) {
        return batchwright
                .job(id)
                .orElseThrow(
                        () ->
                                new InvalidRequestException(
                                        "There is no job %s in this store.".formatted(id)));
    }

    private BatchResponse<A> retrieve(Job<String> job) {
        JobStatus status = job.status();
        if (!status.isOver()) {
            status = goOn(job);
        }
        return BatchResponse.<A>builder()
                .batchId(job.id())
                .state(state(status))
                .results(status.isOver() ? results(job, status) : List.of())
                .build();
    }

    /** A job that nobody works on is taken up, as whenever somebody waits for one. */
    private static JobStatus goOn(Job<String> job) {
        try {
            return job.await(Duration.ZERO);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    private static LangChain4jException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LangChain4jException("Interrupted while at a job", e);
    }

    private static BatchState state(JobStatus status) {
        return switch (status.state()) {
            case RUNNING -> BatchState.RUNNING;
            case FINISHED -> BatchState.SUCCEEDED;
            case BLOCKED -> BatchState.FAILED;
            case STOPPED -> BatchState.EXPIRED;
            case CANCELLED -> BatchState.CANCELLED;
        };
    }

    private List<BatchItemResult<A>> results(Job<String> job, JobStatus status) {
        var results = new ArrayList<BatchItemResult<A>>();
        for (Result<A> result : job.returning(this::read).resultsInOrder()) {
            results.add(
                    switch (result) {
                        case Result.Succeeded<A> succeeded ->
                                BatchItemResult.success(succeeded.value());
                        case Result.Failed<A> failed ->
                                BatchItemResult.failure(error(failed, status));
                    });
        }
        return results;
    }

    private A read(Answer answer) {
        return read.apply(answer.body());
    }

    /** The code is the HTTP status of the reply, 0 where there was none. */
    private static <A> BatchError error(Result.Failed<A> failed, JobStatus status) {
        String code = failed.error().code();
        String message = failed.error().message();
        Optional<String> problem = status.problem().filter(text -> code.equals(NOT_EXECUTED));
        return new BatchError(
                failed.reply().map(Answer::statusCode).orElse(0),
                problem.orElse(message),
                List.of(Map.of("code", code, "custom_id", failed.customId())));
    }

    void cancel(String id) {
        try {
            Optional<String> problem = job(id).cancel();
            if (problem.isPresent()) {
                throw new LangChain4jException(problem.get());
            }
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** The jobs of this name, newest first, without results. A page begins after its token. */
    BatchPage<A> list(@Nullable BatchPagination pagination) {
        String after = pagination == null ? null : pagination.pageToken();
        Integer size = pagination == null ? null : pagination.pageSize();
        List<Job<String>> rest =
                batchwright.jobs(Integer.MAX_VALUE).stream()
                        .filter(job -> job.name().equals(name))
                        .dropWhile(job -> after != null && !job.id().equals(after))
                        .skip(after == null ? 0 : 1)
                        .toList();
        List<Job<String>> page = size == null ? rest : rest.subList(0, Math.min(size, rest.size()));
        List<BatchResponse<A>> batches = page.stream().map(this::listed).toList();
        return new BatchPage<>(
                batches, page.size() < rest.size() && !page.isEmpty() ? page.getLast().id() : null);
    }

    private BatchResponse<A> listed(Job<String> job) {
        return BatchResponse.<A>builder().batchId(job.id()).state(state(job.status())).build();
    }
}
