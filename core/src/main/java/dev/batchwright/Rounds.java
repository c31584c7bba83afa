package dev.batchwright;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Request;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.StoredResult;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;

/**
 * A job and those that ask again for it: what does not fit in one round is asked with a changed
 * request in the next, which is a job of its own, begun when the former is finished and found again
 * by its fingerprint. So a crash leaves whole rounds, and whoever has the job again goes on with
 * the last. What all rounds may cost is what the job may cost.
 *
 * <p>Items that failed at the provider and are to be tried again get a round behind the others,
 * too; so an item may be lacking in a round and be in a later one. How often it was answered is
 * counted for the item, not for the round, whatever type it was read as.
 *
 * <p>The first round that is made here costs a reading of all results. Those behind it cost a
 * reading of the round before: what that one does not have was judged by then, for good. At most
 * one thread of a process makes a round. Thread-safe.
 */
final class Rounds {
    private final Batchwright owner;
    private final JobStore store;
    private final JobId first;
    private final Reading<?> reading;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final Map<Integer, Optional<JobId>> begun = new HashMap<>();
    // The last round that was made here.
    private Optional<AnswerCounts> asked = Optional.empty();

    Rounds(Batchwright owner, JobId first, Reading<?> reading) {
        this.owner = owner;
        this.store = owner.store();
        this.first = first;
        this.reading = reading;
    }

    private static String fingerprint(JobId first, int round) {
        return "again/%s/%d".formatted(first, round);
    }

    /** The jobs of all rounds that there are, the first one first. */
    static List<JobId> all(JobStore store, JobId first) {
        var all = new ArrayList<JobId>();
        Optional<JobId> next = Optional.of(first);
        while (next.isPresent()) {
            all.add(next.get());
            next =
                    store.findByFingerprint(fingerprint(first, all.size()))
                            .map(dev.batchwright.job.Job::id);
        }
        return all;
    }

    /** The ids of a round's items. */
    Set<String> items(JobId round) {
        var now = CompletableFuture.completedFuture(Work.status(store, round));
        var results = new Results(store, round, Results.Order.EVERY_NOW, now);
        var items = new HashSet<String>();
        results.forEachRemaining(result -> items.add(result.item().customId()));
        return items;
    }

    /** Takes all rounds to their end, one after the other. */
    void toTheEnd() throws InterruptedException {
        JobId job = first;
        int round = 0;
        while (!owner.isClosed()) {
            JobStatus unusedEnd = Job.get(owner.work(job).end());
            Optional<JobId> next = next(job, round);
            if (next.isEmpty()) {
                return;
            }
            job = next.get();
            round++;
        }
    }

    /** The job that asks again for what does not fit in that of a round, begun if need be. */
    Optional<JobId> next(JobId job, int round) {
        oneAtATime.lock();
        try {
            Optional<JobId> known = begun.get(round);
            if (known == null) {
                known = find(round).or(() -> begin(job, round));
                if (known.isPresent() || isFinished(job)) {
                    begun.put(round, known);
                }
            }
            return known;
        } finally {
            oneAtATime.unlock();
        }
    }

    /** The same, if it was begun. */
    Optional<JobId> find(int round) {
        return store.findByFingerprint(fingerprint(first, round + 1))
                .map(dev.batchwright.job.Job::id);
    }

    /**
     * Whether a round may still answer, or be followed by another one.
     *
     * @param last of the rounds, which has answers to be asked again
     * @param untried whether nobody has tried to ask them
     */
    boolean mayGoOn(JobId last, boolean untried) {
        for (JobId round : all(store, first)) {
            JobState state = store.find(round).orElseThrow().state();
            if (state instanceof JobState.Active || state instanceof JobState.Loading) {
                return true;
            }
        }
        return isFinished(last) && untried && isAffordable(left(last));
    }

    private boolean isFinished(JobId job) {
        return store.find(job)
                .filter(found -> found.state() instanceof JobState.Finished)
                .isPresent();
    }

    // What is read as it is, is never asked again.
    private Optional<JobId> begin(JobId job, int round) {
        if (!(reading instanceof Reading.Typed<?>)
                || !isFinished(job)
                || !isAffordable(left(job))) {
            return Optional.empty();
        }
        // Another process may be quicker.
        return make(round + 1, false).id().or(() -> find(round));
    }

