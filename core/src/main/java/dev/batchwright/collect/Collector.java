package dev.batchwright.collect;

import dev.batchwright.collect.CollectorEvent.Batch;
import dev.batchwright.collect.Intake.Ready;
import dev.batchwright.input.CallBody;
import dev.batchwright.input.InputException;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Mode;
import dev.batchwright.store.CallKey;
import dev.batchwright.store.CallPlace;
import dev.batchwright.store.CallsTakenException;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * Gathers single calls into jobs and gives each caller its answer. A call waits for others for a
 * moment (window, size, bytes); then the group becomes one durable job, which this process runs, in
 * the provider's batches at half the price, or live. Calls for any endpoints and models may be
 * mixed: the planner splits them.
 *
 * <p><b>A call is known again.</b> What is asked, of whom, for which scope, and how often before in
 * this session: that is its identity. A program that was killed and makes its calls again gets, for
 * its first call of a kind the first answer, for its second the second: one that was paid for, or
 * that is under way. So deliberate repeats within a program stay repeats, and none is paid twice. A
 * call that ended without an answer (a deadline, a refusal, a closed collector) is not counted: the
 * next equal one takes its place. Answers are kept for reuse for a time; failures never are.
 *
 * <p><b>Crashes.</b> Before the group is stored, nothing was sent. The rows that know calls again
 * are committed with the job. From then on the job is like any other: whoever works on it, the
 * outcomes are in the store, and calls made again find them there.
 *
 * <p><b>Threads and memory.</b> {@link #submit} returns at once, from any thread. One thread stores
 * groups, looks for outcomes and hands them out; each answer is completed on a virtual thread of
 * its own, so that what callers do with it delays nobody. A waiting call costs its future and some
 * hundred bytes; its body is let go when it is stored, and its answer stays in the store until it
 * is there.
 */
public final class Collector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Collector.class);
    private static final Duration LOOK = Duration.ofMillis(200);
    private static final Duration IDLE = Duration.ofMinutes(10);
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(10);
    private static final Duration SWEEP = Duration.ofHours(1);

    private final Workbench workbench;
    private final boolean ownsWorkbench;
    private final CollectorOptions options;
    private final Clock clock;
    private final Intake intake;
    private final Crew crew;
    private final Gathering gathering;
    private final CallNumbers numbers;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;

    // The thread's own; and the closer's, when that is over.
    private final Map<JobId, WaitingJob> jobs = new HashMap<>();
    private Instant swept;

    /**
     * Opens one for a program, with the store, the configuration and the keys that the command line
     * would find.
     *
     * @throws dev.batchwright.config.ConfigurationException with all that is wrong with the
     *     configuration
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
    public static Collector open(CollectorOptions options) {
        return open(options, System.getenv());
    }

    /** The same with these variables instead of the environment's. */
    public static Collector open(CollectorOptions options, Map<String, String> variables) {
        Workbench workbench =
                Workbench.open(
                        new Workbench.Settings(
                                variables,
                                Path.of(""),
                                Path.of(System.getProperty("user.home")),
                                options.store(),
                                Clock.systemUTC(),
                                UnaryOperator.identity()));
        try {
            return new Collector(workbench, options, true);
        } catch (RuntimeException e) {
            workbench.close();
            throw e;
        }
    }

    /**
     * @param workbench that outlives this; the store in the options is not looked at
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
    public Collector(Workbench workbench, CollectorOptions options) {
        this(workbench, options, false);
    }

    private Collector(Workbench workbench, CollectorOptions options, boolean ownsWorkbench) {
        this.workbench = workbench;
        this.ownsWorkbench = ownsWorkbench;
        this.options = options;
        this.clock = workbench.clock();
        this.intake = new Intake(workbench, options);
        this.crew = new Crew(workbench);
        this.gathering =
                new Gathering(options.batchWindow(), options.batchSize(), options.batchBytes());
        this.numbers = new CallNumbers(options.reuse(), clock.instant());
        this.swept = clock.instant();
        workbench.store().calls().sweep(swept);
        this.thread = Thread.ofPlatform().daemon().name("collector").start(this::work);
    }

    /**
     * Takes a call; its answer comes when its group has run. Refusals are answers, too: the
     * provider's own, or one in its form.
     *
     * <p>The future completes exceptionally with a {@link NoAnswerException} if there will be no
     * answer, a {@link TimeoutException} at the call's deadline, a {@link
     * dev.batchwright.store.StoreException} if the store fails. Cancelling it ends the waiting, not the request.
     */
    public CompletableFuture<CollectedAnswer> submit(Call call) {
        CallBody body;
        try {
            body = CallBody.read(call.body());
        } catch (InputException e) {
            return CompletableFuture.completedFuture(
                    refusal(call, "invalid_json", String.valueOf(e.getMessage())));
        }
        if (body.background()) {
            return CompletableFuture.completedFuture(
                    refusal(
                            call,
                            "unsupported_parameter",
                            "`background` is true: the answer would not be in the reply. Remove"
                                    + " `background`."));
        }
        Optional<Duration> patience = call.deadline().or(options::deadline);
        var waiter = new Waiter(call.endpoint(), body, patience.map(clock.instant()::plus));
        pending.incrementAndGet();
        var unused = waiter.future.whenComplete((answer, problem) -> pending.decrementAndGet());
        patience.ifPresent(span -> waiter.future.orTimeout(span.toNanos(), TimeUnit.NANOSECONDS));
        if (!gathering.add(waiter, body.json().length())) {
            waiter.fail(unsent());
        }
        return waiter.future;
    }

    private static CollectedAnswer refusal(Call call, String code, String message) {
        return new CollectedAnswer(
                400, "", ErrorBody.of(call.endpoint(), 400, code, message), Optional.empty());
    }

    private static NoAnswerException unsent() {
        return new NoAnswerException(
                NoAnswerException.Reason.CLOSED,
                "The collector was closed before this call was sent; it cost nothing. Make it"
                        + " again.");
    }

    /** How many calls wait for their answer. */
    public long waiting() {
        return pending.get();
    }

    // The collector's thread.
    private void work() {
        long nextLook = System.nanoTime();
        try {
            while (!gathering.isClosed()) {
                long now = System.nanoTime();
                if (now - nextLook >= 0) {
                    jobs.values().removeIf(this::isOver);
                    nextLook = System.nanoTime() + LOOK.toNanos();
                }
                Duration patience =
                        jobs.isEmpty()
                                ? IDLE
                                : Duration.ofNanos(Math.max(0, nextLook - System.nanoTime()));
                take(gathering.next(patience));
            }
        } catch (InterruptedException e) {
            // Nobody interrupts it; it would mean the same as closing.
        } catch (RuntimeException | Error e) {
            // The edge of the thread: without it nobody would be answered, so everybody is told.
            LOG.error("The collector stopped", e);
            gathering.close().forEach(waiter -> waiter.fail(e));
            jobs.values().forEach(job -> job.endAll(waiter -> waiter.fail(e)));
        }
    }

    private void take(List<Waiter> group) {
        if (group.isEmpty()) {
            return;
        }
        try {
            sweep();
            for (List<Ready> calls : byDeadline(intake.judge(group)).values()) {
                store(calls);
            }
        } catch (RuntimeException e) {
            // The edge of the group: whatever it is, its callers are told, and the next group has
            // its own chance.
            LOG.debug("A group of calls was not stored", e);
            for (Waiter waiter : group) {
                if (waiter.body != null) {
                    waiter.fail(e);
                }
            }
            tell(
                    new CollectorEvent.BatchSubmissionFailed(
                            clock.instant(), group.size(), String.valueOf(e.getMessage())));
        }
    }

    private void sweep() {
        Instant now = clock.instant();
        if (Duration.between(swept, now).compareTo(SWEEP) >= 0) {
            swept = now;
            workbench.store().calls().sweep(now);
        }
    }

    /**
     * Those whose callers wait about equally long become one job, where its deadline decides what
     * travels how. Elsewhere a deadline is the caller's own: what is on its way goes on.
     */
    private Map<Long, List<Ready>> byDeadline(List<Ready> calls) {
        boolean together = options.mode() != Mode.AUTO;
        long span = Math.max(1, options.batchWindow().toMillis());
        var groups = new LinkedHashMap<Long, List<Ready>>();
        for (Ready call : calls) {
            long group =
                    call.waiter()
                            .deadline
                            .filter(deadline -> !together)
                            .map(deadline -> deadline.toEpochMilli() / span)
                            .orElse(Long.MAX_VALUE);
            groups.computeIfAbsent(group, any -> new ArrayList<>()).add(number(call));
        }
        return groups;
    }

    private Ready number(Ready call) {
        CallKey key = numbers.take(call.key(), clock.instant());
        var unused =
                call.waiter()
                        .future
                        .whenComplete(
                                (answer, problem) -> {
                                    if (answer == null || !answer.isGood()) {
                                        numbers.giveBack(key);
                                    }
                                });
        return call.numbered(key);
    }

    private void store(List<Ready> calls) {
        Optional<Instant> deadline =
                jobDeadline(
                        calls.stream()
                                .flatMap(call -> call.waiter().deadline.stream())
                                .min(Instant::compareTo));
        List<Ready> rest = calls;
        while (!rest.isEmpty()) {
            rest = attachKnown(rest, deadline);
            try {
                if (!rest.isEmpty()) {
                    submit(rest, deadline);
                }
                return;
            } catch (CallsTakenException e) {
                // Another program was faster: now its job is found.
            }
        }
    }

    private Optional<Instant> jobDeadline(Optional<Instant> first) {
        return options.mode() == Mode.AUTO ? first : Optional.empty();
    }

    /** Joins those calls that an item answers already, or will; returns the others. */
    private List<Ready> attachKnown(List<Ready> calls, Optional<Instant> deadline) {
        Map<CallKey, CallPlace> known =
                workbench
                        .store()
                        .calls()
                        .find(calls.stream().map(Ready::key).toList(), clock.instant());
        var rest = new ArrayList<Ready>();
        for (Ready call : calls) {
            CallPlace place = known.get(call.key());
            Optional<WaitingJob> job =
                    place == null ? Optional.empty() : attach(place.job(), deadline);
            if (place != null && job.isPresent()) {
                await(job.get(), place.seq(), call.waiter());
            } else {
                rest.add(call);
            }
        }
        return rest;
    }

    private static void await(WaitingJob job, long seq, Waiter waiter) {
        waiter.body = null;
        job.add(seq, waiter);
    }

    /** A job that calls are answered by, going on if it can; empty if it is gone. */
    private Optional<WaitingJob> attach(JobId id, Optional<Instant> deadline) {
        WaitingJob known = jobs.get(id);
        if (known != null) {
            return Optional.of(known);
        }
        Optional<Job> found = workbench.store().find(id);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        Job job = found.get();
        boolean over =
                job.state() instanceof JobState.Finished
                        || job.state() instanceof JobState.Cancelled;
        if (!over && !(job.state() instanceof JobState.Active)) {
            workbench.resume(job, intake.spec(deadline));
            job = workbench.activate(job);
        }
        return Optional.of(watch(job, over ? CompletableFuture.completedFuture(job) : pursue(job)));
    }

    private void submit(List<Ready> calls, Optional<Instant> deadline) {
        Job job = intake.submit(calls, deadline, clock.instant().plus(options.reuse()));
        WaitingJob waiting = watch(job, new CompletableFuture<>());
        long seq = 0;
        for (Ready call : calls) {
            await(waiting, ++seq, call.waiter());
        }
        waiting.pursuedUntil(pursue(job));
    }

    private CompletableFuture<Job> pursue(Job job) {
        return crew.start(job, word -> {});
    }

    private WaitingJob watch(Job job, CompletableFuture<Job> end) {
        var batches = new BatchWatch(job.id(), job.spec(), clock, this::tell);
        var waiting = new WaitingJob(job, batches, end);
        jobs.put(job.id(), waiting);
        return waiting;
    }

    private void tell(CollectorEvent event) {
        try {
            options.listener().accept(event);
        } catch (RuntimeException e) {
            // The listener is the user's: its failure is its own.
            LOG.warn("The listener failed on {}", event.name(), e);
        }
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
            waiting.deliver(store);
            waiting.batches().look(store.batches(waiting.id()));
            if (pursued) {
                return false;
            }
            if (job.get().state() instanceof JobState.Stopped && waiting.size() > 0) {
                goOn(waiting, job.get());
                return false;
            }
            if (job.get().state() instanceof JobState.Active) {
                waiting.endAll(waiter -> waiter.fail(problem(waiting.end())));
            } else {
                endAll(waiting, job.get().state());
            }
            return true;
        } catch (RuntimeException e) {
            // The edge of the job: whoever waits for it is told, and the others go on.
            waiting.endAll(waiter -> waiter.fail(e));
            return true;
        }
    }

    /** Its deadline was that of callers who are gone; who waits now has more patience. */
    private void goOn(WaitingJob waiting, Job job) {
        Optional<Instant> next = waiting.deadline();
        if (next.isPresent() && !next.get().isAfter(clock.instant())) {
            return; // That one is about to go, too.
        }
        workbench.resume(job, intake.spec(jobDeadline(next)));
        waiting.pursuedUntil(pursue(workbench.activate(job)));
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

    private static NoAnswerException goesOn() {
        return new NoAnswerException(
                NoAnswerException.Reason.CLOSED,
                "The collector was closed before the answer was there. Nothing is lost: the same"
                        + " call made again gets it.");
    }

    /**
     * Ends all waiting. Calls that were not stored yet cost nothing; jobs under way go on at the
     * provider, or are cancelled, as the options say. Waits until live calls under way are over.
     */
    @Override
    public void close() {
        if (closed.getAndSet(true)) {
            return;
        }
        List<Waiter> unstored = gathering.close();
        joinThread();
        for (Waiter waiter : unstored) {
            waiter.fail(unsent());
        }
        Collection<WaitingJob> open = jobs.values();
        open.removeIf(this::isOver);
        tell(
                new CollectorEvent.ClientClosing(
                        clock.instant(),
                        unstored.size() + open.stream().mapToLong(WaitingJob::size).sum(),
                        open.stream()
                                .flatMap(job -> job.batches().running().stream())
                                .map(Batch::batchId)
                                .toList(),
                        options.cancelOnClose()));
        if (options.cancelOnClose()) {
            open.forEach(this::cancel);
            open.forEach(this::awaitCancelled);
        }
        crew.close();
        for (WaitingJob job : open) {
            job.endAll(waiter -> waiter.fail(goesOn()));
        }
        jobs.clear();
        if (ownsWorkbench) {
            workbench.close();
        }
    }

    private void joinThread() {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void cancel(WaitingJob job) {
        for (Batch batch : job.batches().running()) {
            tell(new CollectorEvent.BatchCancelRequested(clock.instant(), batch));
        }
        JobStore store = workbench.store();
        if (store.transition(job.id(), new JobState.Active(), new JobState.Cancelled())) {
            store.addEvent(job.id(), "cancelled", "");
        }
    }

    private void awaitCancelled(WaitingJob job) {
        String problem =
                "It was not over after %d s; it may still be."
                        .formatted(CANCEL_PATIENCE.toSeconds());
        try {
            job.end().get(CANCEL_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // What is known by then is told.
        } catch (ExecutionException e) {
            problem = String.valueOf(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        var now = workbench.store().batches(job.id());
        for (Batch batch : job.batches().running()) {
            tell(
                    BatchWatch.end(batch, now).isPresent()
                            ? new CollectorEvent.BatchCancelledUpstream(clock.instant(), batch)
                            : new CollectorEvent.BatchCancelFailed(
                                    clock.instant(), batch, problem));
        }
        job.deliver(workbench.store());
    }
}
