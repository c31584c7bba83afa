package dev.batchwright;

import dev.batchwright.job.JobId;

import java.util.Iterator;
import java.util.Optional;

/**
 * The results of a round in the order of the input, each with what the next rounds made of it: they
 * have the items that were asked again in the same order, so that the rounds are read side by side,
 * and joined by their ids. For one thread.
 */
final class InOrder<T> implements Iterator<Result<T>> {
    private final Batchwright owner;
    private final Rounds rounds;
    private final Reading<T> reading;
    private final JobId job;
    private final int round;
    private final Results<T> results;
    private Optional<InOrder<T>> next = Optional.empty();
    private Optional<Reading.Verdict<T>> ahead = Optional.empty();

    InOrder(Batchwright owner, JobId job, int round, Rounds rounds, Reading<T> reading) {
        this.owner = owner;
        this.rounds = rounds;
        this.reading = reading;
        this.job = job;
        this.round = round;
        this.results =
                new Results<>(
                        owner.store(),
                        job,
                        reading,
                        round + 1,
                        Results.Order.INPUT,
                        owner.work(job).end());
    }

    @Override
    public boolean hasNext() {
        return results.hasNext();
    }

    @Override
    public Result<T> next() {
        return result(results.next(), Optional.empty());
    }

    /**
     * @param before what the item came to before it was asked again: that counts where it was not
     *     answered again
     */
    private Result<T> result(Reading.Verdict<T> verdict, Optional<Result<T>> before) {
        return switch (verdict) {
            case Reading.Verdict.Done<T>(Result<T> result) -> result;
            case Reading.Verdict.Undone<T>(Result<T> result) -> before.orElse(result);
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> {
                if (next.isEmpty()) {
                    next = after();
                }
                yield next.map(it -> it.again(otherwise)).orElse(otherwise);
            }
        };
    }

    /** What this round made of an item; the same as before, if it does not have it. */
    private Result<T> again(Result<T> before) {
        if (ahead.isEmpty() && results.hasNext()) {
            ahead = Optional.of(results.next());
        }
        Optional<Reading.Verdict<T>> its =
                ahead.filter(it -> it.customId().equals(before.customId()));
        if (its.isEmpty()) {
            return before;
        }
        ahead = Optional.empty();
        return result(its.get(), Optional.of(before));
    }

    // A round begins when the one before is over.
    private Optional<InOrder<T>> after() {
        try {
            JobStatus unusedEnd = Job.get(owner.work(job).end());
        } catch (InterruptedException e) {
            throw Job.interrupted(e);
        }
        return rounds.next(job, round)
                .map(id -> new InOrder<>(owner, id, round + 1, rounds, reading));
    }
}
