package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Lane;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.store.ShardDraft;

import java.util.List;
import java.util.Optional;

/**
 * The ways back of a batch that does not run: planned again as if it had never set out, cut in
 * halves, or its items left to the planner, who decides anew how they travel. Each is one
 * transaction; the last two end the shard, and with it the course. Nothing here is called while it
 * is in doubt whether a batch exists. For the thread of one course.
 */
final class Retreat {
    private final HeldBatch held;
    private final CourseInput input;
    private final Absence absence;

    Retreat(HeldBatch held, CourseInput input, Absence absence) {
        this.held = held;
        this.input = input;
        this.absence = absence;
    }

    /** Certainly nothing was created: as if it had never set out. */
    BatchShard unsent(BatchShard shard) {
        input.drop();
        held.settle(Cost.ZERO);
        absence.doubt();
        return held.commit(shard.planned(shard.tokens()));
    }

    /** Nothing was created, and its items are to travel otherwise. */
    Optional<BatchShard> recalled(BatchShard shard) {
        BatchShard unusedShard = unsent(shard);
        return handBack();
    }

    /** Nothing was created, and nothing would be if it was tried again: the run ends. */
    Optional<BatchShard> blocked(BatchShard shard, String problem) {
        held.block(problem);
        BatchShard unusedShard = unsent(shard);
        return Optional.empty();
    }

    /** Leaves the items to the planner; no round is over for them. */
    Optional<BatchShard> handBack() {
        return handBack(held.left(), held.round());
    }

    /** Leaves these items to the planner, for this round. */
    Optional<BatchShard> handBack(SeqRanges items, int round) {
        input.drop();
        if (!items.isEmpty()) {
            held.replace(List.of(new ShardDraft(Lane.OPEN, items, round, Optional.empty())));
        }
        return Optional.empty();
    }

    /** Plans these items alone, of those that it had. */
    Optional<BatchShard> planned(BatchShard shard, SeqRanges rest, long members) {
        long tokens = Math.ceilDiv(shard.tokens() * rest.size(), members);
        held.replace(
                List.of(
                        new ShardDraft(
                                Lane.BATCH,
                                rest,
                                held.round(),
                                Optional.of(shard.planned(tokens)))));
        return Optional.empty();
    }

    /** Cuts a shard that is too large for what is left of a queue or a budget. */
    Optional<BatchShard> halve(BatchShard shard) {
        input.drop();
        SeqRanges members = held.left();
        int round = held.round();
        if (members.size() == 1) {
            // No batch is small enough for it: it can only go alone.
            held.replace(List.of(new ShardDraft(Lane.LIVE, members, round, Optional.empty())));
            return Optional.empty();
        }
        BatchShard half = shard.planned(Math.ceilDiv(shard.tokens(), 2));
        held.replace(
                members.cut(Math.ceilDiv(members.size(), 2)).stream()
                        .map(part -> new ShardDraft(Lane.BATCH, part, round, Optional.of(half)))
                        .toList());
        return Optional.empty();
    }
}
