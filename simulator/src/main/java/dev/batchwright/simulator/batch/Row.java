package dev.batchwright.simulator.batch;

import dev.batchwright.simulator.wire.Endpoint;

/**
 * One request of a batch.
 *
 * @param customId its name, as raw JSON, so that it is given back byte for byte
 * @param endpoint what executes it
 * @param body the raw body of the request
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Row(byte[] customId, Endpoint endpoint, byte[] body) {}
