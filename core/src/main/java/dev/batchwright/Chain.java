package dev.batchwright;

import dev.batchwright.job.JobId;

import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The results of a job and then of the rounds that asked again, each item once: where it was asked
 * again, its last result counts. In the end come the items that nobody will answer again, as they
 * were before. For one thread.
 */
final class Chain<T> implements Iterator<Result<T>> {
    private final Batchwright owner;
    private final Rounds rounds;
    private final Reading<T> reading;
    private final Results.Order order;
    private JobId job;
    private int round;
    private Results<T> results;
    private boolean asksAgain;
    private Optional<JobId> former = Optional.empty();
    private Optional<Deque<Rest>> rests = Optional.empty();
    private BitSet answered = new BitSet();
    private int asked;
    private Optional<Result<T>> ahead = Optional.empty();

    /**
     * The items of a round that should have been answered again.
     *
     * @param answered the places in the next round of those that were
     */
    private record Rest(JobId job, int round, BitSet answered) {}

    Chain(Batchwright owner, JobId first, Rounds rounds, Reading<T> reading, Results.Order order) {
        this.owner = owner;
        this.rounds = rounds;
        this.reading = reading;
        this.order = order;
        this.job = first;
        this.results = open(first, 0, order);
    }

    private Results<T> open(JobId id, int itsRound, Results.Order itsOrder) {
        var end =
                itsOrder.waits()
                        ? owner.work(id).end()
                        : CompletableFuture.completedFuture(Work.status(owner.store(), id));
        return new Results<>(owner.store(), id, reading, itsRound + 1, itsOrder, end);
    }

    @Override
    public boolean hasNext() {
        while (ahead.isEmpty() && (results.hasNext() || goesOn())) {
            if (results.hasNext()) {
                ahead = result(results.next());
            }
        }
        return ahead.isPresent();
    }

    private Optional<Result<T>> result(Reading.Verdict<T> verdict) {
        if (rests.isPresent()) {
            return left(verdict);
        }
        return switch (verdict) {
            case Reading.Verdict.Done<T>(Result<T> result) -> Optional.of(result);
            case Reading.Verdict.Undone<T>(Result<T> result) -> Optional.of(result);
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> {
                asksAgain = true;
                yield Optional.empty();
            }
        };
    }

    // The next round has what is asked again in the same order.
    private Optional<Result<T>> left(Reading.Verdict<T> verdict) {
        if (verdict instanceof Reading.Verdict.Again<T>(var request, Result<T> otherwise)) {
            asked++;
            return answered.get(asked) ? Optional.empty() : Optional.of(otherwise);
        }
        return Optional.empty();
    }

    /** To the next round, or to what the rounds have left; says if there is either. */
    private boolean goesOn() {
        if (rests.isEmpty()) {
            Optional<JobId> next = next(asksAgain);
            if (next.isPresent()) {
                former = Optional.of(job);
                job = next.get();
                round++;
                asksAgain = false;
                // What a round leaves undone has a result from the round before.
                boolean all = order == Results.Order.ENDED_NOW;
                results = open(job, round, all ? Results.Order.COMPLETED_NOW : order);
                return true;
            }
            rests = Optional.of(rests());
        }
        Rest rest = rests.get().poll();
        if (rest == null) {
            return false;
        }
        answered = rest.answered();
        asked = 0;
        results = open(rest.job(), rest.round(), Results.Order.COMPLETED_NOW);
        return true;
    }

    private Optional<JobId> next(boolean wanted) {
        if (!wanted) {
            return Optional.empty();
        }
        return order.waits() ? rounds.next(job, round) : rounds.find(round);
    }

    /** Nothing while somebody may still answer: then it has no result yet. */
    private Deque<Rest> rests() {
        var left = new ArrayDeque<Rest>();
        boolean none = order == Results.Order.SUCCEEDED_NOW || rounds.mayGoOn(job, order.waits());
        if (!none && former.isPresent()) {
            left.add(new Rest(former.get(), round - 1, results.given()));
        }
        if (!none && asksAgain) {
            left.add(new Rest(job, round, new BitSet()));
        }
        return left;
    }

    @Override
    public Result<T> next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        Result<T> next = ahead.orElseThrow();
        ahead = Optional.empty();
        return next;
    }
}
