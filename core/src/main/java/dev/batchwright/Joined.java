package dev.batchwright;

import java.util.Optional;

/**
 * An input and what became of its item.
 *
 * @param <I> the type of the input
 * @param <T> what answers are read as
 * @param input as it was given
 * @param result empty while the item has no outcome, or if the job has no item of that id
 */
public record Joined<I, T>(I input, Optional<Result<T>> result) {}
