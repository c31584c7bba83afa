package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Outcome;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.job.Usage;
import dev.batchwright.provider.BatchApi;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.BatchWork;
import dev.batchwright.store.Funding;
import dev.batchwright.store.ShardDraft;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A shard of the batch lane in the hands of the one thread that carries it: what the steps of a
 * {@link BatchCourse} share. Whatever changes the shard goes through here, under its lease: its
 * next state, what is set aside for it, where its items go, and what people read of it.
 *
 * <p>A crash leaves what was committed last. What is set aside lies in that row, too: it counts as
 * spent for every run until outcomes are indexed instead, or the shard is settled.
 */
final class HeldBatch {
    private static final int FAILURES_A_SYNC = 1_000;

    private final BatchLane lane;
    private final BatchLane.Surroundings around;
    private final BatchWork work;
    private final Lease lease;
    private String note = "";

    /** Why an item fails for good, if it does. */
    interface Fate {
        Optional<ItemError> of(Item item);
    }

    HeldBatch(BatchLane lane, BatchLane.Surroundings around, Lease lease) {
        this.lane = lane;
        this.around = around;
        this.work = around.worker().batches();
        this.lease = lease;
    }

    BatchLane lane() {
        return lane;
    }

    BatchLane.Surroundings around() {
        return around;
    }

    BatchWork work() {
        return work;
    }

    Lease lease() {
        return lease;
    }

    // ---- What it is about

    int round() {
        return lease.shard().round();
    }

    boolean isLastRound() {
        return round() >= around.job().spec().live().maxAttempts();
    }

    /** The items that have no outcome yet. */
    SeqRanges left() {
        return work.left(lease);
    }

    static LanePlanner.Target target(BatchShard shard) {
        return new LanePlanner.Target(shard.provider(), shard.endpoint(), shard.model());
    }

    BatchRoute route(BatchShard shard) {
        return around.routes()
                .batch(shard.provider())
                .orElseThrow(
                        () ->
                                new IllegalStateException(
                                        "Shard %d has a batch at %s, which has no batch API"
                                                .formatted(lease.shard().id(), shard.provider())));
    }

    BatchApi api(BatchShard shard) {
        return route(shard).api();
    }

    BatchRoute.Prices prices(BatchShard shard) {
        return route(shard).prices().apply(shard.model());
    }

    BatchOffer.Offered offered(BatchShard shard) {
        return switch (api(shard).offer(shard.endpoint(), shard.model())) {
            case BatchOffer.Offered offered -> offered;
            case BatchOffer.NotOffered(String reason) ->
                    throw new IllegalStateException("A batch where there is none: " + reason);
        };
    }

    /**
     * One that judges rows of its results.
     *
     * @param last whether what it leaves is not tried again
     */
    RowJudge judge(BatchShard shard, BatchTag tag, boolean last) {
        return new RowJudge(
                api(shard), shard.endpoint(), tag, round(), last, prices(shard)::batchCost);
    }

    /** What a request may use, at most. */
    Usage mostUsage(Item item) {
        return around.estimator().estimate(item.request()).cautiousUsage();
    }

    // ---- Where it goes

    BatchShard commit(BatchShard next) {
        work.advance(lease, next);
        note = "";
        switch (next.state()) {
            case BatchState.Planned planned -> lane.departures().all();
            case BatchState.Ended ended -> lane.departures().all();
            case BatchState.Quarantined quarantined -> lane.departures().all();
            case BatchState.Uploading uploading -> {}
            case BatchState.Creating creating -> {}
            case BatchState.Running running -> {}
        }
        return next;
    }

    /**
     * Commits the state from which on the provider's queue counts it, if there is room in it by
     * now: others have entered it since this one got its turn. Where nothing is known of a queue,
     * there is.
     */
    boolean enqueue(BatchShard creating) {
        if (!(lane.offer(target(creating)) instanceof BatchOffer.Offered offer)) {
            BatchShard unusedShard = commit(creating);
            return true;
        }
        if (!work.enqueue(
                lease, creating, offer.enqueuedTokens().orElse(Long.MAX_VALUE), offer.batches())) {
            return false;
        }
        note = "";
        return true;
    }

    /** Moves the items without an outcome into these; the course is over with it. */
    void replace(List<ShardDraft> next) {
        work.replace(List.of(lease), new ArrayList<>(next));
        lane.changes().all();
    }

    /** Ends the items of which this says so; many share a sync. */
    void fail(Fate fate) throws InterruptedException {
        var group = new HashMap<Long, Outcome>();
        try (Stream<Item> pending = around.worker().pending(lease)) {
            var items = pending.iterator();
            while (items.hasNext()) {
                Item item = items.next();
                fate.of(item).ifPresent(error -> group.put(item.seq(), failed(error)));
                if (group.size() == FAILURES_A_SYNC) {
                    around.worker().record(lease, group);
                    group.clear();
                }
            }
        }
        around.worker().record(lease, group);
        around.worker().flush();
    }

    private Outcome failed(ItemError error) {
        return new Outcome.Failed(round(), error, Optional.empty(), Usage.NONE, Cost.ZERO);
    }

    /** Leaves it to a person to find out whether it has a batch. */
    void quarantine(BatchShard shard, BatchTag tag, String why) {
        String problem =
                "whether %s has a batch `%s` can't be found out (%s). Look for it there; if it exists, `batchwright attach ID --job %s` takes it in, if not, `batchwright retry %s --quarantined` sends its items again."
                        .formatted(
                                shard.provider(),
                                BatchApi.displayName(tag),
                                why,
                                around.job().id(),
                                around.job().id());
        commit(shard.in(new BatchState.Quarantined(tag, problem)));
        event("quarantined", problem);
    }

    /** Ends the run: every other batch would meet the same. */
    void block(String problem) {
        around.control().end(new RunEnd.Blocked(problem));
    }

    // ---- What it costs

    /** Sets aside what it may cost at most, before it sets out. */
    Funding fund(Cost most) {
        return around.budget().isLimited()
                ? work.fund(lease, around.budget().cap(), most)
                : new Funding.Granted(most);
    }

    /** It does not set out now: others may have its money. */
    void unfund() {
        if (around.budget().isLimited()) {
            Funding unusedNothing = fund(Cost.ZERO);
        }
        // Who waits for money need not wait for the clock.
        lane.departures().all();
    }

    /**
     * Nothing more will come of it.
     *
     * @param presumed what requests may have cost that it says nothing of
     */
    void settle(Cost presumed) {
        if (!presumed.equals(Cost.ZERO)) {
            work.settle(lease, presumed);
        }
        lane.departures().all();
    }

    // ---- What people read

    void event(String kind, String detail) {
        around.store().addEvent(around.job().id(), kind, detail);
    }

    /** How it goes: what {@code status} shows, until the state changes. */
    void say(String word) {
        if (!word.equals(note)) {
            note = word;
            work.note(lease, word);
        }
    }
}
