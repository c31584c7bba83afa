package dev.batchwright.simulator.quirk;

import dev.batchwright.simulator.wire.BatchRoute;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/** One odd way of a batch API. {@link QuirkRule} has the table of what each does. */
public sealed interface Quirk {
    /** Strikes a call of one kind. */
    sealed interface OfCall extends Quirk {
        BatchRoute.Kind call();
    }

    /** Answered with this status and not done; for a time from the first such answer, if given. */
    record CallFails(BatchRoute.Kind call, int status, Optional<Duration> span) implements OfCall {}

    /** Done, and answered with 500. */
    record CallDoneFails(BatchRoute.Kind call) implements OfCall {}

    /** Done, and the connection reset before the answer. */
    record CallLost(BatchRoute.Kind call) implements OfCall {}

    /** Strikes a download. */
    sealed interface OfDownload extends Quirk {}

    /** Sent to another address, which must not be given the key. */
    record Redirect() implements OfDownload {}

    /** Ends the connection after this share of the bytes. */
    record Cut(double share) implements OfDownload {}

    /** Takes this real time. */
    record Slow(Duration span) implements OfDownload {}

    /** Strikes an uploaded file: it can't be found for this time. */
    record UploadLag(Duration span) implements Quirk {}

    /** Strikes a batch, decided when it is created. */
    sealed interface OfBatch extends Quirk {}

    /** Can't be found for this time. */
    record CreateLag(Duration span) implements OfBatch {}

    /** Stays in validation for this time, or for ever. */
    record Stuck(Optional<Duration> span) implements OfBatch {}

    /** Expires with this share of its rows done. */
    record Expire(double share) implements OfBatch {}

    /** Fails as a whole when it is validated, for the sake of a line if one is named. */
    record Fail(String code, OptionalLong line) implements OfBatch {}

    /** Fails as a whole when it is half done. */
    record FailLate(String code) implements OfBatch {}

    /** Its rows come back in another order. */
    record Reorder() implements OfBatch {}

    /** The id of the error file is "" if there is none. */
    record EmptyErrorId() implements OfBatch {}

    /** It has an error file of no bytes if nothing failed. */
    record EmptyErrorFile() implements OfBatch {}

    /** Every second look shows half of the rows that are done. */
    record CountsBack() implements OfBatch {}

    /** The counts are those of this time ago, until it ends. */
    record CountsLag(Duration span) implements OfBatch {}

    /** To cancel it finds it completed. */
    record CancelLate() implements OfBatch {}

    /** To cancel it loses so many finished rows. */
    record CancelLoses(int rows) implements OfBatch {}

    /** While it runs, its status is a word that nobody knows. */
    record Status(String word) implements OfBatch {}

    /** Strikes a row of a batch. */
    sealed interface OfRow extends Quirk {}

    /** Is not executed, and ends with this status. */
    record RowFails(int status) implements OfRow {}

    /** Is executed, and in no file. */
    record RowMissing() implements OfRow {}

    /** Is executed once, and there twice. */
    record RowTwice() implements OfRow {}

    /** Is followed by one that nobody asked for. */
    record RowUnknown() implements OfRow {}

    /** Is executed, and only its first half is there. */
    record RowGarbled() implements OfRow {}

    /** Is followed by a blank line. */
    record RowBlank() implements OfRow {}
}
