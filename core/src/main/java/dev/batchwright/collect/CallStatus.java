package dev.batchwright.collect;

import dev.batchwright.job.JobId;
import dev.batchwright.job.JobState;

/** What is known of a call that was accepted. */
public sealed interface CallStatus {
    /** There is none of this id, or it is another's, or its time is over. */
    record Unknown() implements CallStatus {}

    /** Its answer is not there yet. */
    record UnderWay(JobId job) implements CallStatus {}

    /** Its job ended without it; the same call made again is a new one. */
    record Ended(JobId job, JobState state) implements CallStatus {}

    /** It is here; an error, too, is an answer. */
    record Answered(CollectedAnswer answer) implements CallStatus {}
}
