package dev.batchwright;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;
import dev.batchwright.job.Request;
import dev.batchwright.store.JobDraft;
import dev.batchwright.store.JobStore;
import dev.batchwright.store.Selection;
import dev.batchwright.store.StoredResult;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A job and those that ask again for it: what does not fit in one round is asked with a changed
 * request in the next, which is a job of its own, begun when the former is finished and found again
 * by its fingerprint. So a crash leaves whole rounds, and whoever has the job again goes on with
 * the last. What all rounds may cost is what the job may cost.
 *
 * <p>Costs a reading of all results when a job is finished; at most one thread of a process makes a
 * round. Thread-safe.
 */
final class Rounds {
    private final Batchwright owner;
    private final JobStore store;
    private final JobId first;
    private final Reading<?> reading;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private final Map<Integer, Optional<JobId>> begun = new HashMap<>();

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
     * Whether the last round may still answer, or be followed by another one.
     *
     * @param asksAgain whether it has answers to be asked again that nobody has tried to ask
     */
    boolean mayGoOn(JobId job, boolean asksAgain) {
        var last = store.find(job).orElseThrow();
        return switch (last.state()) {
            case JobState.Loading loading -> true;
            case JobState.Active active -> true;
            case JobState.Finished finished -> asksAgain && isAffordable(left(last));
            case JobState.Blocked blocked -> false;
            case JobState.Stopped stopped -> false;
            case JobState.Cancelled cancelled -> false;
        };
    }

    private boolean isFinished(JobId job) {
        return store.find(job)
                .filter(found -> found.state() instanceof JobState.Finished)
                .isPresent();
    }

    private Optional<JobId> begin(JobId job, int round) {
        var former = store.find(job).orElseThrow();
        Optional<Cost> left = left(former);
        if (!(former.state() instanceof JobState.Finished) || !isAffordable(left)) {
            return Optional.empty();
        }
        var spec = former.spec().again(fingerprint(first, round + 1), left);
        try (JobDraft draft = store.draft(spec);
                var answered = store.results(job, Selection.SUCCEEDED)) {
            long items = 0;
            while (answered.hasNext()) {
                StoredResult result = answered.next();
                if (reading.judge(result, round + 1)
                        instanceof Reading.Verdict.Again<?>(var body, var otherwise)) {
                    items++;
                    Request asked = result.item().request();
                    draft.append(
                            new Item(
                                    items,
                                    result.item().customId(),
                                    new Request(
                                            asked.provider(),
                                            asked.endpoint(),
                                            asked.model(),
                                            body),
                                    result.item().row()));
                }
            }
            if (items == 0) {
                return Optional.empty();
            }
            Optional<JobId> made = draft.commitUnlessKnown().map(dev.batchwright.job.Job::id);
            String detail = "%,d items of %s, asked again".formatted(items, first);
            made.ifPresent(next -> store.addEvent(next, "created", detail));
            // Another process may have been quicker.
            return made.or(() -> find(round));
        }
    }

    /** Of a round's cap, which is what the rounds before have left. */
    private Optional<Cost> left(dev.batchwright.job.Job job) {
        return job.spec().maxCost().map(most -> most.minus(store.progress(job.id()).cost()));
    }

    private static boolean isAffordable(Optional<Cost> left) {
        return left.filter(cost -> cost.compareTo(Cost.ZERO) <= 0).isEmpty();
    }
}
