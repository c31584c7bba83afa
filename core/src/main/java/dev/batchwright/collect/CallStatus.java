package dev.batchwright.collect;

import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;

/** What is known of a call that was accepted. */
public sealed interface CallStatus {
    /** There is none of this id, or it is another's, or its time is over. */
    record Unknown() implements CallStatus {}

    /**
     * Its answer is not there yet.
     *
     * @param job whose item will answer it
     */
    record UnderWay(JobId job) implements CallStatus {}

    /**
     * Its job ended without it; the same call made again is a new one.
     *
     * @param job whose item it was
     * @param state how the job ended
     */
    record Ended(JobId job, JobState state) implements CallStatus {}

    /**
     * It is here; an error, too, is an answer.
     *
     * @param answer as its caller gets it
     */
    record Answered(CollectedAnswer answer) implements CallStatus {}
}
