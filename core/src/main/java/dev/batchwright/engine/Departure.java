package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Mode;
import dev.batchwright.provider.BatchOffer;
import dev.batchwright.store.Funding;

import java.util.Optional;

/**
 * State Planned: a batch waits for its turn in the provider's queue and for its part of the budget,
 * its input is written, and it sets out under a new tag. What is too large for the whole queue or
 * what is left of the budget is cut in halves; what may not travel in a batch any more goes back to
 * the planner.
 *
 * <p>One commit: the next state with what it reserves. A crash before it leaves the shard Planned
 * and nothing sent. Costs one reading of the shard's items, and its input on disk. For the thread
 * of one course.
 */
final class Departure {
    private final HeldBatch held;
    private final CourseInput input;
    private final Waits waits;
    private final Absence absence;
    private final Creation creation;
    private final Retreat retreat;
    // What the input was found to cost at most, so that waiting for money writes it only once.
    private Optional<Cost> needed = Optional.empty();

    Departure(
            HeldBatch held,
            CourseInput input,
            Waits waits,
            Absence absence,
            Creation creation,
            Retreat retreat) {
        this.held = held;
        this.input = input;
        this.waits = waits;
        this.absence = absence;
        this.creation = creation;
        this.retreat = retreat;
    }

    Optional<BatchShard> depart(BatchShard shard) throws InterruptedException {
        BatchLane lane = held.lane();
        while (true) {
            if (lane.isRecalled() || held.around().job().spec().mode() == Mode.LIVE) {
                return retreat.handBack();
            }
            if (!(lane.offer(HeldBatch.target(shard)) instanceof BatchOffer.Offered offer)) {
                return retreat.handBack();
            }
            long departures = lane.departures().times();
            switch (lane.turns().tryEnter(shard, offer)) {
                case ENTERED -> {
                    try {
                        return prepare(shard, offer, departures);
                    } finally {
                        lane.turns().arrived(shard);
                    }
                }
                case WAIT -> {
                    held.say(QueueTurns.WAITS);
                    waits.forDeparture(departures);
                }
                case TOO_LARGE -> {
                    return retreat.halve(shard);
                }
            }
        }
    }

    private Optional<BatchShard> prepare(
            BatchShard shard, BatchOffer.Offered offer, long departures)
            throws InterruptedException {
        Cost cost = needed.isPresent() ? needed.get() : input.writeAnew(shard).cost();
        needed = Optional.of(cost);
        if (held.fund(cost) instanceof Funding.Lacking little) {
            if (little.calls() || little.batches()) {
                input.drop();
                held.say(
                        little.limit() == Funding.Limit.JOB
                                ? "waits until what is under way is paid, because of the budget"
                                : "waits until what is under way is paid, because of its owner's"
                                        + " budget");
                waits.forDeparture(departures);
                return Optional.of(shard);
            }
            return beyondBudget(shard, cost, little);
        }
        Spool written =
                input.written().isPresent() ? input.written().get() : input.writeAnew(shard);
        if (written.cost().compareTo(cost) > 0) {
            // Written anew, it is estimated by what was learned meanwhile.
            needed = Optional.of(written.cost());
            held.unfund();
            return Optional.of(shard);
        }
        return setOut(shard, cost, written, offer, departures);
    }

    private Optional<BatchShard> setOut(
            BatchShard shard, Cost cost, Spool written, BatchOffer.Offered offer, long departures)
            throws InterruptedException {
        BatchShard funded = shard.reserving(cost);
        if (offer.uploads()) {
            wrote(funded, written);
            // With the turn still held: it counts here until the store counts it for everybody.
            return creation.upload(
                    held.commit(funded.in(new BatchState.Uploading(written.tag()))), written.tag());
        }
        BatchShard creating =
                funded.in(
                        new BatchState.Creating(
                                written.tag(), "", held.around().clock().instant()));
        if (!held.enqueue(creating)) {
            input.drop();
            held.unfund();
            held.say(QueueTurns.WAITS);
            waits.forDeparture(departures);
            return Optional.of(shard);
        }
        wrote(funded, written);
        absence.prove();
        return Optional.of(creating);
    }

    private void wrote(BatchShard shard, Spool written) {
        held.event(
                "batch written",
                "%s: %,d requests, %,d bytes, at most %s"
                        .formatted(
                                written.tag(),
                                input.items().size(),
                                written.length(),
                                shard.reserved()));
    }

    /**
     * Nothing is under way that could give money back. The job's own cap ends the run; where the
     * owner has none left, requests end that can't be paid for.
     */
    private Optional<BatchShard> beyondBudget(BatchShard shard, Cost cost, Funding.Lacking little)
            throws InterruptedException {
        input.drop();
        long items = held.left().size();
        boolean ownersMoney = little.limit() == Funding.Limit.ACCOUNT;
        // Where not even one of them would fit, halves need not be tried.
        if (ownersMoney && little.left().picoUsd() < cost.picoUsd() / items) {
            held.fail(item -> Optional.of(LiveLane.UNPAID));
            return Optional.empty();
        }
        if (items > 1) {
            return retreat.halve(shard);
        }
        held.around()
                .control()
                .end(
                        LiveLane.beyondBudget(
                                held.around().budget().cap().orElseThrow(), "request", cost));
        return Optional.empty();
    }
}
