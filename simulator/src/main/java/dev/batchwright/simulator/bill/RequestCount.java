package dev.batchwright.simulator.bill;

/**
 * What happened to one distinct request.
 *
 * @param attempts how often it arrived, valid, at an endpoint that is paid
 * @param executed how often it was run and answered in full
 * @param spoiled how often it was run without a full answer, by a fault or because the client had
 *     left
 */
public record RequestCount(int attempts, int executed, int spoiled) {}
