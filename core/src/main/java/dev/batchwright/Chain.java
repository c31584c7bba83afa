package dev.batchwright;

import dev.batchwright.job.JobId;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The results of a job and then of the rounds that asked again, each item once: where it was asked
 * again, its last result counts. For one thread.
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
    private boolean leftovers;
    private Optional<Result<T>> ahead = Optional.empty();

    Chain(Batchwright owner, JobId first, Rounds rounds, Reading<T> reading, Results.Order order) {
        this.owner = owner;
        this.rounds = rounds;
        this.reading = reading;
        this.order = order;
        this.job = first;
        this.results = open(first, 0);
    }

    private Results<T> open(JobId id, int itsRound) {
        var end =
                order.waits()
                        ? owner.work(id).end()
                        : CompletableFuture.completedFuture(Work.status(owner.store(), id));
        return new Results<>(owner.store(), id, reading, itsRound + 1, order, end);
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
        return switch (verdict) {
            case Reading.Verdict.Done<T>(Result<T> result) ->
                    leftovers ? Optional.empty() : Optional.of(result);
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> {
                asksAgain = true;
                yield leftovers ? Optional.of(otherwise) : Optional.empty();
            }
        };
    }

    /** To the next round, or to what it should have asked for; says if there is either. */
    private boolean goesOn() {
        if (!asksAgain || leftovers) {
            return false;
        }
        Optional<JobId> next = order.waits() ? rounds.next(job, round) : rounds.find(round);
        if (next.isPresent()) {
            job = next.get();
            round++;
            asksAgain = false;
            results = open(job, round);
            return true;
        }
        // Nobody asks again: it stays as it is. While somebody may, it has no result yet.
        leftovers = order.waits() || mayNotGoOn();
        if (leftovers) {
            results = open(job, round);
        }
        return leftovers;
    }

    private boolean mayNotGoOn() {
        JobStatus status = Work.status(owner.store(), job);
        return status.isOver() && status.state() != JobStatus.State.FINISHED;
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
