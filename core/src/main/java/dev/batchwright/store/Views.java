package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Job;
import dev.batchwright.job.JobId;
import dev.batchwright.job.Lane;
import dev.batchwright.job.Progress;
import dev.batchwright.job.Usage;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What people look at: lists, sums and single items. Each answer is bounded, and what it costs does
 * not grow with the number of items of a job: sums are over shards, pages go by keys.
 */
public interface Views {
    /**
     * Jobs, the newest first; those still Loading are not shown.
     *
     * @param before where a page begins: behind this job of the page before
     */
    List<JobLine> jobs(Filter filter, Optional<JobPlace> before, int limit);

    /** How many jobs there are in each state, by its word; a state without jobs is not there. */
    Map<String, Long> jobsByState(Whose whose);

    /** How many items of Active jobs have no outcome yet. */
    long pendingItems(Whose whose);

    /** How many items each job has completed since then; those with none are not there. */
    Map<JobId, Long> completedSince(Instant then);

    /** What was counted in jobs since then, oldest first. */
    List<Stretch> history(Whose whose, Instant since, Duration width);

    /** What was counted in a job, oldest first, in so few stretches that a chart can show them. */
    History history(JobId id);

    /** Batches that are under way or wait for their turn, oldest first. */
    List<JobBatch> openBatches(Whose whose, int limit);

    /** What happened to a job, the newest first. */
    List<JobEvent> lastEvents(JobId id, int limit);

    /** What items of a job failed of, the most frequent first. */
    List<FailureGroup> failures(JobId id, int limit);

    /** Items of a job in input order, behind a place. */
    List<ItemLook> items(JobId id, ItemFilter filter, long after, int limit);

    /** An item and what became of it, whole; empty if the job has no such item. */
    Optional<StoredResult> result(JobId id, long seq);

    /** Whose jobs are looked at. */
    sealed interface Whose {
        record Everybodys() implements Whose {}

        /** Those of one owner; the empty name stands for the command line and the library. */
        record Owners(String owner) implements Whose {}
    }

    /**
     * Which jobs are listed.
     *
     * @param state its word: {@code active}, {@code blocked}, {@code stopped}, {@code cancelled} or
     *     {@code finished}; empty: all
     */
    record Filter(Whose whose, Optional<String> state) {
        public static final Filter ALL = new Filter(new Whose.Everybodys(), Optional.empty());
    }

    /** Where a job stands in the list. */
    record JobPlace(Instant createdAt, JobId id) {}

    /**
     * A job in a list.
     *
     * @param items by lane, of those lanes that have or had any
     */
    record JobLine(Job job, Progress progress, Map<Lane, Long> items) {
        public JobLine {
            items = Map.copyOf(items);
        }
    }

    /**
     * What was counted in a stretch of time, of one lane and, in the batch lane, of one model.
     *
     * @param at its begin
     * @param provider of a batch; empty in the live lane
     * @param model of a batch; empty in the live lane and where a batch has several
     */
    record Stretch(
            Instant at,
            Lane lane,
            String provider,
            String model,
            long succeeded,
            long failed,
            Usage usage,
            Cost cost) {}

    /**
     * @param width of a stretch
     */
    record History(Duration width, List<Stretch> stretches) {
        public History {
            stretches = List.copyOf(stretches);
        }
    }

    /** A batch and the job that it belongs to. */
    record JobBatch(Job job, StoredBatch batch) {}

    /**
     * Items that failed of the same.
     *
     * @param status of the replies; 0 where there was none
     * @param cause the code of the error; empty where it was counted by an earlier version
     */
    record FailureGroup(int status, String cause, long items) {}

    /** Which items are listed. */
    sealed interface ItemFilter {
        record All() implements ItemFilter {}

        record Succeeded() implements ItemFilter {}

        record Failed() implements ItemFilter {}

        /** Those of one {@link FailureGroup}. */
        record FailedOf(int status, String cause) implements ItemFilter {}

        /** Those without an outcome. */
        record Pending() implements ItemFilter {}
    }

    /**
     * An item in a list.
     *
     * @param status of the reply; 0 where there was none
     * @param cause the code of the error it failed with; empty where it did not
     * @param answerBytes how long its answer is
     */
    record ItemLook(
            long seq,
            String customId,
            String endpoint,
            String model,
            StoredResult.Kind kind,
            int status,
            String cause,
            int attempts,
            Usage usage,
            Cost cost,
            int answerBytes) {}
}
