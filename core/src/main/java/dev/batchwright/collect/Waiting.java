package dev.batchwright.collect;

import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Pursuit;
import dev.batchwright.workbench.Workbench;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/**
 * The jobs whose outcomes somebody waits for, or that this process works on for callers who may
 * come again. Outcomes that this process indexes are heard of at once ({@link #tell}); those of
 * other processes, and what happens to batches, are looked for now and then.
 *
 * <p>For the collector's thread, but for {@link #tell}.
 */
final class Waiting {
    private final Workbench workbench;
    private final CollectorOptions options;
    private final Clock clock;
    private final Crew crew;
    private final Intake intake;
    private final Consumer<CollectorEvent> listener;
    private final Map<JobId, WaitingJob> jobs = new HashMap<>();
    private final ConcurrentLinkedQueue<News> news = new ConcurrentLinkedQueue<>();

    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    private record News(JobId job, long[] seqs) {}

    Waiting(
            Workbench workbench,
            CollectorOptions options,
            Crew crew,
            Intake intake,
            Consumer<CollectorEvent> listener) {
        this.workbench = workbench;
        this.options = options;
        this.clock = workbench.clock();
        this.crew = crew;
        this.intake = intake;
        this.listener = listener;
    }

    boolean isEmpty() {
        return jobs.isEmpty();
    }

    /** Whether a job is waited for that another process gathers. */
    boolean waitsForOthers() {
        return jobs.values().stream().anyMatch(WaitingJob::isGatheredElsewhere);
    }

    boolean knows(JobId id) {
        return jobs.containsKey(id);
    }

    Collection<WaitingJob> all() {
        return jobs.values();
    }

    /** Outcomes of a job were indexed. From any thread. */
    void tell(JobId id, long[] seqs) {
        news.add(new News(id, seqs));
    }

    /** Hands out the answers that were told of. */
    void deliverNews() {
        for (News fresh = news.poll(); fresh != null; fresh = news.poll()) {
            WaitingJob job = jobs.get(fresh.job);
            if (job != null) {
                deliver(job, fresh.seqs);
            }
        }
    }

    private void deliver(WaitingJob job, long[] seqs) {
        try {
            job.deliver(workbench.store(), seqs);
        } catch (RuntimeException e) {
            // The edge of the job: whoever waits for it is told, and the others go on.
            job.endAll(waiter -> waiter.fail(e));
        }
    }

    /** Looks at every job; those are forgotten that are over and answered. */
    void look() {
        jobs.values().removeIf(this::isOver);
    }

    /** A job that grows, or is about to be worked on here. */
    WaitingJob watch(Job job) {
        return watch(job, new CompletableFuture<>());
    }

    private WaitingJob watch(Job job, CompletableFuture<Job> end) {
        var batches =
                new BatchWatch(job.id(), job.spec(), clock, listener, workbench.store()::tell);
        var waiting = new WaitingJob(job, batches, end);
        jobs.put(job.id(), waiting);
        return waiting;
    }

    /** Works on it here, from now on. */
    void pursue(WaitingJob waiting, Job job) {
        waiting.pursuedUntil(crew.start(job, word -> {}));
    }

    /** Goes on with a job that nobody works on. */
    void takeUp(Job job) {
        pursue(watch(job), job);
    }

    /** A job has grown that is worked on here. */
    void wake(JobId id) {
        crew.pursuit(id).ifPresent(Pursuit::wake);
    }

    /** Nothing of it is there any more. */
    void forget(WaitingJob job) {
        jobs.remove(job.id());
    }

    /** A job that calls are answered by, going on if it can; empty if it is gone. */
    Optional<WaitingJob> attach(JobId id, Optional<Instant> deadline) {
        WaitingJob known = jobs.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        return workbench.store().find(id).map(job -> attach(job, deadline));
    }

    private WaitingJob attach(Job job, Optional<Instant> deadline) {
        return switch (job.state()) {
            // Another process gathers it; when it is Active, it is looked at as its own.
            case JobState.Loading loading -> gatheredElsewhere(job);
            case JobState.Active active -> attached(job);
            case JobState.Finished finished -> watch(job, CompletableFuture.completedFuture(job));
            case JobState.Cancelled cancelled -> watch(job, CompletableFuture.completedFuture(job));
            case JobState.Blocked blocked -> attached(resumed(job, deadline));
            case JobState.Stopped stopped -> attached(resumed(job, deadline));
        };
    }

