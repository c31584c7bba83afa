package dev.batchwright.engine;

import dev.batchwright.job.BatchShard;
import dev.batchwright.job.BatchState;
import dev.batchwright.job.BatchTag;
import dev.batchwright.job.Lease;
import dev.batchwright.store.LeaseLostException;

import java.time.Duration;
import java.util.Optional;

/**
 * Takes one shard of the batch lane from state to state, by one thread, until nothing is left to do
 * for it in this run. The states and what a restart does in each are told at {@link BatchState};
 * each step commits before the next begins, and each has a class of its own:
 *
 * <pre>
 * Planned             {@link Departure}    its turn, its budget, its input
 * Uploading           {@link Creation}     the upload
 * Creating            {@link Creation}     the call, while it is certain that no batch exists
 *                     {@link BatchSearch}  the search, while it is not
 * Running             {@link Following}    polled until it is over
 * Ended               {@link Harvest}      downloaded, indexed, what is left handed on
 * Quarantined         a person's turn
 * any of them, back   {@link Retreat}, {@link Refusal}
 * </pre>
 *
 * Two rules keep a batch from being paid twice:
 *
 * <ul>
 *   <li>The state Creating, with the tag, is committed before the call that creates; the call is
 *       made again only after an answer by which the provider certainly did nothing.
 *   <li>Where the answer to that call is lost, or the process was, the batch is looked for by its
 *       tag, until it is found or the provider has had the time to show it. Where neither can be
 *       had, the shard goes into quarantine.
 * </ul>
 */
final class BatchCourse {
    /** How long what a provider says it does not have is asked for again. */
    static final Duration PATIENCE = Duration.ofHours(1);

    /** How long a batch that was called back is waited for, if nobody answers. */
    static final Duration RECALL_TIME = Duration.ofMinutes(10);

    private final HeldBatch held;
    private final TaskScope.Mark mark;
    private final CourseInput input;
    private final Absence absence = new Absence();
    private final Departure departure;
    private final Creation creation;
    private final BatchSearch search;
    private final Following following;
    private final Harvest harvest;

    /**
     * @param mark of the thread that runs it
     */
    BatchCourse(BatchLane lane, BatchLane.Surroundings around, Lease lease, TaskScope.Mark mark) {
        this.held = new HeldBatch(lane, around, lease);
        this.mark = mark;
        var pace = new PollPace(around.job().spec().batch().pollInterval(), around.random());
        var waits = new Waits(lane, around.control(), around.clock(), pace, mark);
        this.input = new CourseInput(held, waits);
        var retreat = new Retreat(held, input, absence);
        var refusal = new Refusal(held, input, retreat);
        this.creation = new Creation(held, input, waits, absence, retreat, refusal);
        this.departure = new Departure(held, input, waits, absence, creation, retreat);
        this.search = new BatchSearch(held, input, waits, absence, creation, retreat);
        var early = new EarlyResults(held.work(), lease);
        this.following = new Following(held, waits, early, retreat, refusal);
        this.harvest = new Harvest(held, waits, early, retreat);
    }

    /** Goes on until nothing is left to do in this run. */
    void run() throws InterruptedException {
        mark.busy();
        try {
            Optional<BatchShard> next = Optional.of(held.work().read(held.lease()));
            while (next.isPresent()) {
                next = step(next.get());
            }
            held.around().worker().release(held.lease());
        } catch (LeaseLostException e) {
            // Another run has the shard now, and goes on from its last commit.
            held.around().leases().lost(held.lease());
        } finally {
            input.drop();
        }
    }

    private Optional<BatchShard> step(BatchShard shard) throws InterruptedException {
        return switch (shard.state()) {
            case BatchState.Planned planned -> departure.depart(shard);
            case BatchState.Uploading(BatchTag tag) -> creation.upload(shard, tag);
            case BatchState.Creating creating ->
                    absence.isCertain()
                            ? creation.create(shard, creating)
                            : search.look(shard, creating);
            case BatchState.Running running -> following.follow(shard, running);
            case BatchState.Ended ended -> harvest.harvest(shard, ended);
            case BatchState.Quarantined quarantined -> Optional.empty();
        };
    }
}
