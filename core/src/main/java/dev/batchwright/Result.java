package dev.batchwright;

import dev.batchwright.job.ItemError;

import java.util.Optional;

/**
 * What became of one item.
 *
 * @param <T> what its answer is read as
 */
public sealed interface Result<T> {
    /** {@return the id of its request} */
    String customId();

    /** {@return what the provider answered, in the end; empty where it never did} */
    Optional<Answer> reply();

    /**
     * {@return the value}
     *
     * @throws AnswerException if there is none
     */
    T orThrow();

    /**
     * It was answered, and the answer could be read.
     *
     * @param <T> what its answer is read as
     * @param customId the id of its request
     * @param value what its answer was read as
     * @param answer all that the provider said
     */
    record Succeeded<T>(String customId, T value, Answer answer) implements Result<T> {
        @Override
        public Optional<Answer> reply() {
            return Optional.of(answer);
        }

        @Override
        public T orThrow() {
            return value;
        }
    }

    /**
     * It has no value. The codes are the provider's, and ours: {@code timeout}, {@code
     * not_executed} where the job ended before it, {@code invalid_answer} where the answer does not
     * fit the type: then the reply has what was paid for.
     *
     * @param <T> what its answer would be read as
     * @param customId the id of its request
     * @param error why it has no value
     * @param reply what the provider answered, if it did
     */
    record Failed<T>(String customId, ItemError error, Optional<Answer> reply)
            implements Result<T> {
        @Override
        public T orThrow() {
            throw new AnswerException(customId, error);
        }
    }
}
