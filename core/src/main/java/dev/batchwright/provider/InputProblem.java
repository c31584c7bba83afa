package dev.batchwright.provider;

import dev.batchwright.job.ItemError;

import java.util.Optional;

/**
 * What a provider finds wrong with a line of a batch's input.
 *
 * @param line from 1, where it is told by number
 * @param wireId the line's own id, where it is told by that
 */
public record InputProblem(Optional<Long> line, Optional<String> wireId, ItemError error) {}
