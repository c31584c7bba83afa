package dev.batchwright;

import dev.batchwright.job.JobId;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredResult;

import org.jspecify.annotations.Nullable;

import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongToIntFunction;

/**
 * What the rounds of a job have made of each item until now, in the order of the input. All rounds
 * have their items in that order, so they are read side by side; an item may be lacking in a round
 * and be in one behind it. For one thread.
 */
final class LatestResults implements Iterator<LatestResults.Latest> {
    private final Results first;
    private final List<Behind> behind;
    private final LongToIntFunction answersBefore;

    /**
     * @param result the last there is
     * @param answers how many the item has had
     */
    record Latest(StoredResult result, int answers) {}

    /** A round behind the first, read up to its next item. */
    private static final class Behind {
        private final Results results;
        private @Nullable StoredResult ahead;

        Behind(Results results) {
            this.results = results;
        }

        /** What it made of an item; null if it does not have it. */
        @Nullable StoredResult of(String customId) {
            if (ahead == null && results.hasNext()) {
                ahead = results.next();
            }
            StoredResult its = ahead;
            if (its == null || !its.item().customId().equals(customId)) {
                return null;
            }
            ahead = null;
            return its;
        }
    }

    private LatestResults(JobStore store, List<JobId> rounds, LongToIntFunction answersBefore) {
        this.first = all(store, rounds.getFirst());
        this.behind = rounds.stream().skip(1).map(round -> new Behind(all(store, round))).toList();
        this.answersBefore = answersBefore;
    }

    /** Of all items, by all rounds; the first round comes first. */
    static LatestResults of(JobStore store, List<JobId> rounds) {
        return new LatestResults(store, rounds, place -> 0);
    }

    /** Of the items of a round behind others, by that round. */
    static LatestResults of(JobStore store, AnswerCounts round) {
        return new LatestResults(store, List.of(round.round()), round::before);
    }

    private static Results all(JobStore store, JobId round) {
        var now = CompletableFuture.completedFuture(Work.status(store, round));
        return new Results(store, round, Results.Order.EVERY_NOW, now);
    }

    @Override
    public boolean hasNext() {
        return first.hasNext();
    }

    @Override
    public Latest next() {
        StoredResult latest = first.next();
        int answers = answersBefore.applyAsInt(latest.item().seq()) + answers(latest);
        for (Behind round : behind) {
            StoredResult its = round.of(latest.item().customId());
            // What a round left undone has a result from the round before.
            if (its != null && its.kind() != StoredResult.Kind.PENDING) {
                latest = its;
                answers += answers(its);
            }
        }
        return new Latest(latest, answers);
    }

    private static int answers(StoredResult result) {
        return result.kind() == StoredResult.Kind.SUCCEEDED ? 1 : 0;
    }
}
