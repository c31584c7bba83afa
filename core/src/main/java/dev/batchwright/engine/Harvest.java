package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.Cost;
import dev.batchwright.job.Item;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.SeqRanges;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.ResultFile;
import dev.batchwright.store.BatchWork;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * State Ended: every result file is downloaded into the store, then each is read and indexed, then
 * what is left without an outcome becomes an open shard of the next round, or has failed after the
 * last. Paid results are never given up: a download that fails is tried again for an hour, and then
 * a person decides about the items that have no outcome from the other files.
 *
 * <p>A crash leaves the files that were downloaded to their end, and the index where it stopped:
 * the next run goes on there. Costs the results' bytes once on disk, and one line at a time in
 * memory. For the thread of one course.
 */
final class Harvest {
    static final String COMPLETED = "completed";

    private final HeldBatch held;
    private final Waits waits;
    private final Retreat retreat;

    Harvest(HeldBatch held, Waits waits, Retreat retreat) {
        this.held = held;
        this.waits = waits;
        this.retreat = retreat;
    }

    Optional<BatchShard> harvest(BatchShard shard, BatchState.Ended ended)
            throws InterruptedException {
        boolean last = held.isLastRound() && !held.lane().isRecalled();
        var here = new ArrayList<String>();
        Optional<String> gone = Optional.empty();
        for (int i = 0; i < ended.resultFiles().size(); i++) {
            Optional<String> problem = download(shard, ended.resultFiles().get(i), name(ended, i));
            if (problem.isEmpty()) {
                here.add(name(ended, i));
            } else if (held.lane().endsForGood() || held.around().control().isEnding()) {
                return Optional.empty();
            } else {
                gone = gone.or(() -> problem);
            }
        }
        held.event("batch downloaded", "%s, %,d files".formatted(ended.batchId(), here.size()));
        RowJudge judge = judge(shard, ended, last);
        index(here, judge);
        SeqRanges left = held.left();
        if (gone.isPresent() && !left.isEmpty()) {
            held.quarantine(shard, ended.tag(), gone.get());
            return Optional.empty();
        }
        if (judge.strangers() > 0
                && !judge.knewAny()
                && left.equals(held.lease().shard().members())) {
            held.quarantine(
                    shard,
                    ended.tag(),
                    "the results of %s are of other requests".formatted(ended.batchId()));
            return Optional.empty();
        }
        long members = held.lease().shard().members().size();
        held.event(
                "batch ended",
                "%s %s; %,d of %,d requests have their outcome"
                        .formatted(ended.batchId(), ended.end(), members - left.size(), members));
        held.settle(judge.cost().plus(vanished(shard, ended, judge)));
        if (judge.knewAny()) {
            held.lane().taken(HeldBatch.target(shard));
        }
        return left.isEmpty() ? Optional.empty() : leave(ended, left, last);
    }

    // The result files in the order in which they were told, whatever the provider calls them.
    private static String name(BatchState.Ended ended, int file) {
        return ended.tag() + "-" + file;
    }

    private RowJudge judge(BatchShard shard, BatchState.Ended ended, boolean last) {
        BatchRoute.Prices prices = held.prices(shard);
        return new RowJudge(
                held.api(shard),
                shard.endpoint(),
                ended.tag(),
                held.round(),
                last,
                prices::batchCost);
    }

    private void index(List<String> names, RowJudge judge) throws InterruptedException {
        waits.place(held.lane().transfers());
        try {
            for (String name : names) {
                BatchWork.Harvest unusedCounts = held.work().harvest(held.lease(), name, judge);
            }
        } finally {
            held.lane().transfers().release();
        }
        held.around().worker().flush();
    }

    /**
     * What requests may have cost that a completed batch says nothing of, or nothing that can be
     * read: they were probably executed, and paid.
     */
    private Cost vanished(BatchShard shard, BatchState.Ended ended, RowJudge judge) {
        if (!ended.end().equals(COMPLETED) || held.around().job().spec().maxCost().isEmpty()) {
            return Cost.ZERO;
        }
        BatchRoute.Prices prices = held.prices(shard);
        try (Stream<Item> pending = held.around().worker().pending(held.lease())) {
            return pending.filter(item -> !judge.hasLeft(item.seq()))
                    .map(item -> prices.batchCost(held.mostUsage(item)))
                    .reduce(Cost.ZERO, Cost::plus);
        }
    }

    private Optional<BatchShard> leave(BatchState.Ended ended, SeqRanges left, boolean last)
            throws InterruptedException {
        if (!last) {
            return retreat.handBack(left, held.round() + 1);
        }
        ItemError missing =
                new ItemError(
                        "missing_from_results",
                        "The batch ended (%s) without a result for this request, in %d rounds."
                                .formatted(ended.end(), held.round()));
        held.fail(item -> Optional.of(missing));
        return Optional.empty();
    }

    /** Downloads a result file, if it is not here yet; gives the problem if that can't be done. */
    private Optional<String> download(BatchShard shard, String reference, String name)
            throws InterruptedException {
        if (held.work().isDownloaded(held.lease(), name)) {
            return Optional.empty();
        }
        boolean resumable = held.offered(shard).resumable();
        Instant began = held.around().clock().instant();
        BatchWork.Download download = held.work().download(held.lease(), name);
        try {
            while (true) {
                Duration wait;
                switch (downloadOnce(shard, reference, download)) {
                    case BatchAnswer.Given<Long> given -> {
                        download.commit();
                        return Optional.empty();
                    }
                    case BatchAnswer.Later<Long> later ->
                            wait = waits.pace().afterFailure(later.retryAfter());
                    case BatchAnswer.Unknown<Long> unknown -> {
                        held.say("its results are read on: " + unknown.error().message());
                        wait = waits.pace().afterFailure(unknown.retryAfter());
                    }
                    case BatchAnswer.Missing<Long>(ItemError error) -> {
                        held.say("its results are not shown: " + error.message());
                        if (isOver(began, BatchCourse.PATIENCE)) {
                            return Optional.of("its results are gone: " + error.message());
                        }
                        wait = waits.pace().afterFailure(Optional.empty());
                    }
                    case BatchAnswer.Refused<Long>(ItemError error, var problems) -> {
                        held.say("its results can't be read: " + error.message());
                        if (isOver(began, BatchCourse.PATIENCE)) {
                            return Optional.of("its results can't be read: " + error.message());
                        }
                        wait = waits.pace().afterFailure(Optional.empty());
                    }
                    case BatchAnswer.Blocked<Long>(String problem) -> {
                        held.block(problem);
                        return Optional.of(problem);
                    }
                }
                if (held.lane().endsForGood() && isOver(began, BatchCourse.RECALL_TIME)) {
                    return Optional.of("its results could not be fetched in time");
                }
                waits.pause(wait);
                if (!resumable && download.length() > 0) {
                    download.close();
                    download = held.work().download(held.lease(), name);
                }
            }
        } finally {
            download.close();
        }
    }

    private boolean isOver(Instant began, Duration time) {
        return Duration.between(began, held.around().clock().instant()).compareTo(time) >= 0;
    }

    private BatchAnswer<Long> downloadOnce(
            BatchShard shard, String reference, BatchWork.Download download)
            throws InterruptedException {
        return waits.transfer(
                () ->
                        held.api(shard)
                                .download(
                                        new ResultFile(reference),
                                        download.length(),
                                        download.out()));
    }
}
