package dev.batchwright.provider;

import dev.batchwright.job.Request;

import java.time.Duration;

/** Calls made now, one by one. */
public interface LiveApi {
    /**
     * Sends the request once and waits for the whole answer. Never retries, and turns every answer,
     * broken connection and timeout into data; which status means what is decided here and nowhere
     * else.
     *
     * @param timeout from the first byte sent to the last byte read
     * @throws InterruptedException if the calling thread is interrupted; the call is then abandoned
     */
    AttemptOutcome send(Request request, Duration timeout) throws InterruptedException;
}
