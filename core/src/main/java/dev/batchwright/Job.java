package dev.batchwright;

import dev.batchwright.answer.Reask;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Progress;
import dev.batchwright.schema.Schema;
import dev.batchwright.store.JobStore;
import dev.batchwright.workbench.Cancellation;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * A handle on a job in the store. It can be had again at any time, from any process, by its {@link
 * #id}. Whoever waits for a job, or asks for results that are not there yet, has it worked on: by
 * this process, unless another one does.
 *
 * <p>Thread-safe; what its methods return is for one thread each. Every method may throw {@link
 * StoreFailedException}. A thread that is interrupted while it waits for results gets an {@link
 * IllegalStateException}, and stays interrupted; the job goes on.
 *
 * @param <T> what its answers are read as
 */
public final class Job<T> {
    private static final Logger LOG = LoggerFactory.getLogger(Batchwright.class);
    private static final int FAILURES_KEPT = 100;

    private final Batchwright owner;
    private final JobId id;
    private final dev.batchwright.job.JobSpec spec;
    private final Reading<T> reading;
    private final List<Throwable> callbackFailures = new ArrayList<>();

    Job(Batchwright owner, JobId id, dev.batchwright.job.JobSpec spec, Reading<T> reading) {
        this.owner = owner;
        this.id = id;
        this.spec = spec;
        this.reading = reading;
    }

    /** {@return what names the job for ever: {@code job_} and twelve letters and digits} */
    public String id() {
        return id.value();
    }

    /** {@return the name that it was given} */
    public String name() {
        return spec.name();
    }

    /**
     * {@return the pairs that were given with it, description and tags among them; it can't be
     * changed}
     */
    public Map<String, String> metadata() {
        return spec.metadata();
    }

    /**
     * This job, its answers read by a function of yours; see {@link JobSpec#returning}.
     *
     * @param <R> what the function makes of an answer
     * @param read what it throws makes the item Failed, and no other
     * @return another handle on the same job
     */
    public <R> Job<R> returning(Function<Answer, R> read) {
        return new Job<>(owner, id, spec, new Reading.Custom<>(read));
    }

    /**
     * This job, its answers read as instances of a type; see {@link JobSpec#returning(Class)}.
     * Whoever waits for it has what does not fit asked again, as when it was submitted so.
     *
     * @param <R> the type of the values
     * @param type usually a record
     * @return another handle on the same job
     * @throws IllegalArgumentException if there is no schema of the type
     */
    public <R> Job<R> returning(Class<R> type) {
        return new Job<>(owner, id, spec, new Reading.Typed<>(Schema.of(type), Reask.DEFAULT));
    }

    /** {@return where it is now, as the store knows it; asks no provider} */
    public JobStatus status() {
        return Failures.translated(() -> owner.status(id));
    }

    /** {@return how far it is now; a part of {@link #status}} */
    public Progress progress() {
        return status().progress();
    }

    /**
     * Waits until nobody goes on with the job by itself, and nothing is left to ask again: it is
     * over, or {@link Batchwright} was closed.
     *
     * @return its end; {@code RUNNING} only if {@link Batchwright} was closed before
     * @throws InterruptedException if the thread is interrupted; the job goes on
     */
    public JobStatus await() throws InterruptedException {
        return get(end());
    }

    /**
     * The same, but for no longer than this; then it returns where the job is.
     *
     * @param longest zero looks once
     * @return its end, or where it is
     * @throws InterruptedException if the thread is interrupted; the job goes on
     */
    public JobStatus await(Duration longest) throws InterruptedException {
        try {
            return end().get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            return status();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    /**
     * Waits until every item has its outcome.
     *
     * @return its end, which is {@code FINISHED}
     * @throws JobEndedException if the job ends before that
     * @throws InterruptedException if the thread is interrupted; the job goes on
     */
    public JobStatus awaitFinished() throws InterruptedException {
        JobStatus end = await();
        if (end.state() != JobStatus.State.FINISHED) {
            throw new JobEndedException(id(), end);
        }
        return end;
    }

    /**
     * Tells the end to code that does not wait. Whoever asks has the job worked on.
     *
     * @return completes as {@link #await} returns; cancelling it cancels nothing else
     */
    public CompletableFuture<JobStatus> completion() {
        return end().copy();
    }

    /**
     * Gives the batches of the job, those that asked again included, as the store knows them; asks
     * no provider.
     *
     * @return in the order in which they were planned; empty while all goes live
     */
    public List<Batch> batches() {
        return Failures.translated(
                () ->
                        Rounds.all(store(), id).stream()
                                .flatMap(round -> store().batches(round).stream())
                                .map(Batch::of)
                                .toList());
    }

    /**
     * Cancels the job, and its batches at the providers, and takes in what they have done. Items
     * without an outcome stay without one; what was paid for stays.
     *
     * @return what came in the way at a provider, for people: then batches may go on there, and
     *     cancelling again tries it again
     * @throws InterruptedException if the thread is interrupted; then cancel again
     */
    public Optional<String> cancel() throws InterruptedException {
        try {
            Optional<String> problem = Optional.empty();
            List<JobId> cancelled = List.of();
            List<JobId> all = Rounds.all(store(), id);
            while (cancelled.size() < all.size()) {
                for (JobId round : all.subList(cancelled.size(), all.size())) {
                    var itsProblem = new Cancellation(owner.workbench(), round).cancel(() -> {});
                    problem = problem.or(() -> itsProblem);
                }
                cancelled = all;
                // Between two rounds nothing runs, and yet the job is not over: then the next one
                // is begun, to be cancelled.
                Optional<JobId> unusedNext = owner.rounds(this).next(all.getLast(), all.size() - 1);
                all = Rounds.all(store(), id);
            }
            return problem;
        } catch (RuntimeException e) {
            throw Failures.of(e);
        }
    }

    /**
     * Tries every item again that failed at its provider, if nobody works on the job. Where the job
     * asks again what does not fit, that goes on behind them. An item that was answered as often as
     * it may be, but never with what fits, is not tried again.
     *
     * @return how many are tried again; 0 if none had failed
     * @throws InvalidJobException while somebody works on the job
     */
    public long retryFailed() {
        return Failures.translated(
                () -> {
                    boolean hasRounds = Rounds.all(store(), id).size() > 1;
                    long again =
                            hasRounds ? owner.rounds(this).retryFailed() : store().retryFailed(id);
                    if (again > 0) {
                        CompletableFuture<JobStatus> unusedEnd = owner.end(this);
                    }
                    return again;
                });
    }

    /**
     * Goes on with a job that is blocked, stopped or cancelled; with one that is finished, nothing
     * happens.
     */
    public void resume() {
        Failures.translated(
                () -> {
                    for (JobId round : Rounds.all(store(), id)) {
                        var found = store().find(round);
                        if (found.isPresent()
                                && !(found.get().state() instanceof JobState.Finished)) {
                            owner.workbench().activate(found.get());
                            owner.work(round);
                            CompletableFuture<JobStatus> unusedEnd = owner.end(this);
                        }
                    }
                    return true;
                });
    }

    /**
     * Removes the job and all that is kept for it.
     *
     * @throws InvalidJobException while somebody works on the job
     */
    public void delete() {
        Failures.translated(
                () -> {
                    Rounds.all(store(), id).reversed().forEach(store()::delete);
                    return true;
                });
    }

    /**
     * Gives the results as they come, each once; the iteration waits for more until the job is
     * over.
     *
     * @return what can be iterated over as often as is wanted, each time from the beginning
     */
    public Iterable<Result<T>> results() {
        return () -> results(Results.Order.COMPLETION);
    }

    /**
     * Gives the results in the order of the input, waiting for each; items that have no outcome
     * when the job is over come as Failed, with the code {@code not_executed}.
     *
     * @return what can be iterated over as often as is wanted, each time from the beginning
     */
    public Iterable<Result<T>> resultsInOrder() {
        return this::inOrder;
    }

    /**
     * {@return the results as they come, see {@link #results}; sequential, and need not be closed}
     */
    public Stream<Result<T>> stream() {
        return stream(results().iterator());
    }

    /**
     * Gives those that have succeeded until now, without waiting.
     *
     * @return in the order of the input; behind them those that were asked again
     */
    public Stream<Result.Succeeded<T>> succeeded() {
        return stream(results(Results.Order.COMPLETED_NOW))
                .flatMap(
                        result ->
                                result instanceof Result.Succeeded<T> succeeded
                                        ? Stream.of(succeeded)
                                        : Stream.of());
    }

    /**
     * Gives those that have failed until now, without waiting; also those that were answered, but
     * not with what is asked for, and when the job is over, those that it left undone.
     *
     * @return in the order of the input; behind them those that were asked again
     */
    public Stream<Result.Failed<T>> failed() {
        return stream(results(Results.Order.ENDED_NOW))
                .flatMap(
                        result ->
                                result instanceof Result.Failed<T> failed
                                        ? Stream.of(failed)
                                        : Stream.of());
    }

    /**
     * Gives the result of one item. Looks through the job until it is found: for many, {@link
     * #join} is quicker.
     *
     * @param customId the id of its request
     * @return empty while the item has no result, or if the job has none of this id
     */
    public Optional<Result<T>> result(String customId) {
        return stream(results(Results.Order.COMPLETED_NOW))
                .filter(result -> result.customId().equals(customId))
                .findFirst();
    }

    /**
     * Each input with what became of its item, in the order of the inputs; waits for each. Results
     * of items that come earlier than their input are held until then: none, if the inputs have the
     * order in which they were submitted.
     *
     * @param <I> the type of the inputs
     * @param inputs are passed over once, as results are taken
     * @param key gives the id of an input's request
     * @return one element for each input
     */
    public <I> Stream<Joined<I, T>> join(Iterable<I> inputs, Function<? super I, String> key) {
        var results = inOrder();
        var passed = new HashMap<String, Result<T>>();
        return stream(inputs.iterator())
                .map(
                        input -> {
                            String wanted = key.apply(input);
                            Result<T> found = passed.remove(wanted);
                            while (found == null && results.hasNext()) {
                                Result<T> next = results.next();
                                if (next.customId().equals(wanted)) {
                                    found = next;
                                } else {
                                    passed.put(next.customId(), next);
                                }
                            }
                            return new Joined<>(input, Optional.ofNullable(found));
                        });
    }

    /**
     * Gives the results as they come to reactive code.
     *
     * @return each subscriber gets all of them, no faster than it asks, in a thread of its own, and
     *     then the completion, or the error that ended the work
     */
    public Flow.Publisher<Result<T>> publisher() {
        return subscriber -> Subscription.begin(this, subscriber);
    }

    /**
     * {@return what callbacks have thrown, the first {@value #FAILURES_KEPT} of them, oldest first}
     */
    public List<Throwable> callbackFailures() {
        synchronized (callbackFailures) {
            return List.copyOf(callbackFailures);
        }
    }

    void callbackFailed(Throwable problem) {
        LOG.warn("A callback of job {} failed; the job goes on.", id, problem);
        synchronized (callbackFailures) {
            if (callbackFailures.size() < FAILURES_KEPT) {
                callbackFailures.add(problem);
            }
        }
    }

    private Iterator<Result<T>> results(Results.Order order) {
        return Failures.translated(
                () -> new Chain<>(owner, id, owner.rounds(this), reading, order));
    }

    private Iterator<Result<T>> inOrder() {
        return Failures.translated(() -> new InOrder<>(owner, id, 0, owner.rounds(this), reading));
    }

    private static <E> Stream<E> stream(Iterator<E> elements) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(
                        elements, Spliterator.ORDERED | Spliterator.NONNULL),
                false);
    }

    CompletableFuture<JobStatus> end() {
        return Failures.translated(() -> owner.end(this));
    }

    Reading<T> reading() {
        return reading;
    }

    JobId storedId() {
        return id;
    }

    JobStore store() {
        return owner.store();
    }

    static <V> V get(CompletableFuture<V> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    static RuntimeException failure(ExecutionException e) {
        return e.getCause() instanceof RuntimeException problem
                ? problem
                : new IllegalStateException(e.getCause());
    }

    static RuntimeException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return new IllegalStateException("The thread was interrupted while it waited.", e);
    }

    /** Nothing of the requests. */
    @Override
    public String toString() {
        return "Job[%s, %s]".formatted(id, spec.name());
    }
}
