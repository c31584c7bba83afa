package dev.batchwright.job;

import java.time.Instant;
import java.util.List;

/**
 * Where a shard of the batch lane is. Each arrow is one committed step, made by the shard's owner
 * alone, and each state says what a restart does.
 *
 * <pre>
 * Planned -> Uploading -> Creating -> Running -> Ended -> (settled: every item has its outcome or
 *    ^           |           |           |                 has moved to another shard)
 *    |           v           v           v
 *    +------- refused     not found    invalid, or its queue is full: planned again
 *                            |
 *                            v
 *                       Quarantined   can't be proved to exist or not: a person decides
 * </pre>
 */
public sealed interface BatchState {
    /** Nothing was sent. A restart begins here. */
    record Planned() implements BatchState {}

    /**
     * The input file is being uploaded under this tag. A restart uploads again: a file costs
     * nothing, and no batch names it.
     *
     * @param tag of this attempt
     */
    record Uploading(BatchTag tag) implements BatchState {}

    /**
     * The batch is being created: it may exist or not. A restart never creates before it has looked
     * for the tag, through every page, for as long as the provider's list may lag.
     *
     * @param tag of this attempt
     * @param inputFile the provider's name for the uploaded file; empty where the call carries the
     *     requests themselves
     * @param since when the first create call was about to be made
     */
    record Creating(BatchTag tag, String inputFile, Instant since) implements BatchState {}

    /**
     * The provider has it, under this id. A restart asks how far it is.
     *
     * @param tag of this attempt
     * @param batchId its name at the provider
     * @param createdAt when the provider made it
     */
    record Running(BatchTag tag, String batchId, Instant createdAt) implements BatchState {}

    /**
     * It is over there, and these are its results. A restart downloads what is not here yet and
     * reads on where the index ends.
     *
     * @param tag of this attempt
     * @param batchId its name at the provider
     * @param end how it ended, for people: {@code completed}, {@code expired}, {@code cancelled}
     *     ...
     * @param resultFiles the provider's names for them
     */
    record Ended(BatchTag tag, String batchId, String end, List<String> resultFiles)
            implements BatchState {
        /** Copies what could change. */
        public Ended {
            resultFiles = List.copyOf(resultFiles);
        }
    }

    /**
     * Whether the batch exists can't be proved. Nothing is sent until a person attaches it or sends
     * its items again; the problem says how.
     *
     * @param tag of this attempt
     * @param problem for people: what happened, and what to do
     */
    record Quarantined(BatchTag tag, String problem) implements BatchState {}
}
