package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;

/**
 * What the index keeps of an outcome's line.
 *
 * @param status of the reply; 0 where there was none
 * @param form how the answer lies there
 * @param answerOffset where the answer of {@link StoredResult} lies in the segment
 */
record IndexedOutcome(
        long seq,
        long shard,
        long epoch,
        boolean succeeded,
        int status,
        int attempts,
        Usage usage,
        Cost cost,
        long lineOffset,
        int lineLength,
        AnswerForm form,
        long answerOffset,
        int answerLength) {

    long end() {
        return lineOffset + lineLength;
    }
}
