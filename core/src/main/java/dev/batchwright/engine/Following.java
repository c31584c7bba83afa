package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Cost;
import dev.batchwright.job.ItemError;
import dev.batchwright.job.Mode;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.ResultFile;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * State Running: the batch is asked for until it is over, and cancelled when it is called back;
 * results that are there before are taken in. Whatever it ended with has results goes on to be
 * harvested; what ended without any and certainly did not run goes back, each in its own way:
 * refused, too much for the queue, or not offered.
 *
 * <p>A crash leaves the batch running there, and the next run asks on. Costs one call a look, free,
 * with growing pauses; nothing is held meanwhile but the thread. For the thread of one course.
 */
final class Following {
    private static final Duration LONGEST_QUEUE_WAIT = Duration.ofMinutes(10);

    private final HeldBatch held;
    private final Waits waits;
    private final EarlyResults early;
    private final Retreat retreat;
    private final Refusal refusal;
    private int queueRefusals;

    Following(HeldBatch held, Waits waits, EarlyResults early, Retreat retreat, Refusal refusal) {
        this.held = held;
        this.waits = waits;
        this.early = early;
        this.retreat = retreat;
        this.refusal = refusal;
    }

    Optional<BatchShard> follow(BatchShard shard, BatchState.Running running)
            throws InterruptedException {
        boolean cancelled = false;
        Optional<Instant> silentSince = Optional.empty();
        while (true) {
            Instant now = held.around().clock().instant();
            switch (waits.away(() -> held.api(shard).poll(running.batchId()))) {
                case BatchAnswer.Given<RemoteBatch>(RemoteBatch batch) -> {
                    switch (batch.phase()) {
                        case RemoteBatch.Phase.Ended(var end, var files) -> {
                            return ended(shard, running, end, files);
                        }
                        case RemoteBatch.Phase.Running(String status, var partial) -> {
                            held.say(progress(status, batch.counts()));
                            silentSince = Optional.empty();
                            waits.pace().succeeded();
                            if (readEarly(shard, running.tag(), batch.counts(), partial)
                                    && held.left().isEmpty()) {
                                held.event(
                                        "batch ended",
                                        "%s %s; all requests have their outcome"
                                                .formatted(running.batchId(), status));
                                held.settle(Cost.ZERO);
                                return Optional.empty();
                            }
                        }
                    }
                }
                case BatchAnswer.Later<RemoteBatch> later -> {
                    held.say("its provider does not answer: " + later.error().message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                case BatchAnswer.Unknown<RemoteBatch> unknown -> {
                    held.say("its provider does not answer: " + unknown.error().message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                // Not visible yet, or for a while: a batch is not forgotten for one answer.
                case BatchAnswer.Missing<RemoteBatch>(ItemError error) -> {
                    held.say("is not shown by its provider: " + error.message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                    if (silence(silentSince).compareTo(BatchCourse.PATIENCE) >= 0) {
                        held.quarantine(
                                shard,
                                running.tag(),
                                "its id %s is not known there any more"
                                        .formatted(running.batchId()));
                        return Optional.empty();
                    }
                }
                case BatchAnswer.Refused<RemoteBatch>(ItemError error, var problems) -> {
                    held.say("can't be looked at: " + error.message());
                    silentSince = silentSince.or(() -> Optional.of(now));
                }
                case BatchAnswer.Blocked<RemoteBatch>(String problem) -> {
                    held.block(problem);
                    return Optional.empty();
                }
            }
            if (held.lane().endsForGood()
                    && silence(silentSince).compareTo(BatchCourse.RECALL_TIME) >= 0) {
                // It goes on there without us; the next run asks again.
                return Optional.empty();
            }
            if (held.lane().isRecalled() && !cancelled) {
                cancelled =
                        waits.away(() -> held.api(shard).cancel(running.batchId()))
                                instanceof BatchAnswer.Given<RemoteBatch>;
                waits.pace().reset();
            }
            waits.pause(
                    silentSince.isPresent()
                            ? waits.pace().afterFailure(Optional.empty())
                            : untilNextLook());
        }
    }

    private boolean readEarly(
            BatchShard shard, BatchTag tag, RemoteBatch.Counts counts, List<ResultFile> files)
            throws InterruptedException {
        return early.read(
                tag,
                counts,
                files,
                () -> held.judge(shard, tag, false),
                (file, into) ->
                        waits.transfer(
                                () -> held.api(shard).download(file, into.length(), into.out())));
    }

    private Duration silence(Optional<Instant> since) {
        return since.map(at -> Duration.between(at, held.around().clock().instant()))
                .orElse(Duration.ZERO);
    }

    private Duration untilNextLook() {
        Duration usual = waits.pace().next();
        if (held.lane().isRecalled()) {
            return usual;
        }
        return held.lane()
                .crossing()
                .map(at -> Duration.between(held.around().clock().instant(), at))
                .filter(left -> !left.isNegative())
                .map(left -> Waits.shorter(left, usual))
                .orElse(usual);
    }

    /** How a batch that runs goes, in words. */
    static String progress(String status, RemoteBatch.Counts counts) {
        return counts.total() == 0
                ? status
                : "%s, %,d of %,d done"
                        .formatted(status, counts.completed() + counts.failed(), counts.total());
    }

    /** What is not as it should be about an end, in words. */
    static Optional<String> problem(RemoteBatch.End end) {
        return switch (end) {
            case RemoteBatch.End.Completed completed -> Optional.empty();
            case RemoteBatch.End.Expired expired -> Optional.of("it expired");
            case RemoteBatch.End.Cancelled cancelled -> Optional.of("it was cancelled");
            case RemoteBatch.End.Invalid(List<InputProblem> problems) ->
                    Optional.of(
                            problems.isEmpty()
                                    ? "its input is invalid"
                                    : problems.getFirst().error().message());
            case RemoteBatch.End.QueueFull(ItemError error, var limit) ->
                    Optional.of(error.message());
            case RemoteBatch.End.NotOffered(ItemError error) -> Optional.of(error.message());
            case RemoteBatch.End.Blocked(String problem) -> Optional.of(problem);
            case RemoteBatch.End.Failed(ItemError error) -> Optional.of(error.message());
        };
    }

    private Optional<BatchShard> ended(
            BatchShard shard,
            BatchState.Running running,
            RemoteBatch.End end,
            List<ResultFile> files)
            throws InterruptedException {
        return switch (end) {
            case RemoteBatch.End.Completed completed ->
                    over(shard, running, Harvest.COMPLETED, files);
            case RemoteBatch.End.Expired expired -> over(shard, running, "expired", files);
            case RemoteBatch.End.Cancelled cancelled -> over(shard, running, "cancelled", files);
            case RemoteBatch.End.Failed(ItemError error) ->
                    over(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.Invalid(List<InputProblem> problems) -> {
                ItemError error =
                        problems.isEmpty()
                                ? new ItemError("invalid_batch", "no reason was given")
                                : problems.getFirst().error();
                yield files.isEmpty()
                        ? refusal.refused(shard, running.tag(), error, problems)
                        : over(shard, running, "failed: " + error.message(), files);
            }
            case RemoteBatch.End.QueueFull(ItemError error, Optional<Long> limit) ->
                    files.isEmpty()
                            ? queueFull(shard, error, limit)
                            : over(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.NotOffered(ItemError error) ->
                    files.isEmpty()
                            ? notOffered(shard, error.message())
                            : over(shard, running, "failed: " + error.message(), files);
            case RemoteBatch.End.Blocked(String problem) ->
                    files.isEmpty()
                            ? retreat.blocked(shard, problem)
                            : blocked(shard, running, problem, files);
        };
    }

    private Optional<BatchShard> over(
            BatchShard shard, BatchState.Running running, String end, List<ResultFile> files) {
        BatchShard over =
                held.commit(
                        shard.in(
                                new BatchState.Ended(
                                        running.tag(),
                                        running.batchId(),
                                        end,
                                        files.stream().map(ResultFile::reference).toList())));
        held.event("batch over", "%s %s".formatted(running.batchId(), end));
        return Optional.of(over);
    }

    private Optional<BatchShard> blocked(
            BatchShard shard, BatchState.Running running, String problem, List<ResultFile> files) {
        Optional<BatchShard> over = over(shard, running, "failed: " + problem, files);
        held.block(problem);
        return over;
    }

    private Optional<BatchShard> queueFull(BatchShard shard, ItemError error, Optional<Long> limit)
            throws InterruptedException {
        limit.ifPresent(
                tokens ->
                        held.lane()
                                .learnQueueLimit(HeldBatch.target(shard), shard.account(), tokens));
        BatchShard planned = retreat.unsent(shard);
        held.say("waits, because the provider's queue is full: " + error.message());
        queueRefusals++;
        if (queueRefusals > 1 && held.lane().turns().isEmpty(shard) && held.left().size() > 1) {
            // Nothing of ours is before it: it is larger than what the provider leaves us.
            return retreat.halve(planned);
        }
        waits.pause(queueWait());
        return Optional.of(planned);
    }

    private Duration queueWait() {
        Duration first = waits.pace().next();
        long factor = 1L << Math.min(queueRefusals - 1, 10);
        return Waits.shorter(first.multipliedBy(factor), LONGEST_QUEUE_WAIT);
    }

    private Optional<BatchShard> notOffered(BatchShard shard, String reason) {
        held.lane().notOffered(HeldBatch.target(shard), reason);
        if (held.around().job().spec().mode() == Mode.BATCH) {
            held.block(
                    "%s takes no batches of %s: %s. Nothing was executed; run the same command with --mode auto or --mode live."
                            .formatted(shard.provider(), shard.model(), reason));
        }
        return retreat.recalled(shard);
    }
}
