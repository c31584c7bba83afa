package dev.batchwright.input;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is wrong with the input of a batch, in the words of the Batch API.
 *
 * @param param the field that it is about
 * @param line from 1; empty where it is the file as a whole
 */
public record LineError(String code, String message, Optional<String> param, OptionalLong line) {}
