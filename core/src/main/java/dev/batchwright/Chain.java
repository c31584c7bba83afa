package dev.batchwright;

import dev.batchwright.job.JobId;
import dev.batchwright.store.StoredResult;

import org.jspecify.annotations.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
    private final JobId first;
    private final Rounds rounds;
    private final Reading<T> reading;
    private final Results.Order order;
    private final Deque<Round> passed = new ArrayDeque<>();
    // What was, or is to be, asked again, and was not given yet; with the answers it has had.
    private final Map<String, Integer> open = new HashMap<>();
    private Round round;
    private Results results;
    // The items of the rounds behind this one, where somebody needed to know.
    private @Nullable Set<String> later;
    private boolean leftovers;
    private Optional<Result<T>> ahead = Optional.empty();

    private record Round(JobId job, int number) {}

    Chain(Batchwright owner, JobId first, Rounds rounds, Reading<T> reading, Results.Order order) {
        this.owner = owner;
        this.first = first;
        this.rounds = rounds;
        this.reading = reading;
        this.order = order;
        this.round = new Round(first, 0);
        this.results = open(round, order);
    }

    private Results open(Round itsRound, Results.Order itsOrder) {
        JobId job = itsRound.job();
        var end =
                itsOrder.waits()
                        ? owner.work(job).end()
                        : CompletableFuture.completedFuture(Work.status(owner.store(), job));
        return new Results(owner.store(), job, itsOrder, end);
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

    private Optional<Result<T>> result(StoredResult stored) {
        String id = stored.item().customId();
        boolean asked = open.containsKey(id);
        if (round.number() > 0 && !asked) {
            return Optional.empty(); // It was given before, or belongs to who reads otherwise.
        }
        int answers = open.getOrDefault(id, 0);
        return switch (reading.judge(stored, answers + 1)) {
            case Reading.Verdict.Done<T>(Result<T> result) -> {
                if (stored.kind() == StoredResult.Kind.FAILED && isTriedLater(id)) {
                    open.put(id, answers);
                    yield Optional.empty();
                }
                open.remove(id);
                yield Optional.of(result);
            }
            // What a round leaves undone has a result from the round before.
            case Reading.Verdict.Undone<T>(Result<T> result) ->
                    asked ? Optional.empty() : Optional.of(result);
            case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> {
                open.put(id, answers + 1);
                yield Optional.empty();
            }
        };
    }

    /** Whether a round behind this one has the item: what failed may have been tried again. */
    private boolean isTriedLater(String id) {
        if (later == null) {
            later = new HashSet<>();
            List<JobId> all = Rounds.all(owner.store(), first);
            for (JobId behind : all.subList(Math.min(round.number() + 1, all.size()), all.size())) {
                later.addAll(rounds.items(behind));
            }
        }
        return later.contains(id);
    }

    private Optional<Result<T>> leftover(StoredResult stored) {
        if (!open.containsKey(stored.item().customId())) {
            return Optional.empty();
        }
        Result<T> last =
                switch (reading.judge(stored, 1)) {
                    case Reading.Verdict.Done<T>(Result<T> result) -> result;
                    case Reading.Verdict.Undone<T>(Result<T> result) -> result;
                    case Reading.Verdict.Again<T>(var request, Result<T> otherwise) -> otherwise;
                };
        open.remove(last.customId());
        return Optional.of(last);
    }

    /**
     * To the next round, or to what the rounds have left, latest first; says if there is either.
     */
    private boolean goesOn() {
        if (!leftovers) {
            Optional<JobId> next = nextRound();
            passed.push(round);
            later = null;
            if (next.isPresent()) {
                round = new Round(next.get(), round.number() + 1);
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
        if (open.isEmpty()) {
            return Optional.empty();
        }
        return order.waits()
                ? rounds.next(round.job(), round.number())
                : rounds.find(round.number());
    }

    /** While somebody may still answer, an item has no result yet. */
    private boolean mayBeAnswered() {
        return rounds.mayGoOn(round.job(), !order.waits());
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
