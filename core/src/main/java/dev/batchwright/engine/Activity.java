package dev.batchwright.engine;

/**
 * What a run is doing at this moment and has met so far.
 *
 * @param open items of the live lane read from the store, without an outcome yet
 * @param calls calls under way
 * @param attempts calls made
 * @param throttled calls answered "too fast"
 * @param retried calls that had to be made again for another reason
 * @param batches batches that this run prepares, waits for or reads
 */
public record Activity(
        int open, int calls, long attempts, long throttled, long retried, int batches) {}
