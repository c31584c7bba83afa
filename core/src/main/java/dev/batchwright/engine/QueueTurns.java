package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.JobId;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.BatchQueue;
import dev.batchwright.store.JobStore;

import java.util.HashMap;
import java.util.Map;

/**
 * Whose turn it is to enter a provider's queue. The provider bounds the tokens that wait for a
 * model, and the batches at once, over all jobs of an account; so what counts is what the store
 * knows of all jobs, and what this run is about to add to it.
 *
 * <p>Where the queue has no room for all, the job that has less in it goes first, but a job that
 * has nothing in it need not wait for others: so none starves, and two can't wait for each other.
 * Two processes may find room at the same moment; the store then lets one in ({@link
 * HeldBatch#enqueue}), and the other waits.
 */
final class QueueTurns {
    /** What people read of a batch that must wait. */
    static final String WAITS = "waits for its turn in the provider's queue";

    private final JobStore store;
    private final JobId job;
    private final Map<Queue, BatchQueue.Share> entering = new HashMap<>(); // guarded by this

    private record Queue(String account, String model) {}

    QueueTurns(JobStore store, JobId job) {
        this.store = store;
        this.job = job;
    }

    /** What a look at the queue came to. */
    enum Turn {
        ENTERED,
        WAIT,
        /** It is larger than the whole queue: it must be cut. */
        TOO_LARGE
    }

    /** Enters the queue if there is room; {@link #arrived} must follow. */
    synchronized Turn tryEnter(BatchShard shard, BatchOffer.Offered offer) {
        long limit = offer.enqueuedTokens().orElse(Long.MAX_VALUE);
        if (shard.tokens() > limit) {
            return Turn.TOO_LARGE;
        }
        var queue = new Queue(shard.account(), shard.model());
        BatchQueue known = store.queue(shard.account(), shard.model());
        BatchQueue.Share ours = entering.getOrDefault(queue, new BatchQueue.Share(job, 0, 0, 0));
        long tokens = ours.enqueuedTokens();
        int batches = ours.batches();
        long mine = tokens;
        for (BatchQueue.Share share : known.shares()) {
            tokens += share.enqueuedTokens();
            batches += share.batches();
            mine += share.job().equals(job) ? share.enqueuedTokens() : 0;
        }
        boolean room = tokens <= limit - shard.tokens() && batches < offer.batches();
        if (!room || yieldsTo(known, mine, limit - tokens - shard.tokens())) {
            return Turn.WAIT;
        }
        entering.put(
                queue,
                new BatchQueue.Share(
                        job, ours.enqueuedTokens() + shard.tokens(), ours.batches() + 1, 0));
        return Turn.ENTERED;
    }

    // Another job waits that has less in the queue than we have, and behind us there would be no
    // room for as much as it has by now or as we take.
    private boolean yieldsTo(BatchQueue known, long mine, long roomBehindUs) {
        if (mine == 0 || roomBehindUs >= mine) {
            return false;
        }
        return known.shares().stream()
                .filter(share -> !share.job().equals(job))
                .anyMatch(share -> share.waiting() > 0 && share.enqueuedTokens() < mine);
    }

    /** Whether nothing is in its queue that the store knows of. */
    boolean isEmpty(BatchShard shard) {
        return store.queue(shard.account(), shard.model()).shares().stream()
                .allMatch(share -> share.enqueuedTokens() == 0);
    }

    /** The store counts it now, or it has gone back: nothing is about to be added any more. */
    synchronized void arrived(BatchShard shard) {
        entering.computeIfPresent(
                new Queue(shard.account(), shard.model()),
                (queue, ours) ->
                        ours.batches() == 1
                                ? null
                                : new BatchQueue.Share(
                                        job,
                                        ours.enqueuedTokens() - shard.tokens(),
                                        ours.batches() - 1,
                                        0));
    }
}
