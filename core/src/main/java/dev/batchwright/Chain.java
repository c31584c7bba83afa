package dev.batchwright;

import dev.batchwright.job.JobId;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The results of a job and then of the rounds that asked again, each item once: where it was asked
 * again, its last result counts. In the end come the items that nobody will answer again, as they
 * were before. Joined by ids, not by places: holds the ids of what was asked again. For one thread.
 */
final class Chain<T> implements Iterator<Result<T>> {
    private final Batchwright owner;
    private final Rounds rounds;
    private final Reading<T> reading;
    private final Results.Order order;
    private final Deque<Round> passed = new ArrayDeque<>();
    // What was, or is to be, asked again, and was not given yet.
    private final Set<String> open = new HashSet<>();
    private Round round;
    private Results<T> results;
    private boolean asksAgain;
    private boolean leftovers;
    private Optional<Result<T>> ahead = Optional.empty();

    private record Round(JobId job, int number) {}

    Chain(Batchwright owner, JobId first, Rounds rounds, Reading<T> reading, Results.Order order) {
        this.owner = owner;
        this.rounds = rounds;
        this.reading = reading;
        this.order = order;
        this.round = new Round(first, 0);
        this.results = open(round, order);
    }

    private Results<T> open(Round itsRound, Results.Order itsOrder) {
        JobId job = itsRound.job();
        var end =
                itsOrder.waits()
                        ? owner.work(job).end()
                        : CompletableFuture.completedFuture(Work.status(owner.store(), job));
        return new Results<>(owner.store(), job, reading, itsRound.number() + 1, itsOrder, end);
    }

    @Override
    public boolean hasNext() {
        while (ahead.isEmpty() && (results.hasNext() || goesOn())) {
            if (results.hasNext()) {
                ahead = leftovers ? leftover(results.next()) : result(results.next());
            }
        }
        return ahead.isPresent();
    }

    private Optional<Result<T>> result(Reading.Verdict<T> verdict) {
        return switch (verdict) {
            case Reading.Verdict.Done<T>(Result<T> result) ->
                    round.number() == 0 || open.remove(result.customId())
                            ? Optional.of(result)
                            : Optional.empty();
            // What a round leaves undone has a result from the round before.
            case Reading.Verdict.Undone<T>(Result<T> result) ->
                    round.number() == 0 ? Optional.of(result) : Optional.empty();
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> {
                asksAgain = true;
                if (round.number() == 0) {
                    open.add(otherwise.customId());
                }
                yield Optional.empty();
            }
        };
    }

    private Optional<Result<T>> leftover(Reading.Verdict<T> verdict) {
        return verdict instanceof Reading.Verdict.Again<T>(var request, Result<T> otherwise)
                        && open.remove(otherwise.customId())
                ? Optional.of(otherwise)
                : Optional.empty();
    }

    /**
     * To the next round, or to what the rounds have left, latest first; says if there is either.
     */
    private boolean goesOn() {
        if (!leftovers) {
            Optional<JobId> next = nextRound();
            passed.push(round);
            if (next.isPresent()) {
                round = new Round(next.get(), round.number() + 1);
                asksAgain = false;
                results = open(round, order);
                return true;
            }
            leftovers = true;
            if (open.isEmpty() || mayBeAnswered()) {
                passed.clear();
            }
        }
        Round former = passed.poll();
        if (former == null) {
            return false;
        }
        results = open(former, Results.Order.COMPLETED_NOW);
        return true;
    }

    private Optional<JobId> nextRound() {
        if (!asksAgain) {
            return Optional.empty();
        }
        return order.waits()
                ? rounds.next(round.job(), round.number())
                : rounds.find(round.number());
    }

    /** While somebody may still answer, an item has no result yet. */
    private boolean mayBeAnswered() {
        return order == Results.Order.SUCCEEDED_NOW
                || rounds.mayGoOn(round.job(), asksAgain && !order.waits());
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