    private WaitingJob gatheredElsewhere(Job job) {
        WaitingJob waiting = watch(job);
        waiting.gatheredElsewhere(true);
        return waiting;
    }

    private WaitingJob attached(Job job) {
        WaitingJob waiting = watch(job);
        pursue(waiting, job);
        return waiting;
    }

    private Job resumed(Job job, Optional<Instant> deadline) {
        workbench.resume(job, intake.again(job.spec(), deadline));
        return workbench.activate(job);
    }

    /** Hands out what is there of a job; says whether nothing more will come. */
    private boolean isOver(WaitingJob waiting) {
        JobStore store = workbench.store();
        try {
            boolean pursued = !waiting.end().isDone();
            Optional<Job> job = store.find(waiting.id());
            if (job.isEmpty()) {
                endAll(waiting, new JobState.Cancelled());
                return true;
            }
            if (job.get().state() instanceof JobState.Loading) {
                return false;
            }
            if (waiting.isGatheredElsewhere()) {
                // Whoever runs it, and dies: it goes on.
                waiting.gatheredElsewhere(false);
                pursue(waiting, job.get());
                return false;
            }
            waiting.deliver(store);
            if (waiting.mayHaveBatches()) {
                waiting.batches().look(store.batches(waiting.id()));
            }
            return !pursued && isSettled(waiting, job.get());
        } catch (RuntimeException e) {
            // The edge of the job: whoever waits for it is told, and the others go on.
            waiting.endAll(waiter -> waiter.fail(e));
            return waiting.end().isDone();
        }
    }

    private boolean isSettled(WaitingJob waiting, Job job) {
        if (job.state() instanceof JobState.Stopped && waiting.size() > 0) {
            goOn(waiting, job);
            return false;
        }
        if (options.serving().isPresent()) {
            workbench.store().calls().keep(job.id(), clock.instant().plus(options.reuse()));
        }
        if (job.state() instanceof JobState.Active) {
            waiting.endAll(waiter -> waiter.fail(problem(waiting.end())));
        } else {
            endAll(waiting, job.state());
        }
        return true;
    }

    /** Its deadline was that of callers who are gone; who waits now has more patience. */
    private void goOn(WaitingJob waiting, Job job) {
        Optional<Instant> next = waiting.deadline();
        if (next.isPresent() && !next.get().isAfter(clock.instant())) {
            return; // That one is about to go, too.
        }
        workbench.resume(job, intake.again(job.spec(), next));
        pursue(waiting, workbench.activate(job));
    }

    private static Throwable problem(CompletableFuture<Job> end) {
        return end.isCompletedExceptionally() ? end.exceptionNow() : goesOn();
    }

    private static void endAll(WaitingJob waiting, JobState state) {
        waiting.endAll(waiter -> waiter.fail(ending(waiting.id(), state)));
    }

    private static NoAnswerException ending(JobId job, JobState state) {
        return switch (state) {
            case JobState.Blocked(String problem) ->
                    new NoAnswerException(NoAnswerException.Reason.BLOCKED, problem);
            case JobState.Stopped(String reason) ->
                    new NoAnswerException(NoAnswerException.Reason.STOPPED, reason);
            case JobState.Cancelled cancelled ->
                    new NoAnswerException(
                            NoAnswerException.Reason.CANCELLED,
                            "Job %s, which this call was a part of, was cancelled or deleted. The same call made again is a new one."
                                    .formatted(job));
            case JobState.Finished finished -> goesOn();
            case JobState.Active active -> goesOn();
            case JobState.Loading loading -> goesOn();
        };
    }

    static NoAnswerException goesOn() {
        return new NoAnswerException(
                NoAnswerException.Reason.CLOSED,
                "The collector was closed before the answer was there. Nothing is lost: the same"
                        + " call made again gets it.");
    }

    /** How long it takes until a look at jobs that tell nothing by themselves is due again. */
    static Duration pause(Duration shortest, Duration lastLook) {
        Duration fair = lastLook.multipliedBy(10);
        return fair.compareTo(shortest) > 0 ? fair : shortest;
    }
}
