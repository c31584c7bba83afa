package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.ItemError;
import dev.batchwright.provider.BatchAnswer;
import dev.batchwright.provider.BatchInput;
import dev.batchwright.provider.RemoteBatch;
import dev.batchwright.provider.Search;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * State Creating, in doubt: the answer to the create call is lost, or the process was, and the
 * batch is looked for by its tag. Found, it is gone on with. Not shown for as long as the provider
 * may need to show it, it was never created, and may be created again, under the same tag and not
 * often. Where neither can be had, the shard goes into quarantine.
 *
 * <p>A crash leaves the doubt, and the next run begins the search anew. Costs some calls that are
 * free, a few minutes apart. For the thread of one course.
 */
final class BatchSearch {
    /** Batches that were looked for in vain and created again, before a person must look. */
    private static final int MOST_CREATIONS = 3;

    /** How long a batch is looked for in a list that can't be read. */
    private static final Duration SEARCH_TIME = BatchCourse.PATIENCE;

    private final HeldBatch held;
    private final CourseInput input;
    private final Waits waits;
    private final Absence absence;
    private final Creation creation;
    private final Retreat retreat;
    private Optional<Instant> unansweredSince = Optional.empty();
    private int creations;

    BatchSearch(
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

    Optional<BatchShard> look(BatchShard shard, BatchState.Creating creating)
            throws InterruptedException {
        Instant looked = held.around().clock().instant();
        Instant doubted = absence.doubtedSince(looked);
        BatchAnswer<Search> answer = find(shard, creating);
        if (answer instanceof BatchAnswer.Given) {
            unansweredSince = Optional.empty();
        }
        switch (answer) {
            case BatchAnswer.Given<Search>(Search.Found(RemoteBatch batch)) -> {
                return Optional.of(creation.found(shard, creating.tag(), batch.id()));
            }
            case BatchAnswer.Given<Search>(Search.NotShown notShown) -> {
                return notShown(shard, creating, Duration.between(doubted, looked));
            }
            case BatchAnswer.Given<Search>(Search.Perhaps(List<String> ids)) -> {
                held.say("may be one of %s; their results will tell".formatted(ids));
                Duration window = held.offered(shard).window();
                if (looked.isAfter(doubted.plus(window).plus(SEARCH_TIME))) {
                    return quarantine(
                            shard,
                            creating,
                            "it may be one of %s, whose results don't tell".formatted(ids));
                }
                waits.pause(waits.pace().next());
                return Optional.of(shard);
            }
            case BatchAnswer.Later<Search> later -> {
                return lookLater(shard, creating, later.error(), later.retryAfter());
            }
            case BatchAnswer.Unknown<Search> unknown -> {
                return lookLater(shard, creating, unknown.error(), unknown.retryAfter());
            }
            case BatchAnswer.Missing<Search>(ItemError error) -> {
                return quarantine(shard, creating, error.message());
            }
            case BatchAnswer.Refused<Search>(ItemError error, var problems) -> {
                return quarantine(shard, creating, error.message());
            }
            case BatchAnswer.Blocked<Search>(String problem) -> {
                held.block(problem);
                return Optional.empty();
            }
        }
    }

    private BatchAnswer<Search> find(BatchShard shard, BatchState.Creating creating)
            throws InterruptedException {
        return waits.away(
                () ->
                        held.api(shard)
                                .find(
                                        input.order(shard, creating.tag()),
                                        new BatchInput.Uploaded(creating.inputFile()),
                                        creating.since()));
    }

    private Optional<BatchShard> notShown(
            BatchShard shard, BatchState.Creating creating, Duration doubted)
            throws InterruptedException {
        Duration lag = held.route(shard).lag().orElseGet(() -> held.offered(shard).lag());
        if (doubted.compareTo(lag) < 0) {
            held.say("is looked for at the provider");
            waits.pause(Waits.shorter(lag.dividedBy(4), waits.pace().next()));
            return Optional.of(shard);
        }
        // The provider had the time to show it, and does not: it was never created.
        if (held.lane().isRecalled()) {
            return retreat.recalled(shard);
        }
        creations++;
        if (creations >= MOST_CREATIONS) {
            return quarantine(
                    shard, creating, "the answers to %d calls were lost".formatted(creations));
        }
        // Under the same state: its time tells how far back a later search must go.
        absence.prove();
        return Optional.of(shard);
    }

    private Optional<BatchShard> lookLater(
            BatchShard shard,
            BatchState.Creating creating,
            ItemError error,
            Optional<Duration> retryAfter)
            throws InterruptedException {
        held.say("can't be looked for: " + error.message());
        Instant now = held.around().clock().instant();
        Instant since = unansweredSince.orElse(now);
        unansweredSince = Optional.of(since);
        Duration silence = Duration.between(since, now);
        // Where nobody is there to be asked, that says nothing of the batch.
        boolean isThere = !error.code().equals(BatchAnswer.UNREACHABLE);
        if (isThere && silence.compareTo(SEARCH_TIME) >= 0) {
            return quarantine(shard, creating, error.message());
        }
        // Once it is called back, not for ever: the next run goes on from here.
        if (held.lane().endsForGood() && silence.compareTo(BatchCourse.RECALL_TIME) >= 0) {
            return Optional.empty();
        }
        waits.pause(waits.pace().afterFailure(retryAfter));
        return Optional.of(shard);
    }

    private Optional<BatchShard> quarantine(
            BatchShard shard, BatchState.Creating creating, String why) {
        held.quarantine(shard, creating.tag(), why);
        return Optional.empty();
    }
}
