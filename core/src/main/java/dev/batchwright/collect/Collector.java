package dev.batchwright.collect;

import dev.batchwright.collect.CollectorEvent.Batch;
import dev.batchwright.input.CallBody;
import dev.batchwright.input.InputException;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.store.CallPlace;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Results;
import dev.batchwright.store.StoredResult;
import dev.batchwright.workbench.Crew;
import dev.batchwright.workbench.Workbench;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collection;
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
 * <p><b>Serving.</b> For a server ({@link CollectorOptions.Serving}) a call is an item of a job
 * that grows, and durable, as soon as it is accepted; equal calls of one owner are one call,
 * however many wait for it, and a repeat must be labelled ({@link Call.Terms}).
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
    private static final int MOST_AT_ONCE = 1_000;
    private static final Duration CANCEL_PATIENCE = Duration.ofSeconds(10);

    private final Workbench workbench;
    private final boolean ownsWorkbench;
    private final CollectorOptions options;
    private final Clock clock;
    private final Intake intake;
    private final Crew crew;
    private final Gathering gathering;
    private final AtomicLong pending = new AtomicLong();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final JobStore.Listening listening;
    private final Thread thread;

    // The thread's own; and the closer's, when that is over.
    private final Waiting waiting;
    private final Filing filing;

    /**
     * Opens one for a program, with the store, the configuration and the keys that the command line
     * would find.
     *
     * @param options how calls are gathered, and where they go
     * @return it, to be closed
     * @throws dev.batchwright.config.ConfigurationException with all that is wrong with the
     *     configuration
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
    public static Collector open(CollectorOptions options) {
        return open(options, System.getenv());
    }

    /**
     * Opens one as {@link #open(CollectorOptions)} does, with variables of its own.
     *
     * @param options how calls are gathered, and where they go
     * @param variables in the place of the environment's
     * @return it, to be closed
     * @throws dev.batchwright.config.ConfigurationException with all that is wrong with the
     *     configuration
     * @throws dev.batchwright.workbench.RefusedException if the store or the provider can't be used
     */
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
     * Makes one for who has opened the store already.
     *
     * @param workbench outlives this
     * @param options how calls are gathered, and where they go; the store in them is not looked at
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
        this.waiting = new Waiting(workbench, options, crew, intake, this::tell);
        boolean serving = options.serving().isPresent();
        // Where calls are stored as they come, they wait for others in their queues.
        this.gathering =
                new Gathering(
                        serving ? Duration.ZERO : options.batchWindow(),
                        serving ? MOST_AT_ONCE : options.batchSize(),
                        options.batchBytes());
        this.filing =
                serving
                        ? new OpenQueues(workbench, options, intake, waiting)
                        : new WholeJobs(workbench, options, intake, waiting);
        this.listening =
                workbench
                        .store()
                        .onOutcomes(
                                (job, seqs) -> {
                                    waiting.tell(job, seqs);
                                    gathering.wake();
                                });
        this.thread = Thread.ofPlatform().daemon().name("collector").start(this::work);
    }

    /**
     * Takes a call; its answer comes when its group has run. Refusals are answers, too: the
     * provider's own, or one in its form.
     *
     * <p>The future completes exceptionally with a {@link NoAnswerException} if there will be no
     * answer, a {@link TimeoutException} at the call's deadline, a {@link
     * dev.batchwright.store.StoreException} if the store fails. Cancelling it ends the waiting, not
     * the request.
     *
     * @param call what is asked
     * @return its answer, in the future
     */
    public CompletableFuture<CollectedAnswer> submit(Call call) {
        return take(call).answer();
    }

    /**
     * Takes a call as {@link #submit} does, for who wants to hear when it is stored.
     *
     * @param call what is asked
     * @return what will be known of it
     * @throws CollectorFullException if too much waits already, where the options set a limit
     */
    public Ticket take(Call call) {
        options.serving().ifPresent(this::refuseIfFull);
        CallBody read;
        try {
            read = CallBody.read(call.body());
        } catch (InputException e) {
            return refused(call, "invalid_json", String.valueOf(e.getMessage()));
        }
        CallBody body = read;
        if (body.background()) {
            return refused(
                    call,
                    "unsupported_parameter",
                    "`background` is true: the answer would not be in the reply. Remove"
                            + " `background`.");
        }
        Optional<Duration> patience = call.deadline().or(options::deadline);
        var waiter =
                new Waiter(
                        call,
                        body,
                        call.terms().mode().or(() -> usualMode(body.model())),
                        patience.map(clock.instant()::plus));
        pending.incrementAndGet();
        var unused = waiter.answer().whenComplete((answer, problem) -> pending.decrementAndGet());
        patience.ifPresent(span -> waiter.answer().orTimeout(span.toNanos(), TimeUnit.NANOSECONDS));
        if (!gathering.add(waiter, body.json().length())) {
            waiter.fail(unsent());
        }
        return waiter;
    }

    /** How calls travel that say nothing of it; empty: as it fits the provider of each. */
    private Optional<Mode> usualMode(String model) {
        Optional<Mode> rule = options.serving().flatMap(known -> known.modes().apply(model));
        boolean fitting =
                options.serving().filter(CollectorOptions.Serving::fittingMode).isPresent();
        return rule.or(() -> fitting ? Optional.empty() : Optional.of(options.mode()));
    }

    private void refuseIfFull(CollectorOptions.Serving serving) {
        if (pending.get() >= serving.mostWaiting()) {
            throw new CollectorFullException(
                    "%,d calls wait for their answers, which is the most that is allowed here."
                            .formatted(serving.mostWaiting()));
        }
        if (gathering.bytes() >= serving.mostBytes()) {
            throw new CollectorFullException(
                    "Calls come in faster than they can be stored at the moment.");
        }
    }

    private static Ticket refused(Call call, String code, String message) {
        return new Refused(
                new CompletableFuture<>(),
                CompletableFuture.completedFuture(refusal(call, code, message)));
    }

    /** A call that was refused at once. */
    private record Refused(
            CompletableFuture<Accepted> accepted, CompletableFuture<CollectedAnswer> answer)
            implements Ticket {
        @Override
        public boolean isStreamed() {
            return false;
        }
    }

    /**
     * What became of a call that was accepted for this owner, in this process or another one.
     *
     * @param owner as the call's terms had it
     * @param id as {@link Ticket.Accepted} had it
     * @param asMessage whether an answer to a chat completion is to be told as a message: it may be
     *     one that was translated
     * @return what is known
     */
    public CallStatus status(String owner, String id, boolean asMessage) {
        CallStatus status = status(owner, id);
        return asMessage && status instanceof CallStatus.Answered(CollectedAnswer answer)
                ? new CallStatus.Answered(ChatToMessage.translate(answer))
                : status;
    }

    /**
     * The same, told as it was answered.
     *
     * @param owner as the call's terms had it
     * @param id as {@link Ticket.Accepted} had it
     * @return what is known
     */
    public CallStatus status(String owner, String id) {
        JobStore store = workbench.store();
        Optional<CallPlace> place = CallId.parse(id).flatMap(store.calls()::place);
        Optional<Job> job = place.flatMap(known -> store.find(known.job()));
        if (job.isEmpty() || !job.get().spec().owner().equals(owner)) {
            return new CallStatus.Unknown();
        }
        return status(job.get(), place.orElseThrow().seq());
    }

    /**
     * Gives a call up that was accepted for this owner. What was not sent yet is not sent any more;
     * what was is not waited for, and a batch that nothing else travels in is cancelled. An equal
     * call gets its answer if there is one, and else is a new call.
     *
     * @param owner as the call's terms had it
     * @param id as {@link Ticket.Accepted} had it
     * @return what became of it: one that is over stays as it is
     */
    public CallStatus cancel(String owner, String id) {
        CallStatus status = status(owner, id);
        if (!(status instanceof CallStatus.UnderWay)) {
            return status;
        }
        JobStore store = workbench.store();
        CallPlace place = CallId.parse(id).flatMap(store.calls()::place).orElseThrow();
        if (store.calls().drop(place.job(), place.seq())
                && store.transition(place.job(), new JobState.Active(), new JobState.Cancelled())) {
            store.addEvent(place.job(), "cancelled", "all of its calls were given up");
        }
        return status(owner, id);
    }

    private CallStatus status(Job job, long seq) {
        JobStore store = workbench.store();
        if (store.calls().isDropped(job.id(), seq)) {
            return new CallStatus.Ended(job.id(), new JobState.Cancelled());
        }
        if (job.state() instanceof JobState.Loading) {
            return new CallStatus.UnderWay(job.id());
        }
        try (Results results = store.completed(job.id(), List.of(seq))) {
            if (results.hasNext()) {
                StoredResult result = results.next();
                Lane lane = WaitingJob.lanes(store, job.id(), job.spec().mode()).apply(seq);
                return new CallStatus.Answered(
                        AnswerReader.read(
                                result.answer(),
                                result.item().request().endpoint(),
                                Optional.empty(),
                                Optional.of(
                                        new CollectedAnswer.Origin(job.id(), seq, lane, true))));
            }
        }
        return job.state() instanceof JobState.Active
                ? new CallStatus.UnderWay(job.id())
                : new CallStatus.Ended(job.id(), job.state());
    }

    private static CollectedAnswer refusal(Call call, String code, String message) {
        return new CollectedAnswer(
                400,
                "",
                ErrorBody.of(call.endpoint(), 400, code, message),
                Optional.empty(),
                Optional.empty());
    }

    private static NoAnswerException unsent() {
        return new NoAnswerException(
                NoAnswerException.Reason.CLOSED,
                "The collector was closed before this call was sent; it cost nothing. Make it"
                        + " again.");
    }

    /** {@return how many calls wait for their answer} */
    public long waiting() {
        return pending.get();
    }

    /**
     * {@return whether calls are taken: until it is closed, or an error that it can't get over has
     * stopped it}
     */
    public boolean isTaking() {
        return !gathering.isClosed();
    }

    // The collector's thread.
    private void work() {
        long nextLook = System.nanoTime();
        try {
            while (!gathering.isClosed()) {
                waiting.deliverNews();
                long now = System.nanoTime();
                if (now - nextLook >= 0) {
                    waiting.look();
                    Duration took = Duration.ofNanos(System.nanoTime() - now);
                    nextLook = System.nanoTime() + Waiting.pause(LOOK, took).toNanos();
                }
                Duration patience = filing.tick();
                if (!waiting.isEmpty()) {
                    var toLook = Duration.ofNanos(Math.max(0, nextLook - System.nanoTime()));
                    patience = patience.compareTo(toLook) < 0 ? patience : toLook;
                }
                take(gathering.next(patience));
            }
        } catch (InterruptedException e) {
            // Nobody interrupts it; it would mean the same as closing.
        } catch (RuntimeException | Error e) {
            // The edge of the thread: without it nobody would be answered, so everybody is told.
            LOG.error("The collector stopped", e);
            gathering.close().forEach(waiter -> waiter.fail(e));
            waiting.all().forEach(job -> job.endAll(waiter -> waiter.fail(e)));
        }
    }

    private void take(List<Waiter> group) {
        if (group.isEmpty()) {
            return;
        }
        try {
            filing.file(intake.judge(group));
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

    private void tell(CollectorEvent event) {
        try {
            options.listener().accept(event);
        } catch (RuntimeException e) {
            // The listener is the user's: its failure is its own.
            LOG.warn("The listener failed on {}", event.name(), e);
        }
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
        filing.close();
        waiting.deliverNews();
        waiting.look();
        Collection<WaitingJob> open = waiting.all();
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
        listening.close();
        // Calls that were under way had a moment to end.
        waiting.deliverNews();
        for (WaitingJob job : open) {
            job.endAll(waiter -> waiter.fail(Waiting.goesOn()));
        }
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
