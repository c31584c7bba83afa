package dev.batchwright;

import dev.batchwright.job.BatchState;
import dev.batchwright.store.StoredBatch;

import java.util.Optional;

/**
 * A batch of a job at a provider, or on its way there.
 *
 * @param provider that gets it, as in {@code openai}
 * @param id its name there, for the provider's own pages and support; empty until it is made
 * @param endpoint of its requests
 * @param model of its requests; empty where it may hold several
 * @param state where it is
 * @param items how many it has
 * @param done those of them that have an outcome
 * @param failed those of these that failed
 * @param note the last word on how it goes, for people; may be empty
 */
public record Batch(
        String provider,
        Optional<String> id,
        String endpoint,
        String model,
        State state,
        long items,
        long done,
        long failed,
        String note) {
    /** Where a batch is. */
    public enum State {
        /** Nothing was sent: it waits for its turn, or for room in the provider's queue. */
        PLANNED,
        /** It is being uploaded and made. */
        STARTING,
        /** The provider has it. */
        RUNNING,
        /** It is over there; its results are being read. */
        READING,
        /** All that it had is in the store; what it left undone travels on otherwise. */
        SETTLED,
        /** Whether it exists can't be proved: a person decides, the note says how. */
        QUARANTINED
    }

    static Batch of(StoredBatch stored) {
        BatchState at = stored.batch().state();
        return new Batch(
                stored.batch().provider(),
                id(at),
                stored.batch().endpoint(),
                stored.batch().model(),
                stored.settled() ? State.SETTLED : state(at),
                stored.items(),
                stored.finished(),
                stored.failed(),
                at instanceof BatchState.Quarantined(var tag, String problem)
                        ? problem
                        : stored.note());
    }

    private static Optional<String> id(BatchState state) {
        return switch (state) {
            case BatchState.Running running -> Optional.of(running.batchId());
            case BatchState.Ended ended -> Optional.of(ended.batchId());
            case BatchState.Planned planned -> Optional.empty();
            case BatchState.Uploading uploading -> Optional.empty();
            case BatchState.Creating creating -> Optional.empty();
            case BatchState.Quarantined quarantined -> Optional.empty();
        };
    }

    private static State state(BatchState state) {
        return switch (state) {
            case BatchState.Planned planned -> State.PLANNED;
            case BatchState.Uploading uploading -> State.STARTING;
            case BatchState.Creating creating -> State.STARTING;
            case BatchState.Running running -> State.RUNNING;
            case BatchState.Ended ended -> State.READING;
            case BatchState.Quarantined quarantined -> State.QUARANTINED;
        };
    }
}