    /**
     * Begins a round of all items that failed at the provider, and of those that are to be asked
     * again anyway; returns how many failed. For a job that has rounds.
     *
     * @throws InvalidJobException while somebody works on the job, or if its cap is spent
     */
    long retryFailed() {
        oneAtATime.lock();
        try {
            List<JobId> all = all(store, first);
            for (JobId round : all) {
                if (!isFinished(round) || !store.workers(round).isEmpty()) {
                    throw new InvalidJobException(
                            "Job %s is not finished, or somebody works on it. Wait for its end, or go on with it by resume()."
                                    .formatted(first));
                }
            }
            if (!isAffordable(left(all.getLast()))) {
                throw new InvalidJobException(
                        "Job %s has cost what it may. Submit what failed as a job of its own."
                                .formatted(first));
            }
            Made made = make(all.size(), true);
            if (made.failed > 0 && made.id.isEmpty()) {
                throw new InvalidJobException(
                        "Somebody else has just begun another round of job %s. Wait for its end."
                                .formatted(first));
            }
            begun.clear();
            return made.failed;
        } finally {
            oneAtATime.unlock();
        }
    }

    /**
     * @param id of the round; empty if there is nothing to ask, or another process was quicker
     * @param failed how many of its items had failed
     */
    private record Made(Optional<JobId> id, long failed) {}

    private Made make(int round, boolean withFailed) {
        List<JobId> before = all(store, first).subList(0, round);
        var spec = store.find(before.getLast()).orElseThrow().spec();
        var counts = IntStream.builder();
        long items = 0;
        long failed = 0;
        try (JobDraft draft =
                store.draft(spec.again(fingerprint(first, round), left(before.getLast())))) {
            var all = latest(before, withFailed);
            while (all.hasNext()) {
                LatestResults.Latest latest = all.next();
                boolean retried = withFailed && latest.result().kind() == StoredResult.Kind.FAILED;
                Item item = latest.result().item();
                Optional<Request> request = retried ? Optional.of(item.request()) : changed(latest);
                if (request.isPresent()) {
                    items++;
                    failed += retried ? 1 : 0;
                    draft.append(new Item(items, item.customId(), request.get(), item.row()));
                    counts.add(latest.answers());
                }
            }
            if (items == 0 || (withFailed && failed == 0)) {
                return new Made(Optional.empty(), 0);
            }
            Optional<JobId> made = draft.commitUnlessKnown().map(dev.batchwright.job.Job::id);
            String detail = "%,d items of %s, asked again".formatted(items, first);
            made.ifPresent(id -> store.addEvent(id, "created", detail));
            asked = made.map(id -> new AnswerCounts(id, counts.build()));
            return new Made(made, failed);
        }
    }

    /** What there is of each item that may be asked again, or of all. */
    private LatestResults latest(List<JobId> rounds, boolean all) {
        return asked.filter(last -> !all && last.round().equals(rounds.getLast()))
                .map(last -> LatestResults.of(store, last))
                .orElseGet(() -> LatestResults.of(store, rounds));
    }

    /** What to ask for an item that was answered, but not with what fits. */
    private Optional<Request> changed(LatestResults.Latest latest) {
        if (latest.result().kind() == StoredResult.Kind.SUCCEEDED
                && reading.judge(latest.result(), latest.answers())
                        instanceof Reading.Verdict.Again<?>(var body, var otherwise)) {
            Request asked = latest.result().item().request();
            return Optional.of(
                    new Request(asked.provider(), asked.endpoint(), asked.model(), body));
        }
        return Optional.empty();
    }

    /** Of the last round's cap, which is what the rounds before it have left, what is left. */
    private Optional<Cost> left(JobId last) {
        return store.find(last)
                .orElseThrow()
                .spec()
                .maxCost()
                .map(most -> most.minus(store.progress(last).cost()));
    }

    private static boolean isAffordable(Optional<Cost> left) {
        return left.filter(cost -> cost.compareTo(Cost.ZERO) <= 0).isEmpty();
    }
}
