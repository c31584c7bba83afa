package dev.batchwright;

import dev.batchwright.job.JobId;
import dev.batchwright.store.StoredResult;

import java.util.Iterator;
import java.util.Optional;
import java.util.Set;

/**
 * The results of a round in the order of the input, each with what the next rounds made of it: they
 * have their items in the same order, so that the rounds are read side by side, and joined by their
 * ids. An item may be lacking in a round and be in one behind it. Holds the ids of what was asked
 * again. For one thread.
 */
final class InOrder<T> implements Iterator<Result<T>> {
    private final Batchwright owner;
    private final Rounds rounds;
    private final Reading<T> reading;
    private final JobId job;
    private final int round;
    private final Results results;
    private Optional<InOrder<T>> next = Optional.empty();
    private boolean lookedForNext;
    private Set<String> items = Set.of();

    InOrder(Batchwright owner, JobId job, int round, Rounds rounds, Reading<T> reading) {
        this.owner = owner;
        this.rounds = rounds;
        this.reading = reading;
        this.job = job;
        this.round = round;
        this.results = new Results(owner.store(), job, Results.Order.INPUT, owner.work(job).end());
    }

    @Override
    public boolean hasNext() {
        return results.hasNext();
    }

    @Override
    public Result<T> next() {
        return result(results.next(), 0, Optional.empty());
    }

    /**
     * @param answers how many the item has had before this round
     * @param before what the item came to before it was asked again: that counts where it was not
     *     answered again
     */
    private Result<T> result(StoredResult stored, int answers, Optional<Result<T>> before) {
        return switch (reading.judge(stored, answers + 1)) {
            case Reading.Verdict.Done<T>(Result<T> result) ->
                    stored.kind() == StoredResult.Kind.FAILED
                            ? later(thereIs(), answers, false, result)
                            : result;
            case Reading.Verdict.Undone<T>(Result<T> result) ->
                    later(thereIs(), answers, false, before.orElse(result));
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) ->
                    later(thereWillBe(), answers + 1, true, otherwise);
        };
    }

    private static <T> Result<T> later(
            Optional<InOrder<T>> behind, int answers, boolean asked, Result<T> before) {
        return behind.map(it -> it.again(answers, asked, before)).orElse(before);
    }

    /**
     * What this round, or one behind it, made of an item; the same as before, if none has it.
     *
     * @param asked whether it is to be asked again, and so will be in one of them
     */
    private Result<T> again(int answers, boolean asked, Result<T> before) {
        if (!items().contains(before.customId())) {
            return later(asked ? thereWillBe() : thereIs(), answers, asked, before);
        }
        // What is passed over was asked again for somebody who reads it as another type.
        StoredResult its = results.next();
        while (!its.item().customId().equals(before.customId())) {
            its = results.next();
        }
        return result(its, answers, Optional.of(before));
    }

    private Set<String> items() {
        if (items.isEmpty()) {
            items = rounds.items(job);
        }
        return items;
    }

    /** The round behind this one, if it has begun. */
    private Optional<InOrder<T>> thereIs() {
        if (next.isEmpty() && !lookedForNext) {
            lookedForNext = true;
            next = rounds.find(round).map(this::behind);
        }
        return next;
    }

    // A round begins when the one before is over.
    private Optional<InOrder<T>> thereWillBe() {
        if (next.isEmpty()) {
            try {
                JobStatus unusedEnd = Job.get(owner.work(job).end());
            } catch (InterruptedException e) {
                throw Job.interrupted(e);
            }
            next = rounds.next(job, round).map(this::behind);
        }
        return next;
    }

    private InOrder<T> behind(JobId id) {
        return new InOrder<>(owner, id, round + 1, rounds, reading);
    }
}
