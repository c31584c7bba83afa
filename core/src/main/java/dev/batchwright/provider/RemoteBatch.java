package dev.batchwright.provider;

import dev.batchwright.job.ItemError;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A batch as the provider tells it at one moment.
 *
 * @param endpoint of its requests, where it is told
 * @param counts for people alone: they lag, and may go backwards
 * @param expiresAt when the provider gives it up, where it says
 */
public record RemoteBatch(
        String id,
        Optional<String> endpoint,
        Phase phase,
        Counts counts,
        Optional<Instant> expiresAt) {

    /** Where it is. A status that nobody knows is Running: it is asked for again. */
    public sealed interface Phase {
        /**
         * The provider's own word: {@code validating}, {@code in_progress}, {@code canceling} ...
         */
        record Running(String status, List<ResultFile> partial) implements Phase {
            public Running {
                partial = List.copyOf(partial);
            }
        }

        /** Over, in whatever way: what it has done is in the files. */
        record Ended(End end, List<ResultFile> files) implements Phase {
            public Ended {
                files = List.copyOf(files);
            }
        }
    }

    /** How it ended. */
    public sealed interface End {
        /** As it should, which says nothing of its items. */
        record Completed() implements End {}

        record Expired() implements End {}

        record Cancelled() implements End {}

        /** Its input was refused; nothing ran. */
        record Invalid(List<InputProblem> problems) implements End {
            public Invalid {
                problems = List.copyOf(problems);
            }
        }

        /**
         * Too much was waiting for this model already; nothing ran.
         *
         * @param limit of enqueued tokens, where the message tells it
         */
        record QueueFull(ItemError error, Optional<Long> limit) implements End {}

        /**
         * The provider has the model, or this kind of request, in no batch, or not for this
         * account: every batch of it would end so. Nothing ran.
         *
         * @param error in the provider's words
         */
        record NotOffered(ItemError error) implements End {}

        /**
         * The account is refused, whatever it sends; nothing ran.
         *
         * @param problem what happened and what to do, for the user
         */
        record Blocked(String problem) implements End {}

        /** It broke at the provider's, with whatever it had done. */
        record Failed(ItemError error) implements End {}
    }

    /** How many requests there are, are done, and have failed; 0 where it does not say. */
    public record Counts(long total, long completed, long failed) {
        public static final Counts NONE = new Counts(0, 0, 0);
    }
}
