package dev.batchwright.simulator.bill;

/**
 * What happened to one distinct request.
 *
 * @param attempts how often it arrived live, valid, at an endpoint that is paid
 * @param executed how often it was run live and answered in full
 * @param spoiled how often it was run live without a full answer, by a fault or because the client
 *     had left
 * @param inBatches how often it was executed as a row of a batch
 */
public record RequestCount(int attempts, int executed, int spoiled, int inBatches) {
    /** A request that was in no batch. */
    public RequestCount(int attempts, int executed, int spoiled) {
        this(attempts, executed, spoiled, 0);
    }
}
