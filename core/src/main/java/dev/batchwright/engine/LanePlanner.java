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
 * Cuts shards whose lane is open into shards of the two lanes. The items are read once; of each,
 * only its place and its sizes are held ({@link ItemSizes}), of {@link #ITEMS_AT_ONCE} at most. The
 * shards change in one transaction at the end: a crash before it leaves them open, for the next
 * run.
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
    private final Supplier<Timetable.LiveTime> liveTime;
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
     * @param liveTime what the live lane would need for what is left of the job
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
            Supplier<Timetable.LiveTime> liveTime,
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
        List<Group> groups = groups(open);
        Optional<Timetable.Outlook> outlook =
                timetable.outlook(clock.instant(), liveTime.get().withLiveOnly(liveOnly(groups)));
        var drafts = new ArrayList<ShardDraft>();
        var choices = new ArrayList<String>();
        var live = new SeqRanges.Builder();
        for (Group group : groups) {
            switch (policy.choose(job.spec().mode(), group.prospect(), outlook)) {
                case LanePolicy.Choice.Take(Lane lane, String reason) -> {
                    long alone = lane == Lane.BATCH ? 0 : group.items.count();
                    group.cut(alone, reason, round, drafts, live);
                    choices.addAll(group.words(alone, reason));
                }
                case LanePolicy.Choice.Share(long alone, String reason) -> {
                    group.cut(alone, reason, round, drafts, live);
                    choices.addAll(group.words(alone, reason));
                }
                case LanePolicy.Choice.Refuse(String problem) -> {
                    return Optional.of(problem);
                }
            }
        }
        for (SeqRanges members : live.build().cut(LIVE_SHARD)) {
            drafts.add(new ShardDraft(Lane.LIVE, members, round, Optional.empty()));
        }
        worker.batches().replace(open, drafts);
        choices.forEach(announce);
        return Optional.empty();
    }

    private List<Group> groups(List<Lease> open) {
        var groups = new LinkedHashMap<Target, Group>();
        for (Lease lease : open) {
            try (Stream<Item> pending = worker.pending(lease)) {
                pending.forEach(
                        item ->
                                groups.computeIfAbsent(Target.of(item.request()), Group::new)
                                        .add(item));
            }
        }
        return List.copyOf(groups.values());
    }

    /** The part of all requests that no batch takes. */
    private static double liveOnly(List<Group> groups) {
        long all = groups.stream().mapToLong(group -> group.items.count()).sum();
        long only =
                groups.stream()
                        .filter(group -> group.offer instanceof BatchOffer.NotOffered)
                        .mapToLong(group -> group.items.count())
                        .sum();
        return all == 0 ? 0 : (double) only / all;
    }

    private static Optional<Cost> sum(Optional<Cost> one, Optional<Cost> other) {
        return one.flatMap(cost -> other.map(cost::plus));
    }

    /** The requests of a target: how large they are, what they cost, and how they are cut. */
    private final class Group {
        private final Target target;
        private final BatchOffer offer;
        private final Optional<BatchRoute> route;
        private final Optional<BatchRoute.Prices> prices;
        private final ItemSizes items = new ItemSizes();
        private Optional<Cost> live = Optional.of(Cost.ZERO);
        private Optional<Cost> batch = Optional.of(Cost.ZERO);

        Group(Target target) {
            this.target = target;
            this.offer = offers.apply(target);
            this.route = routes.batch(target.provider());
            this.prices = route.map(known -> known.prices().apply(target.model()));
        }

        void add(Item item) {
            if (offer instanceof BatchOffer.NotOffered) {
                // Of what goes live whatever it is, there is nothing to weigh.
                items.add(item.seq(), BatchSize.NONE);
                return;
            }
            var estimate = estimator.estimate(item.request());
            long bytes = route.map(known -> known.api().size(item.request())).orElse(0L);
            items.add(item.seq(), new BatchSize(1, bytes, estimate.input(), estimate.inputs()));
            var usage = estimate.expectedUsage();
            live = sum(live, prices.flatMap(known -> known.live().apply(usage)));
            batch = sum(batch, prices.flatMap(known -> known.batch().apply(usage)));
        }

        LanePolicy.Group prospect() {
            return new LanePolicy.Group(target.provider(), offer, items.count(), live, batch);
        }

        List<String> words(long alone, String reason) {
            var words = new ArrayList<String>();
            if (alone > 0) {
                words.add(words(alone, "live", reason));
            }
            if (alone < items.count()) {
                words.add(words(items.count() - alone, "in batches", reason));
            }
            return words;
        }

        private String words(long requests, String how, String reason) {
            return "%,d request%s of %s %s: %s, %s"
                    .formatted(
                            requests,
                            requests == 1 ? "" : "s",
                            target.provider(),
                            target.model(),
                            how,
                            reason);
        }

        /** Cuts the first so many for the live lane, and with them what fits into no batch. */
        void cut(
                long alone,
                String reason,
                int round,
                List<ShardDraft> drafts,
                SeqRanges.Builder live) {
            int first = Math.toIntExact(alone);
            for (int i = 0; i < first; i++) {
                live.add(items.seq(i));
            }
            if (!(offer instanceof BatchOffer.Offered offered) || first == items.count()) {
                return;
            }
            var packer = new Packer(limit(offered), items.sizeFrom(first));
            for (int i = first; i < items.count(); i++) {
                if (packer.takes(items.size(i))) {
                    packer.add(items.seq(i), items.size(i))
                            .ifPresent(packed -> drafts.add(draft(packed, reason, round)));
                } else {
                    live.add(items.seq(i));
                }
            }
            packer.end().ifPresent(packed -> drafts.add(draft(packed, reason, round)));
        }

        private BatchSize limit(BatchOffer.Offered offered) {
            return new BatchSize(
                    offered.requests(),
                    offered.bytes(),
                    offered.enqueuedTokens().orElse(Long.MAX_VALUE),
                    offered.inputs().orElse(Long.MAX_VALUE));
        }

        private ShardDraft draft(Packer.Packed packed, String reason, int round) {
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
