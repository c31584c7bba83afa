package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.Job;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Lease;
import dev.batchwright.job.Request;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.limit.TokenEstimator;
import dev.batchwright.plan.BatchSize;
import dev.batchwright.plan.LanePolicy;
import dev.batchwright.plan.Packer;
import dev.batchwright.plan.Timetable;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.ShardDraft;
import dev.batchwright.store.Worker;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Cuts shards whose lane is open into shards of the two lanes. The items are read twice: once to
 * see how many of which size go where, once to cut them, so that nothing but the members of the
 * shards is held; {@link #ITEMS_AT_ONCE} bounds those. The shards change in one transaction at the
 * end: a crash before it leaves them open, for the next run.
 */
final class LanePlanner {
    /** About as many items are planned at once: enough for full batches. */
    static final long ITEMS_AT_ONCE = 1_000_000;

    static final int SHARDS_A_CLAIM = 50;

    private static final int LIVE_SHARD = 1_000;

    private final Job job;
    private final Worker worker;
    private final Routes routes;
    private final TokenEstimator estimator;
    private final LanePolicy policy;
    private final Timetable timetable;
    private final InstantSource clock;
    private final Supplier<Duration> liveTime;
    private final Function<Target, BatchOffer> offers;
    private final Consumer<String> announce;

    /**
     * What must not be mixed in a batch. Some providers would take several models in one; but a
     * batch of one model has one price.
     */
    record Target(String provider, String endpoint, String model) {
        static Target of(Request request) {
            return new Target(request.provider(), request.endpoint(), request.model());
        }
    }

    /**
     * @param liveTime what the live lane would need for all that is left of the job
     * @param offers what the batch lane can do for a target at this time
     * @param announce gets each choice in words
     */
    LanePlanner(
            Job job,
            Worker worker,
            Routes routes,
            TokenEstimator estimator,
            LanePolicy policy,
            Timetable timetable,
            InstantSource clock,
            Supplier<Duration> liveTime,
            Function<Target, BatchOffer> offers,
            Consumer<String> announce) {
        this.job = job;
        this.worker = worker;
        this.routes = routes;
        this.estimator = estimator;
        this.policy = policy;
        this.timetable = timetable;
        this.clock = clock;
        this.liveTime = liveTime;
        this.offers = offers;
        this.announce = announce;
    }

    /** Plans these shards; gives the problem if the user asked for what can't be done. */
    Optional<String> plan(List<Lease> open) {
        var byRound = new TreeMap<Integer, List<Lease>>();
        for (Lease lease : open) {
            byRound.computeIfAbsent(lease.shard().round(), round -> new ArrayList<>()).add(lease);
        }
        for (var entry : byRound.entrySet()) {
            Optional<String> problem = plan(entry.getKey(), entry.getValue());
            if (problem.isPresent()) {
                open.forEach(worker::release);
                return problem;
            }
        }
        return Optional.empty();
    }

    private Optional<String> plan(int round, List<Lease> open) {
        var groups = new LinkedHashMap<Target, Group>();
        each(open, item -> groups.computeIfAbsent(Target.of(item.request()), Group::new).add(item));
        Optional<Duration> time = timetable.timeForBatch(clock.instant(), liveTime.get());
        var choices = new ArrayList<String>();
        for (Group group : groups.values()) {
            switch (policy.choose(job.spec().mode(), group.prospect(), time)) {
                case LanePolicy.Choice.Take(Lane lane, String reason) -> {
                    group.take(lane, reason);
                    choices.add(group.words(lane));
                }
                case LanePolicy.Choice.Refuse(String problem) -> {
                    return Optional.of(problem);
                }
            }
        }
        var drafts = new ArrayList<ShardDraft>();
        var live = new SeqRanges.Builder();
        each(
                open,
                item -> {
                    Group group = groups.get(Target.of(item.request()));
                    if (group == null || !group.packs(item, drafts, round)) {
                        live.add(item.seq());
                    }
                });
        groups.values().forEach(group -> group.packRest(drafts, round));
        for (SeqRanges members : live.build().cut(LIVE_SHARD)) {
            drafts.add(new ShardDraft(Lane.LIVE, members, round, Optional.empty()));
        }
        worker.batches().replace(open, drafts);
        choices.forEach(announce);
        return Optional.empty();
    }

    private void each(List<Lease> open, Consumer<Item> action) {
        for (Lease lease : open) {
            try (Stream<Item> pending = worker.pending(lease)) {
                pending.forEach(action);
            }
        }
    }

    private static Optional<Cost> sum(Optional<Cost> one, Optional<Cost> other) {
        return one.flatMap(cost -> other.map(cost::plus));
    }

    /** The requests of a target: how large they are, what they cost, and the lane they take. */
    private final class Group {
        private final Target target;
        private final BatchOffer offer;
        private final Optional<BatchRoute> route;
        private final Optional<BatchRoute.Prices> prices;
        private BatchSize size = BatchSize.NONE;
        private Optional<Cost> live = Optional.of(Cost.ZERO);
        private Optional<Cost> batch = Optional.of(Cost.ZERO);
        private String reason = "";
        private Optional<Packer> packer = Optional.empty();

        Group(Target target) {
            this.target = target;
            this.offer = offers.apply(target);
            this.route = routes.batch(target.provider());
            this.prices = route.map(known -> known.prices().apply(target.model()));
        }

        void add(Item item) {
            var estimate = estimator.estimate(item.request());
            size = size.plus(sizeOf(item, estimate));
            var usage = estimate.expectedUsage();
            live = sum(live, prices.flatMap(known -> known.live().apply(usage)));
            batch = sum(batch, prices.flatMap(known -> known.batch().apply(usage)));
        }

        private BatchSize sizeOf(Item item, TokenEstimator.Estimate estimate) {
            long bytes = route.map(known -> known.api().size(item.request())).orElse(0L);
            return new BatchSize(1, bytes, estimate.input(), estimate.inputs());
        }

        LanePolicy.Group prospect() {
            return new LanePolicy.Group(target.provider(), offer, size.requests(), live, batch);
        }

        void take(Lane lane, String why) {
            reason = why;
            if (lane == Lane.BATCH && offer instanceof BatchOffer.Offered offered) {
                packer = Optional.of(new Packer(limit(offered), size));
            }
        }

        String words(Lane lane) {
            return "%,d request%s of %s %s: %s, %s"
                    .formatted(
                            size.requests(),
                            size.requests() == 1 ? "" : "s",
                            target.provider(),
                            target.model(),
                            lane == Lane.BATCH ? "in batches" : "live",
                            reason);
        }

        private BatchSize limit(BatchOffer.Offered offered) {
            return new BatchSize(
                    offered.requests(),
                    offered.bytes(),
                    offered.enqueuedTokens().orElse(Long.MAX_VALUE),
                    offered.inputs().orElse(Long.MAX_VALUE));
        }

        /** Puts an item into a batch, if this group takes that lane and the item fits into one. */
        boolean packs(Item item, List<ShardDraft> drafts, int round) {
            if (packer.isEmpty()) {
                return false;
            }
            BatchSize itemSize = sizeOf(item, estimator.estimate(item.request()));
            if (!packer.get().takes(itemSize)) {
                return false;
            }
            packer.get()
                    .add(item.seq(), itemSize)
                    .ifPresent(packed -> drafts.add(draft(packed, round)));
            return true;
        }

        void packRest(List<ShardDraft> drafts, int round) {
            packer.flatMap(Packer::end).ifPresent(packed -> drafts.add(draft(packed, round)));
        }

        private ShardDraft draft(Packer.Packed packed, int round) {
            var shard =
                    new BatchShard(
                            target.provider(),
                            route.orElseThrow().account(),
                            target.endpoint(),
                            target.model(),
                            packed.size().tokens(),
                            Cost.ZERO,
                            reason,
                            new BatchState.Planned());
            return new ShardDraft(Lane.BATCH, packed.members(), round, Optional.of(shard));
        }
    }
}
