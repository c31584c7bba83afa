package dev.batchwright.job;

/**
 * Why an item failed: a code for programs ({@code timeout}, {@code context_length_exceeded}) and a
 * sentence for people. Holds nothing of the prompt or the reply.
 */
public record ItemError(String code, String message) {}
