package dev.batchwright.job;

/**
 * Why an item failed: a code for programs ({@code timeout}, {@code context_length_exceeded}) and a
 * sentence for people. Holds nothing of the prompt or the reply.
 *
 * @param code for programs; the provider's where it has one
 * @param message for people
 */
public record ItemError(String code, String message) {}
