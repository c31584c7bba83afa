package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.ItemError;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.InputProblem;
import dev.batchwright.provider.RemoteBatch;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * States Uploading and Creating: the input goes up, and the call goes out that costs money. It is
 * made only in state Creating, which is committed before, and only while it is certain that no
 * batch exists ({@link Absence}); an answer that says nothing ends that, and leaves the rest to
 * {@link BatchSearch}.
 *
 * <p>A crash while Uploading leaves at most a file that no batch names: it is uploaded again. A
 * crash while Creating leaves a batch that may exist: it is looked for. Costs one upload and one
 * call a batch, more only where the provider certainly did nothing. For the thread of one course.
 */
final class Creation {
    /** Refusals of a create call that may pass, before the input is uploaded anew. */
    private static final int MOST_REFUSALS = 30;

    private static final String JSON_LINES = "application/jsonl";

    private final HeldBatch held;
    private final CourseInput input;
    private final Waits waits;
    private final Absence absence;
    private final Retreat retreat;
    private final Refusal refusal;
    private Optional<Instant> unreachableSince = Optional.empty();
    private int refusals;

    Creation(
            HeldBatch held,
            CourseInput input,
            Waits waits,
            Absence absence,
            Retreat retreat,
            Refusal refusal) {
        this.held = held;
        this.input = input;
        this.waits = waits;
        this.absence = absence;
        this.retreat = retreat;
        this.refusal = refusal;
    }

    Optional<BatchShard> upload(BatchShard shard, BatchTag tag) throws InterruptedException {
        Spool written = input.of(shard, tag);
        while (true) {
            if (held.lane().isRecalled()) {
                return retreat.recalled(shard);
            }
            switch (uploadOnce(shard, tag, written)) {
                case BatchAnswer.Given<String>(String file) -> {
                    absence.prove();
                    unreachableSince = Optional.empty();
                    return enter(shard, tag, file);
                }
                case BatchAnswer.Later<String> later -> {
                    held.say("the upload must wait: " + later.error().message());
                    if (isGone(later.error())) {
                        return retreat.blocked(shard, later.error().message());
                    }
                    waits.pause(waits.pace().afterFailure(later.retryAfter()));
                }
                case BatchAnswer.Unknown<String> unknown -> {
                    held.say("the upload is tried again: " + unknown.error().message());
                    waits.pause(waits.pace().afterFailure(unknown.retryAfter()));
                }
                case BatchAnswer.Missing<String>(ItemError error) -> {
                    return refusal.refused(shard, tag, error, List.of());
                }
                case BatchAnswer.Refused<String>(ItemError error, List<InputProblem> problems) -> {
                    return refusal.refused(shard, tag, error, problems);
                }
                case BatchAnswer.Blocked<String>(String problem) -> {
                    return retreat.blocked(shard, problem);
                }
            }
        }
    }

    /** Its turn came before the upload, which took time: another job may have filled the queue. */
    private Optional<BatchShard> enter(BatchShard shard, BatchTag tag, String file)
            throws InterruptedException {
        while (true) {
            if (held.lane().isRecalled()) {
                return retreat.recalled(shard);
            }
            long departures = held.lane().departures().times();
            BatchShard creating =
                    shard.in(new BatchState.Creating(tag, file, held.around().clock().instant()));
            if (held.enqueue(creating)) {
                return Optional.of(creating);
            }
            held.say(QueueTurns.WAITS);
            waits.forDeparture(departures);
        }
    }

    private BatchAnswer<String> uploadOnce(BatchShard shard, BatchTag tag, Spool written)
            throws InterruptedException {
        return waits.transfer(
                () -> held.api(shard).upload(input.order(shard, tag), written.body(JSON_LINES)));
    }

    /**
     * Whether the provider can't be reached for so long that a person should know. Nothing is lost
     * by stopping before the upload; a batch that runs is asked for however long its provider is
     * away.
     */
    private boolean isGone(ItemError error) {
        if (!error.code().equals(BatchAnswer.UNREACHABLE)) {
            unreachableSince = Optional.empty();
            return false;
        }
        Instant now = held.around().clock().instant();
        Instant since = unreachableSince.orElse(now);
        unreachableSince = Optional.of(since);
        return Duration.between(since, now).compareTo(Reachability.PATIENCE) >= 0;
    }

    /** Makes the call; to be called only while it is certain that no batch exists. */
    Optional<BatchShard> create(BatchShard shard, BatchState.Creating creating)
            throws InterruptedException {
        if (held.lane().isRecalled()) {
            return retreat.recalled(shard);
        }
        BatchInput content =
                creating.inputFile().isEmpty()
                        ? new BatchInput.Inline(
                                input.of(shard, creating.tag()).body("application/json"))
                        : new BatchInput.Uploaded(creating.inputFile());
        held.around().leases().await(held.lease());
        absence.doubt();
        return created(shard, creating, content);
    }

    private Optional<BatchShard> created(
            BatchShard shard, BatchState.Creating creating, BatchInput content)
            throws InterruptedException {
        switch (held.api(shard).create(input.order(shard, creating.tag()), content)) {
            case BatchAnswer.Given<RemoteBatch>(RemoteBatch batch) -> {
                return Optional.of(found(shard, creating.tag(), batch.id()));
            }
            case BatchAnswer.Later<RemoteBatch> later -> {
                absence.prove();
                return createLater(shard, later);
            }
            case BatchAnswer.Missing<RemoteBatch>(ItemError error) -> {
                absence.prove();
                return createLater(shard, new BatchAnswer.Later<>(error, Optional.empty(), false));
            }
            case BatchAnswer.Unknown<RemoteBatch> unknown -> {
                held.say("may or may not have been created: " + unknown.error().message());
                absence.doubtSince(held.around().clock().instant());
                return Optional.of(shard);
            }
            case BatchAnswer.Refused<RemoteBatch>(ItemError error, List<InputProblem> problems) -> {
                return refusal.refused(shard, creating.tag(), error, problems);
            }
            case BatchAnswer.Blocked<RemoteBatch>(String problem) -> {
                return retreat.blocked(shard, problem);
            }
        }
    }

    private Optional<BatchShard> createLater(BatchShard shard, BatchAnswer.Later<RemoteBatch> later)
            throws InterruptedException {
        refusals++;
        String word = "must wait to be created: " + later.error().message();
        if (later.queueFull() || refusals % MOST_REFUSALS == 0) {
            // Its input may have been lost, or others may fit into the queue.
            BatchShard planned = retreat.unsent(shard);
            held.say(word);
            waits.pause(waits.pace().afterFailure(later.retryAfter()));
            return Optional.of(planned);
        }
        held.say(word);
        waits.pause(waits.pace().afterFailure(later.retryAfter()));
        return held.lane().isRecalled() ? retreat.recalled(shard) : Optional.of(shard);
    }

    /** The provider has it, under this id. */
    BatchShard found(BatchShard shard, BatchTag tag, String batchId) {
        input.drop();
        waits.pace().reset();
        BatchShard running =
                held.commit(
                        shard.in(
                                new BatchState.Running(
                                        tag, batchId, held.around().clock().instant())));
        held.event(
                "batch created",
                "%s at %s, %,d requests"
                        .formatted(
                                batchId, shard.provider(), held.lease().shard().members().size()));
        return running;
    }
}
