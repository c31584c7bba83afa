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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private final EarlyResults early;
    private final Retreat retreat;

    Harvest(HeldBatch held, Waits waits, EarlyResults early, Retreat retreat) {
        this.held = held;
        this.waits = waits;
        this.early = early;
        this.retreat = retreat;
    }

    Optional<BatchShard> harvest(BatchShard shard, BatchState.Ended ended)
            throws InterruptedException {
        boolean last = held.isLastRound() && !held.lane().isRecalled();
        Map<String, ResultFile> files = unread(shard, ended);
        boolean inParts = files.values().stream().anyMatch(ResultFile::isPart);
        if (inParts && held.left().isEmpty()) {
            held.settle(Cost.ZERO);
            return Optional.empty();
        }
        RowJudge judge = held.judge(shard, ended.tag(), last);
        Optional<String> problem = read(shard, ended, files, judge);
        SeqRanges left = held.left();
        if (inParts && !isEnding() && (problem.isPresent() || EarlyResults.misses(left, judge))) {
            // Lines may have come in between those that were read before.
            judge = held.judge(shard, ended.tag(), last);
            var again = new EarlyResults.SecondReading(judge, left);
            problem = read(shard, ended, whole(ended), again);
            left = held.left();
        }
        if (problem.isPresent() && isEnding()) {
            return Optional.empty();
        }
        if (problem.isPresent() && !left.isEmpty()) {
            held.quarantine(shard, ended.tag(), problem.get());
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
        held.settle(vanished(shard, ended, judge));
        if (judge.knewAny()) {
            held.lane().taken(HeldBatch.target(shard));
        }
        return left.isEmpty() ? Optional.empty() : leave(ended, left, last);
    }

    private boolean isEnding() {
        return held.lane().endsForGood() || held.around().control().isEnding();
    }

    /** What was not read of its files while it ran, by the names in the store. */
    private Map<String, ResultFile> unread(BatchShard shard, BatchState.Ended ended)
            throws InterruptedException {
        var files = new LinkedHashMap<String, ResultFile>();
        for (var file : whole(ended).entrySet()) {
            ResultFile rest =
                    early.rest(
                            ended.tag(),
                            file.getValue(),
                            () -> held.judge(shard, ended.tag(), false));
            files.put(rest.isPart() ? EarlyResults.name(ended.tag(), rest) : file.getKey(), rest);
        }
        return files;
    }

    /** All of its files, in the order in which they were told, whatever the provider calls them. */
    private static Map<String, ResultFile> whole(BatchState.Ended ended) {
        var files = new LinkedHashMap<String, ResultFile>();
        for (int i = 0; i < ended.resultFiles().size(); i++) {
            files.put(ended.tag() + "-" + i, new ResultFile(ended.resultFiles().get(i)));
        }
        return files;
    }

    /** Downloads files and indexes those that could be had; gives the problem with the others. */
    private Optional<String> read(
            BatchShard shard,
            BatchState.Ended ended,
            Map<String, ResultFile> files,
            BatchWork.Judge judge)
            throws InterruptedException {
        var here = new ArrayList<String>();
        Optional<String> gone = Optional.empty();
        for (var file : files.entrySet()) {
            Optional<String> problem = download(shard, file.getValue(), file.getKey());
            if (problem.isEmpty()) {
                here.add(file.getKey());
            } else if (isEnding()) {
                return problem;
            } else {
                gone = gone.or(() -> problem);
            }
        }
        held.event("batch downloaded", "%s, %,d files".formatted(ended.batchId(), here.size()));
        index(here, judge);
        return gone;
    }

    private void index(List<String> names, BatchWork.Judge judge) throws InterruptedException {
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
        if (!ended.end().equals(COMPLETED) || !held.around().budget().isLimited()) {
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
    private Optional<String> download(BatchShard shard, ResultFile file, String name)
            throws InterruptedException {
        if (held.work().isDownloaded(held.lease(), name)) {
            return Optional.empty();
        }
        boolean resumable = held.offered(shard).resumable() && !file.isPart();
        Instant began = held.around().clock().instant();
        BatchWork.Download download = held.work().download(held.lease(), name);
        try {
            while (true) {
                Duration wait;
                switch (downloadOnce(shard, file, download)) {
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
                        // A part can be had with the whole.
                        if (file.isPart() || isOver(began, BatchCourse.PATIENCE)) {
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
            BatchShard shard, ResultFile file, BatchWork.Download download)
            throws InterruptedException {
        return waits.transfer(
                () -> held.api(shard).download(file, download.length(), download.out()));
    }
}
