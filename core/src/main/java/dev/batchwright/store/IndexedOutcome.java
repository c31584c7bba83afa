package dev.batchwright.store;

import dev.batchwright.job.Cost;
import dev.batchwright.job.Usage;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What the index keeps of an outcome's line.
 *
 * @param status of the reply; 0 where there was none
 * @param cause the code of the error it failed with; empty where it succeeded
 * @param form how the answer lies there
 * @param answerOffset where the answer of {@link StoredResult} lies in the segment
 */
record IndexedOutcome(
        long seq,
        long shard,
        long epoch,
        boolean succeeded,
        int status,
        String cause,
        int attempts,
        Usage usage,
        Cost cost,
        long lineOffset,
        int lineLength,
        AnswerForm form,
        long answerOffset,
        int answerLength) {

    private static final int LONGEST_CAUSE = 100;
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    IndexedOutcome {
        // Most outcomes have none, and all of a million come by here.
        cause = cause.isEmpty() ? "" : column(cause);
    }

    // It is counted by and shown: what a provider says at length is in the answer. A database takes
    // neither a NUL nor half a character.
    private static String column(String cause) {
        String cut = cause.length() > LONGEST_CAUSE ? cause.substring(0, LONGEST_CAUSE) : cause;
        String printable = CONTROL.matcher(cut).replaceAll(" ");
        return new String(printable.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }

    long end() {
        return lineOffset + lineLength;
    }
}
