package dev.batchwright;

import dev.batchwright.job.JobId;

import java.util.stream.IntStream;

/** How many answers each item of a round had before it, by its place: four bytes an item. */
final class AnswerCounts {
    private final JobId round;
    private final int[] counts;

    /**
     * @param counts in the order of the round's items
     */
    AnswerCounts(JobId round, IntStream counts) {
        this.round = round;
        this.counts = counts.toArray();
    }

    JobId round() {
        return round;
    }

    /** The answers of the item at a place in the round, from 1. */
    int before(long place) {
        return counts[Math.toIntExact(place - 1)];
    }
}
