package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.provider.InputProblem;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What follows when an input was refused as a whole and nothing of it ran, whether at the upload,
 * by the create call, or by a batch that ended as invalid: the lines that are to blame have failed,
 * the others set out again. Where no line is to blame, halves of it will tell, down to a single
 * request; where nothing is ever taken, the job stops with its items untouched.
 *
 * <p>A crash between the failures and the new plan leaves the others in their shard, which is
 * refused once more or sets out as it is. For the thread of one course.
 */
final class Refusal {
    private final HeldBatch held;
    private final CourseInput input;
    private final Retreat retreat;

    Refusal(HeldBatch held, CourseInput input, Retreat retreat) {
        this.held = held;
        this.input = input;
        this.retreat = retreat;
    }

    Optional<BatchShard> refused(
            BatchShard shard, BatchTag tag, ItemError error, List<InputProblem> problems)
            throws InterruptedException {
        Map<Long, ItemError> blamed = blamed(tag, problems);
        SeqRanges members = held.left();
        LanePlanner.Target target = HeldBatch.target(shard);
        boolean tooMuch = held.lane().refusesTooMuch(target);
        if (blamed.isEmpty() && members.size() == 1) {
            if (held.lane().isTaken(target)) {
                blamed.put(members.ranges().getFirst().first(), error);
            } else {
                tooMuch = true;
            }
        }
        held.fail(item -> Optional.ofNullable(blamed.get(item.seq())));
        SeqRanges rest = held.left();
        if (rest.isEmpty()) {
            held.settle(Cost.ZERO);
            return Optional.empty();
        }
        if (tooMuch) {
            return retreat.blocked(
                    shard,
                    "%s refuses one batch after the other, the last one of %,d requests: %s. Nothing of it was executed; mend the input, or run the same command with --mode live."
                            .formatted(
                                    shard.provider(),
                                    members.size(),
                                    error.message().replaceFirst("\\.$", "")));
        }
        // No round is over for those that are not to blame. Without a line to blame, half of them
        // will tell.
        BatchShard again = retreat.unsent(shard);
        return blamed.isEmpty()
                ? retreat.halve(again)
                : retreat.planned(again, rest, members.size());
    }

    // Line n of the input is the n-th of the items that it was written from.
    private Map<Long, ItemError> blamed(BatchTag tag, List<InputProblem> problems) {
        var blamed = new HashMap<Long, ItemError>();
        for (InputProblem problem : problems) {
            OptionalLong seq =
                    problem.wireId()
                            .map(tag::seq)
                            .filter(OptionalLong::isPresent)
                            .or(() -> problem.line().map(input::itemOfLine))
                            .orElse(OptionalLong.empty());
            seq.ifPresent(known -> blamed.put(known, problem.error()));
        }
        return blamed;
    }
}
