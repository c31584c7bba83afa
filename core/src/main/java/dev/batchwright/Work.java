package dev.batchwright;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Usage;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * What this process does for a job: it takes it to its end in the background. The job itself is in
 * the store; if this process goes, another's work, or this program's next start, goes on with it.
 * Thread-safe.
 */
final class Work {
    private static final Logger LOG = LoggerFactory.getLogger(Batchwright.class);

    private final CompletableFuture<JobStatus> end;

    Work(JobStore store, Crew crew, Job job) {
        JobId id = job.id();
        this.end =
                crew.start(job, choice -> LOG.info("Job {}: {}", id, choice))
                        .handle(
                                (ended, problem) -> {
                                    if (problem != null) {
                                        throw problem instanceof RuntimeException failed
                                                ? Failures.of(failed)
                                                : new IllegalStateException(problem);
                                    }
                                    return status(store, id);
                                });
    }

    /** The job's status when nobody here goes on with it; or why the work on it failed. */
    CompletableFuture<JobStatus> end() {
        return end;
    }

    boolean isOver() {
        return end.isDone();
    }

    static JobStatus status(JobStore store, JobId id) {
        Job job =
                store.find(id)
                        .orElseThrow(
                                () -> new InvalidJobException("Job %s was deleted.".formatted(id)));
        List<JobId> rounds = Rounds.all(store, id);
        Progress progress = store.progress(id);
        long requests = 0;
        Cost cost = Cost.ZERO;
        Usage usage = Usage.NONE;
        for (JobId round : rounds.subList(1, rounds.size())) {
            Progress again = store.progress(round);
            requests += again.items();
            cost = cost.plus(again.cost());
            usage = usage.plus(again.usage());
        }
        JobState state = state(store, rounds, job);
        return new JobStatus(
                switch (state) {
                    case JobState.Loading loading -> JobStatus.State.RUNNING;
                    case JobState.Active active -> JobStatus.State.RUNNING;
                    case JobState.Finished finished -> JobStatus.State.FINISHED;
                    case JobState.Blocked blocked -> JobStatus.State.BLOCKED;
                    case JobState.Stopped stopped -> JobStatus.State.STOPPED;
                    case JobState.Cancelled cancelled -> JobStatus.State.CANCELLED;
                },
                switch (state) {
                    case JobState.Blocked(String problem) -> Optional.of(problem);
                    case JobState.Stopped(String reason) -> Optional.of(reason);
                    default -> Optional.empty();
                },
                new Progress(
                        progress.items(),
                        progress.succeeded(),
                        progress.failed(),
                        progress.usage().plus(usage),
                        progress.cost().plus(cost)),
                new JobStatus.Asked(requests, cost),
                job.createdAt());
    }

    /**
     * While one of the rounds is worked on the job is; else it is what keeps a round from its end.
     */
    private static JobState state(JobStore store, List<JobId> rounds, Job first) {
        List<JobState> states =
                rounds.stream().flatMap(id -> store.find(id).stream()).map(Job::state).toList();
        return states.stream()
                .filter(it -> it instanceof JobState.Active || it instanceof JobState.Loading)
                .findFirst()
                .or(
                        () ->
                                states.stream()
                                        .filter(it -> !(it instanceof JobState.Finished))
                                        .findFirst())
                .orElse(first.state());
    }
}
