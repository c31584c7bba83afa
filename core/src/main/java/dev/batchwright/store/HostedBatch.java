package dev.batchwright.store;

import dev.batchwright.job.JobId;
import dev.batchwright.job.Mode;
import dev.batchwright.job.RawJson;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A batch that a user created at our Batch API. It becomes one job; where it is:
 *
 * <pre>
 * VALIDATING -> FAILED                                      its input is refused
 * VALIDATING -> IN_PROGRESS -> FINALIZING -> COMPLETED
 *               IN_PROGRESS -> FINALIZING -> EXPIRED        its window is over
 * VALIDATING, IN_PROGRESS -> CANCELLING -> CANCELLED
 * </pre>
 *
 * One process at a time, its keeper, takes it from one to the next; anybody may cancel it. What
 * follows from what is decided here, by the methods that give the batch as it is next.
 *
 * @param job that it became; empty before its input was read, or if nothing in it could be sent
 * @param outputFile where good answers go; written from the time that it is named
 * @param errorFile where the others go
 * @param model that its requests name, or that answered
 * @param errors what is wrong with it, as the API's list of errors; of one in progress, what keeps
 *     it from going on
 */
public record HostedBatch(
        String id,
        String owner,
        Order order,
        Status status,
        Optional<JobId> job,
        Optional<String> outputFile,
        Optional<String> errorFile,
        Optional<String> model,
        Counts counts,
        Optional<TokenSums> usage,
        Optional<RawJson> errors,
        Times times) {

    /** The words of the API. */
    public enum Status {
        VALIDATING("validating", false),
        IN_PROGRESS("in_progress", false),
        FINALIZING("finalizing", false),
        COMPLETED("completed", true),
        FAILED("failed", true),
        EXPIRED("expired", true),
        CANCELLING("cancelling", false),
        CANCELLED("cancelled", true);

        private final String word;
        private final boolean over;

        Status(String word, boolean over) {
            this.word = word;
            this.over = over;
        }

        public String word() {
            return word;
        }

        public boolean isOver() {
            return over;
        }
    }

    /** Whose API it was created with. */
    public enum Form {
        OPENAI,
        MESSAGES
    }

    /** How results are written. */
    public enum Layout {
        /** Good answers and others in two files, at the end, in input order. */
        APART,
        /** The same as they come; the files are shown while the batch runs. */
        EARLY,
        /** All in one file as they come. */
        MERGED;

        /** The layout of a name. */
        public static Optional<Layout> named(String name) {
            return switch (name) {
                case "apart" -> Optional.of(APART);
                case "early" -> Optional.of(EARLY);
                case "merged" -> Optional.of(MERGED);
                default -> Optional.empty();
            };
        }
    }

    /**
     * What was asked for.
     *
     * @param window how long it may take, as it was written
     * @param metadata the user's own pairs, as a JSON object; empty where none were given
     * @param outputLifetime how long its files stay once it is over; empty: as long as is usual
     * @param mode which lanes it may take; empty: those that the server takes
     */
    public record Order(
            Form form,
            String inputFile,
            String endpoint,
            String window,
            Optional<RawJson> metadata,
            Optional<Duration> outputLifetime,
            Layout layout,
            Optional<Mode> mode) {}

    /**
     * What became of its requests.
     *
     * @param failed those that have an outcome which is no good answer
     * @param expired those that the end of the window left without one
     * @param cancelled those that a cancellation left without one
     */
    public record Counts(long total, long completed, long failed, long expired, long cancelled) {
        public static final Counts NONE = new Counts(0, 0, 0, 0, 0);

        /** Of which nothing is known yet but how many are refused. */
        public static Counts of(long total, long refused) {
            return new Counts(total, 0, refused, 0, 0);
        }

        public long pending() {
            return total - completed - failed - expired - cancelled;
        }
    }

    /** Tokens of the good answers. */
    public record TokenSums(long input, long cached, long output, long reasoning) {
        public static final TokenSums NONE = new TokenSums(0, 0, 0, 0);

        public TokenSums plus(TokenSums other) {
            return new TokenSums(
                    input + other.input,
                    cached + other.cached,
                    output + other.output,
                    reasoning + other.reasoning);
        }
    }

    /**
     * @param expires when its window is over
     * @param ended when it came to whichever end
     */
    public record Times(
            Instant created,
            Instant expires,
            Optional<Instant> inProgress,
            Optional<Instant> finalizing,
            Optional<Instant> cancelling,
            Optional<Instant> ended) {}

    /**
     * How it ended.
     *
     * @param outputFile empty where it holds nothing, and then it is not kept
     */
    public record Ending(
            Status status,
            Counts counts,
            Optional<TokenSums> usage,
            Optional<String> model,
            Optional<String> outputFile,
            Optional<String> errorFile) {}

    /** Whether a cancellation still changes anything. */
    public boolean canBeCancelled() {
        return status == Status.VALIDATING || status == Status.IN_PROGRESS;
    }

    /** Its input was read, and is a job now. A cancellation that came meanwhile stays. */
    public HostedBatch loaded(
            Optional<JobId> itsJob, Counts itsCounts, Optional<String> itsModel, Instant now) {
        boolean goesOn = status == Status.VALIDATING;
        return new HostedBatch(
                id,
                owner,
                order,
                goesOn ? Status.IN_PROGRESS : status,
                itsJob,
                outputFile,
                errorFile,
                itsModel,
                itsCounts,
                usage,
                errors,
                goesOn
                        ? new Times(
                                times.created,
                                times.expires,
                                Optional.of(now),
                                times.finalizing,
                                times.cancelling,
                                times.ended)
                        : times);
    }

    /** Its input is refused. */
    public HostedBatch failed(RawJson why, Instant now) {
        return new HostedBatch(
                id,
                owner,
                order,
                status == Status.CANCELLING ? Status.CANCELLED : Status.FAILED,
                job,
                Optional.empty(),
                Optional.empty(),
                model,
                Counts.NONE,
                usage,
                Optional.of(why),
                ended(now));
    }

    /** Its job was removed. */
    public HostedBatch withoutJob() {
        return new HostedBatch(
                id,
                owner,
                order,
                status,
                Optional.empty(),
                outputFile,
                errorFile,
                model,
                counts,
                usage,
                errors,
                times);
    }

    /** What keeps it from going on; empty: nothing does. */
    public HostedBatch noted(Optional<RawJson> problem) {
        return new HostedBatch(
                id,
                owner,
                order,
                status,
                job,
                outputFile,
                errorFile,
                model,
                counts,
                usage,
                problem,
                times);
    }

    public HostedBatch writing(String output, Optional<String> error) {
        return new HostedBatch(
                id,
                owner,
                order,
                status,
                job,
                Optional.of(output),
                error,
                model,
                counts,
                usage,
                errors,
                times);
    }

    /** What is left to do is writing its results. */
    public HostedBatch finalizing(Instant now) {
        if (status != Status.IN_PROGRESS) {
            return this;
        }
        return new HostedBatch(
                id,
                owner,
                order,
                Status.FINALIZING,
                job,
                outputFile,
                errorFile,
                model,
                counts,
                usage,
                errors,
                new Times(
                        times.created,
                        times.expires,
                        times.inProgress,
                        Optional.of(now),
                        times.cancelling,
                        times.ended));
    }

    /** Its user wants no more of it. */
    public HostedBatch cancelling(Instant now) {
        if (!canBeCancelled()) {
            return this;
        }
        return new HostedBatch(
                id,
                owner,
                order,
                Status.CANCELLING,
                job,
                outputFile,
                errorFile,
                model,
                counts,
                usage,
                errors,
                new Times(
                        times.created,
                        times.expires,
                        times.inProgress,
                        times.finalizing,
                        Optional.of(now),
                        times.ended));
    }

    public HostedBatch ended(Ending ending, Instant now) {
        return new HostedBatch(
                id,
                owner,
                order,
                ending.status,
                job,
                ending.outputFile,
                ending.errorFile,
                ending.model,
                ending.counts,
                ending.usage,
                Optional.empty(),
                ended(now));
    }

    private Times ended(Instant now) {
        return new Times(
                times.created,
                times.expires,
                times.inProgress,
                times.finalizing,
                times.cancelling,
                Optional.of(now));
    }
}
