package dev.batchwright.plan;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Mode;
import dev.batchwright.provider.BatchOffer;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;

/**
 * Decides which lane a group of requests takes. In {@code auto} that is the batch lane where the
 * provider has one for them, it saves something that is worth the wait, and there is time for it.
 *
 * <p>There is time for it if the live lane could still do everything after the batch was called
 * back. Where that leaves too little, all goes live, which is sure to end in time. Where the live
 * lane alone is too slow for the deadline from the beginning, its whole time is worth more than the
 * price: it gets as many requests as it can do until then, and no more, for those beyond would be
 * left undone with certainty. They ride in batches, which may or may not end in time, but take
 * nothing away from the live lane, cost less, and are harvested at the deadline as far as they got.
 * Prices are not asked then: this way the most is done, and nothing is dearer than live.
 *
 * @param shortestBatch a batch that has less time than this is not begun
 */
public record LanePolicy(Duration shortestBatch) {
    public static final LanePolicy STANDARD = new LanePolicy(Duration.ofMinutes(15));

    /** What a batch must save to be worth waiting for. */
    public static final Cost WORTH_WAITING = Cost.ofUsd(new BigDecimal("0.05"));

    /** Where no price is known: how many requests are worth it. */
    public static final long MANY = 1_000;

    /**
     * Requests of one provider, endpoint and, where that matters, model.
     *
     * @param live what they would cost now, by the price table
     * @param batch what they would cost in a batch
     */
    public record Group(
            String provider,
            BatchOffer offer,
            long requests,
            Optional<Cost> live,
            Optional<Cost> batch) {}

    /** What was decided, and why, for people. */
    public sealed interface Choice {
        record Take(Lane lane, String reason) implements Choice {}

        /** So many go live, as no lane alone can do all in time, and the rest in batches. */
        record Share(long live, String reason) implements Choice {}

        /** The user wants a lane that there is not. */
        record Refuse(String problem) implements Choice {}
    }

    /**
     * @param outlook what the deadline leaves; empty: as much time as it needs
     */
    public Choice choose(Mode mode, Group group, Optional<Timetable.Outlook> outlook) {
        return switch (mode) {
            case LIVE -> new Choice.Take(Lane.LIVE, "as asked for");
            case BATCH ->
                    switch (group.offer()) {
                        case BatchOffer.Offered offered ->
                                new Choice.Take(Lane.BATCH, "as asked for");
                        case BatchOffer.NotOffered(String reason) ->
                                new Choice.Refuse(
                                        "%s. Leave --mode batch out, or use --mode live."
                                                .formatted(reason));
                    };
            case AUTO ->
                    switch (group.offer()) {
                        case BatchOffer.NotOffered(String reason) -> live(reason);
                        case BatchOffer.Offered offered ->
                                outlook.isPresent() ? inTime(group, outlook.get()) : weigh(group);
                    };
        };
    }

    private Choice inTime(Group group, Timetable.Outlook outlook) {
        boolean liveIsEnough = outlook.isAllPossibleLive();
        Duration forBatch = liveIsEnough ? outlook.forBatch() : outlook.untilDeadline();
        if (forBatch.compareTo(shortestBatch) < 0) {
            return live("the deadline leaves no time for a batch");
        }
        return liveIsEnough ? weigh(group) : share(group, outlook.liveShare());
    }

    private static Choice share(Group group, double part) {
        long live = (long) (group.requests() * part);
        String reason = "the live lane alone can't do all before the deadline";
        return live == 0 ? batch(reason) : new Choice.Share(live, reason);
    }

    private static Choice weigh(Group group) {
        if (group.live().isEmpty()) {
            return group.requests() >= MANY
                    ? batch(
                            "%,d requests, at the provider's batch price"
                                    .formatted(group.requests()))
                    : live("%,d requests are few for a batch".formatted(group.requests()));
        }
        if (group.batch().isEmpty()) {
            return live("no batch price is known for this model");
        }
        Cost saved = group.live().get().minus(group.batch().get());
        return saved.compareTo(WORTH_WAITING) >= 0
                ? batch("saves about %s of %s".formatted(saved, group.live().get()))
                : live("a batch would save only %s".formatted(saved));
    }

    private static Choice live(String reason) {
        return new Choice.Take(Lane.LIVE, reason);
    }

    private static Choice batch(String reason) {
        return new Choice.Take(Lane.BATCH, reason);
    }
}
